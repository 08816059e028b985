"""Whose connection this is. A visitor proves themselves with a random secret of which only the hash is stored.

The identity's row comes with the first message: who only looks leaves nothing behind. Until then the session is
known to this process alone; after a restart such a visitor simply gets a new one, and has lost nothing.
"""

import hashlib
import secrets
from collections import OrderedDict
from dataclasses import dataclass, field

from bot.channels.web.protocol import CHANNEL
from crm_store import visitors
from crm_store.engine import Store

SECRET_BYTES = 32
KEPT_UNSPOKEN = 20_000


@dataclass(frozen=True, slots=True)
class Visitor:
    """One session: a public random address, and the secret that opens it."""

    address: str
    token: str = field(repr=False)

    @property
    def secret_hash(self) -> str:
        """What the store keeps of the secret."""
        return hashed(self.token)

    @property
    def lane(self) -> str:
        """Where this visitor's messages leave."""
        return f"{CHANNEL}:{self.address}"


def hashed(token: str) -> str:
    """SHA-256, in hex: enough for a secret of 256 random bits, which nobody can guess their way to."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def new_visitor() -> Visitor:
    """A session nobody had before."""
    return Visitor(f"w_{secrets.token_urlsafe(16)}", secrets.token_urlsafe(SECRET_BYTES))


class Sessions:
    """Gives each secret its session."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._unspoken: OrderedDict[str, Visitor] = OrderedDict()

    async def open(self, token: str | None) -> Visitor:
        """The session of this secret; a fresh one for no secret, or one that opens nothing."""
        known = await self.find(token) if token else None
        if known is not None:
            return known
        visitor = new_visitor()
        self._unspoken[visitor.secret_hash] = visitor
        if len(self._unspoken) > KEPT_UNSPOKEN:
            self._unspoken.popitem(last=False)
        return visitor

    async def find(self, token: str) -> Visitor | None:
        """The session of this secret, None when it opens nothing."""
        secret_hash = hashed(token)
        unspoken = self._unspoken.get(
            secret_hash
        )  # before the look into the store: meanwhile it may move there
        async with self._store.read() as session:
            address = await visitors.find_address(session, CHANNEL, secret_hash)
        if address is not None:
            self._unspoken.pop(secret_hash, None)
            return Visitor(address, token)
        if secret_hash in self._unspoken:
            self._unspoken.move_to_end(secret_hash)
        return unspoken
