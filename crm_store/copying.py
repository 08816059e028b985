"""All rows of one database into another, of either kind: how PostgreSQL is backed up and restored.

The models' types read and write each value, so what arrives is what was there. The next ids come along as well: an
id that was given to an erased customer must never be given again.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Integer, Table, bindparam, func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from crm_store import search_schema
from crm_store.engine import parse_url
from crm_store.errors import Conflict, StoreUnusable
from crm_store.models.all import METADATA
from crm_store.schema import apply, clear_errors, schema_engine
from crm_store.sqlite_files import reading, row_counts

_AT_ONCE = 1_000
NOT_COPIED = frozenset({"trained_model", "trained_model_part"})
"""Learned anew from the articles that are copied; it may be larger than all the rest."""
_NOBODY_ELSE = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


async def copy_to_file(store_url: str, path: Path) -> dict[str, int]:
    """Copy one consistent state of a PostgreSQL store into a new SQLite file; the rows each table should have."""
    source = create_async_engine(
        parse_url(store_url), isolation_level="REPEATABLE READ", hide_parameters=True
    )
    target = schema_engine(parse_url(f"sqlite:///{path}"))
    try:
        with clear_errors(source.url):
            async with source.connect() as reader, target.begin() as writer:
                await writer.run_sync(apply)
                copied = await _copy(reader, writer)
                await _set_positions(writer, await _positions(reader))
    finally:
        await source.dispose()
        await target.dispose()
    with reading(path) as connection:
        return {**row_counts(connection), **copied}


async def copy_from_file(path: Path, store_url: str) -> dict[str, int]:
    """Replace everything in a PostgreSQL store by the file's rows, in one transaction; the rows of each table.

    Raises Conflict while somebody else is connected to the database.
    """
    source = schema_engine(parse_url(f"sqlite:///{path}"))
    target = create_async_engine(parse_url(store_url), hide_parameters=True)
    try:
        with clear_errors(target.url):
            async with source.connect() as reader, target.begin() as writer:
                if await writer.scalar(_NOBODY_ELSE):
                    raise Conflict(
                        "somebody is still connected to the database; stop Frontdesk, then restore again"
                    )
                await writer.run_sync(apply)
                names = ", ".join(f'"{table.name}"' for table in METADATA.sorted_tables)
                # The index of words is empty then, and catches up.
                await writer.execute(text(f"TRUNCATE {names}, {search_schema.TABLE}"))
                copied = await _copy(reader, writer)
                for table in METADATA.sorted_tables:
                    if await writer.scalar(select(func.count()).select_from(table)) != copied[table.name]:
                        raise StoreUnusable(f"not every row of '{table.name}' arrived; nothing was changed")
                await _set_positions(writer, await _positions(reader))
    finally:
        await source.dispose()
        await target.dispose()
    return copied


async def _copy(reader: AsyncConnection, writer: AsyncConnection) -> dict[str, int]:
    copied: dict[str, int] = {}
    for table in METADATA.sorted_tables:
        copied[table.name] = 0
        if table.name in NOT_COPIED:
            continue
        own = _links_to_itself(table)
        later: list[dict[str, Any]] = []
        rows = await reader.stream(select(table).order_by(*table.primary_key.columns))
        async for part in rows.mappings().partitions(_AT_ONCE):
            values = [dict(row) for row in part]
            for row in values:
                # A row may refer to one that comes later, so these links are laid once all rows are there.
                links = {name: row[name] for name in own if row[name] is not None}
                if links:
                    later.append({"b_id": row["id"], **{name: row[name] for name in own}})
                    row.update(dict.fromkeys(links))
            await writer.execute(insert(table), values)
            copied[table.name] += len(values)
        if later:
            await writer.execute(update(table).where(table.c.id == bindparam("b_id")), later)
    return copied


def _links_to_itself(table: Table) -> list[str]:
    return [key.parent.name for key in table.foreign_keys if key.column.table is table]


def _numbered() -> Iterable[str]:
    """The tables whose ids the database gives."""
    for table in METADATA.sorted_tables:
        column = table.autoincrement_column
        if column is not None and isinstance(column.type, Integer) and not column.foreign_keys:
            yield table.name


async def _positions(connection: AsyncConnection) -> dict[str, int]:
    """Table name to the highest id ever given."""
    if connection.dialect.name == "sqlite":
        rows = await connection.execute(text("SELECT name, seq FROM sqlite_sequence"))
        return {name: int(seq) for name, seq in rows if name in set(_numbered()) and int(seq) > 0}
    found: dict[str, int] = {}
    for name in _numbered():
        row = (await connection.execute(text(f'SELECT last_value, is_called FROM "{name}_id_seq"'))).one()  # noqa: S608
        if row.is_called:
            found[name] = int(row.last_value)
    return found


async def _set_positions(connection: AsyncConnection, positions: dict[str, int]) -> None:
    for name, last in positions.items():
        if connection.dialect.name == "sqlite":
            await connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :n"), {"n": name})
            statement = "INSERT INTO sqlite_sequence (name, seq) VALUES (:n, :last)"
            await connection.execute(text(statement), {"n": name, "last": last})
        else:
            sequence = f'"{name}_id_seq"'
            await connection.execute(text("SELECT setval(:s, :last)"), {"s": sequence, "last": last})
