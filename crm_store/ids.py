"""Row numbers taken in advance, so that a batch can link its rows before it writes them."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.base import Base


async def reserve(session: AsyncSession, table: type[Base], count: int) -> list[int]:
    """`count` ascending unused ids of `table`; ids of a rolled-back transaction may stay gaps."""
    if count == 0:
        return []
    name = table.__tablename__
    if session.get_bind().dialect.name == "sqlite":
        # The write lock is held (BEGIN IMMEDIATE), so nobody else can take the same numbers.
        taken = await session.execute(
            text("UPDATE sqlite_sequence SET seq = seq + :n WHERE name = :t RETURNING seq"),
            {"n": count, "t": name},
        )
        last = taken.scalar()
        if last is None:
            await session.execute(
                text("INSERT INTO sqlite_sequence (name, seq) VALUES (:t, :n)"), {"n": count, "t": name}
            )
            last = count
        return list(range(int(last) - count + 1, int(last) + 1))
    sequence = f'"{name}_id_seq"'
    rows = await session.execute(
        text("SELECT nextval(:s) FROM generate_series(1, :n)"), {"s": sequence, "n": count}
    )
    return sorted(int(row[0]) for row in rows)
