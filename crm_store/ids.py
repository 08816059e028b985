"""Row numbers taken in advance, so that a batch can link its rows before it writes them."""

from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.base import Base

_BUMP = "UPDATE sqlite_sequence SET seq = seq + ? WHERE name = ? RETURNING seq"
_FIRST = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:t, :n)")
_NEXT = text("SELECT nextval(CAST(:s AS text)::regclass) FROM generate_series(1, :n)")


async def reserve(session: AsyncSession, table: type[Base], count: int) -> list[int]:
    """`count` ascending unused ids of `table`; ids of a rolled-back transaction may stay gaps."""
    connection = await session.connection()
    return await connection.run_sync(take, table, count)


def take(connection: Connection, table: type[Base], count: int) -> list[int]:
    """The same on an ordinary connection."""
    if count == 0:
        return []
    name = table.__tablename__
    if connection.dialect.name == "sqlite":
        # The write lock is held (BEGIN IMMEDIATE), so nobody else can take the same numbers.
        last = connection.exec_driver_sql(_BUMP, (count, name)).scalar()
        if last is None:
            connection.execute(_FIRST, {"t": name, "n": count})
            last = count
        return list(range(int(last) - count + 1, int(last) + 1))
    rows = connection.execute(_NEXT, {"s": f'"{name}_id_seq"', "n": count})
    return sorted(int(row[0]) for row in rows)
