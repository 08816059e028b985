"""Work that one transaction does at a time: on SQLite its write lock sees to it, on PostgreSQL a lock of its own."""

from enum import IntEnum

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


class Turn(IntEnum):
    """What waits its turn; any numbers that nothing else in this database locks."""

    PUBLISHING = 7236402
    """Numbers of publications that are committed out of order would let a bot miss the lower one."""
    SEARCH_INDEX = 7236404
    """Two at once would empty what the other fills, and take older words for the last."""
    FIRST_START = 7236405
    """Servers that are started together on an empty database would each fill it."""
    SETTINGS = 7236406
    """Of two who change tables of teams at once, each would write without what the other put in."""

    QUEUE_HOURS = 7236407
    """Two who rank the whole queue at once would wait for each other's rows."""


_LOCK = text("SELECT pg_advisory_xact_lock(:turn)")


async def take(session: AsyncSession, turn: Turn) -> None:
    """Wait until no other transaction has this turn; it is this one's until it ends."""
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(_LOCK, {"turn": int(turn)})
