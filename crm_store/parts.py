"""Much at once, a part at a time: the other tasks of the process get their turn between the parts."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar, TypeVarTuple

from sqlalchemy import Row, Select
from sqlalchemy.ext.asyncio import AsyncSession

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
ROWS = 500
THINGS = 200


async def rows(session: AsyncSession, query: Select[*Ts]) -> AsyncIterator[Row[*Ts]]:
    """The query's rows, fetched and made `ROWS` at a time."""
    result = await session.stream(query.execution_options(yield_per=ROWS))
    async for part in result.partitions():  # row by row it would switch tasks for each
        for row in part:
            yield row


async def of(things: Iterable[T]) -> AsyncIterator[T]:
    """The things one by one, with a pause after each `THINGS`, for what takes time to think about."""
    for number, thing in enumerate(things, 1):
        yield thing
        if number % THINGS == 0:
            await asyncio.sleep(0)
