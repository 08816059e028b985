"""Which parts of a message stand in its chat already, where it goes in several: a new try goes on after them, and edits
and deletions find them. Kept in the store, so that it is known after a restart, too.
"""

from collections import OrderedDict
from collections.abc import Sequence

import structlog

from bot.channels.base import DeliveryFailed, Outcome
from bot.channels.telegram.decoding import CHANNEL
from crm_store import links
from crm_store.engine import Store

log = structlog.get_logger(__name__)
KEPT = 1024


class SentParts:
    """The ids of all parts but the one that the message goes by."""

    def __init__(self, store: Store | None = None) -> None:
        """Without a store they are known to this process alone."""
        self._store = store
        self._unwritten: OrderedDict[int, list[str]] = OrderedDict()

    async def of(self, message_id: int, address: str) -> list[str]:
        """The parts that were sent, in their order; raises DeliveryFailed where the store does not tell."""
        written: list[str] = []
        if self._store is not None:
            try:
                async with self._store.read() as session:
                    written = await links.copies(session, message_id, side="customer", chat=address)
            except Exception as error:
                why = f"it cannot be read which parts were sent ({type(error).__name__})"
                raise DeliveryFailed(Outcome.NOT_SENT, why) from error
        return written + self._unwritten.get(message_id, [])

    async def add(self, message_id: int, address: str, parts: Sequence[str]) -> None:
        """These stand in the chat now, and must not come again because that could not be written down."""
        try:
            if self._store is not None:
                await self._write(self._store, message_id, address, parts)
                return
        except Exception as error:
            log.warning("the parts of a message could not be noted", error=type(error).__name__)
        self._unwritten.setdefault(message_id, []).extend(parts)
        if len(self._unwritten) > KEPT:
            self._unwritten.popitem(last=False)

    async def _write(self, store: Store, message_id: int, address: str, parts: Sequence[str]) -> None:
        async with store.write() as session:
            for part in parts:
                await links.link(
                    session, message_id, side="customer", channel=CHANNEL, chat=address, platform_id=part
                )

    def forget(self, message_id: int) -> None:
        """All of it has arrived."""
        self._unwritten.pop(message_id, None)
