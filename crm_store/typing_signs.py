"""Who is writing at this moment, told to whoever looks and forgotten at once: nothing of it is stored.

A sign is best effort. Where several processes share a PostgreSQL database it goes with NOTIFY over a connection of
the readers, and those of a moment go together, so that a crowd of writers takes nothing from the messages.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

import orjson

GATHER_S = 0.1
SIGNS_AT_ONCE = 16
"""In one notification, of less than 8,000 bytes; a lane has 192 at most, a name `MAX_NAME` characters of 4."""
MAX_NAME = 40
LASTS_S = 8.0
"""Whoever goes on writing says so again before; what is not said again is over."""
_PREFIX = "typing "


class Side(StrEnum):
    """Who writes."""

    CUSTOMER = "customer"
    AGENT = "agent"


@dataclass(frozen=True, slots=True)
class TypingSign:
    """Somebody in the chat of `lane` (channel:address) is writing now, or no longer."""

    lane: str
    side: Side
    is_typing: bool
    name: str = ""
    """Who writes, as the other side knows them, shortened; empty where they are not told."""


Hear = Callable[[Sequence[TypingSign]], None]


class TypingSigns:
    """Lets everybody in every process hear of signs; `carry`, where set, brings a text to all processes, this too."""

    def __init__(self) -> None:
        self.carry: Callable[[str], Awaitable[None]] | None = None
        self._hearers: dict[Hear, None] = {}
        self._gathered: dict[tuple[str, Side], TypingSign] = {}
        self._carrying: asyncio.Task[None] | None = None

    def listen(self, hear: Hear) -> None:
        """Have `hear` called with what is told from now on; it must not wait."""
        self._hearers[hear] = None

    def forget(self, hear: Hear) -> None:
        """Tell this one no more."""
        self._hearers.pop(hear, None)

    def tell(self, sign: TypingSign) -> None:
        """Tell all, now or in a moment; returns at once and never fails."""
        if self.carry is None:
            self._spread([sign])
            return
        self._gathered[sign.lane, sign.side] = sign
        if self._carrying is None:
            self._carrying = asyncio.create_task(self._carry_soon())

    def heard(self, told: str) -> None:
        """Take what a process said; what is no sign is somebody else's."""
        with suppress(ValueError, TypeError):
            if told.startswith(_PREFIX):
                said = orjson.loads(told.removeprefix(_PREFIX))
                self._spread([_sign(*one) for one in said])

    async def _carry_soon(self) -> None:
        await asyncio.sleep(GATHER_S)
        gathered, self._gathered, self._carrying = list(self._gathered.values()), {}, None
        for start in range(0, len(gathered), SIGNS_AT_ONCE):
            with suppress(Exception):  # a database that is away: the next sign may come through
                if self.carry is not None:
                    await self.carry(_text(gathered[start : start + SIGNS_AT_ONCE]))

    def _spread(self, signs: Sequence[TypingSign]) -> None:
        for hear in tuple(self._hearers):
            hear(signs)


def shortened(name: str) -> str:
    """The name as a sign carries it."""
    return name if len(name) <= MAX_NAME else f"{name[: MAX_NAME - 1]}…"


def _text(signs: Iterable[TypingSign]) -> str:
    told = [(sign.lane, sign.side, sign.is_typing, sign.name) for sign in signs]
    return _PREFIX + orjson.dumps(told).decode()


def _sign(lane: object, side: str, is_typing: object, name: object = "") -> TypingSign:
    """As it was told; by a process of the version before, without a name."""
    return TypingSign(str(lane), Side(side), bool(is_typing), str(name))
