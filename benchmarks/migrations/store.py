"""The store that is upgraded: filled with very many rows, and told by a digest of all that is in it."""

import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from zlib import crc32

from sqlalchemy import insert, select, text

from benchmarks.databases import rows_of
from crm_store import migrate
from crm_store.engine import Store, open_store
from crm_store.models.base import Base, table_of
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer, Identity

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PER_CUSTOMER = 20
"""Messages for each customer."""
_PG_CONTENT = 'SELECT count(*), coalesce(sum(hashtextextended(t::text, 0)::numeric), 0) FROM "{0}" AS t'
_PG_SCHEMA = (
    "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns "
    "WHERE table_schema = 'public' ORDER BY 1, 2",
    "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1",
    "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint ORDER BY 1, 2",
)


async def fill(database_url: str, folder: str, messages: int) -> None:
    """Tables of the first revision, with so many messages."""
    await migrate.upgrade(database_url, backup_folder=folder, now=NOW)
    store = open_store(database_url, owner=True)
    async with store.write() as session:
        customer = Customer(name="Ada Lovelace", created_at=NOW, updated_at=NOW)
        session.add(customer)
        await session.flush()
        here = {"customer_id": customer.id, "channel": "web"}
        identity = Identity(**here, address="a", created_at=NOW, last_seen_at=NOW)
        session.add(identity)
        await session.flush()
        talk = Conversation(**here, identity_id=identity.id, created_at=NOW, last_message_at=NOW)
        session.add(talk)
        await session.flush()
        session.add(
            Message(conversation_id=talk.id, customer_id=customer.id, author="customer", created_at=NOW)
        )
    await _multiply(store, Customer, {"name": "'Customer ' || n.i"}, messages // PER_CUSTOMER)
    await _multiply(store, Message, {"text": "'Where is parcel ' || n.i"}, messages)
    await store.close()


async def _multiply(store: Store, model: type[Base], varied: dict[str, str], count: int) -> None:
    """So many rows like the one that is there, with these columns varied."""
    table = table_of(model)
    values = {column.name: column for column in table.columns} | {
        name: text(f"({expression})") for name, expression in varied.items()
    }
    numbers = text(
        f"(WITH RECURSIVE s(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM s WHERE i < {count}) SELECT i FROM s) AS n"
    )
    rows = select(text("n.i"), *(values[name] for name in values if name != "id")).select_from(table, numbers)
    first = table.c.id == select(table.c.id).limit(1).scalar_subquery()
    names = ["id", *(name for name in values if name != "id")]
    async with store.write() as session:
        await session.execute(insert(table).from_select(names, rows.where(first)))


async def state_of(database_url: str) -> tuple[str, int]:
    """The revision the database is at, and the last id that a stage in batches has done (else 0)."""
    version = (await rows_of(database_url, "SELECT version_num FROM alembic_version"))[0][0]
    batches = await rows_of(database_url, "SELECT value FROM key_value WHERE key LIKE 'backfill:%'")
    return str(version), int(batches[0][0]) if batches else 0


async def digest_of(database_url: str) -> str:
    """The same for two databases with the same tables, indexes and rows."""
    if database_url.startswith("sqlite"):
        return _sqlite_digest(database_url.partition("///")[2])
    tables = await rows_of(database_url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found: list[Any] = [
        (name, [tuple(row) for row in await rows_of(database_url, _PG_CONTENT.format(name))])
        for (name,) in sorted(tuple(row) for row in tables)
    ]
    found += [[tuple(row) for row in await rows_of(database_url, query)] for query in _PG_SCHEMA]
    return sha256(repr(found).encode()).hexdigest()


def _sqlite_digest(path: str) -> str:
    with closing(sqlite3.connect(path)) as connection:
        schema = connection.execute("SELECT name, sql FROM sqlite_master ORDER BY name").fetchall()
        # A table made anew has its constraints in any order.
        found: list[Any] = [(name, sorted(re.split(r",?\s*\n\s*", sql or ""))) for name, sql in schema]
        for name, sql in schema:
            if sql is None or not sql.startswith("CREATE TABLE"):
                continue
            rows = connection.execute(f'SELECT * FROM "{name}" ORDER BY 1')
            total = 0
            for row in rows:
                total = crc32(repr(row).encode(), total)
            found.append((name, total))
        sound = connection.execute("PRAGMA integrity_check").fetchall()
        dangling = connection.execute("PRAGMA foreign_key_check").fetchall()
    return sha256(repr([found, sound, dangling]).encode()).hexdigest()
