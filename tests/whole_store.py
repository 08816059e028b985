"""A row in every table, made from the schema itself, so that a new table is in the tests the day it is born."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Float, Integer, LargeBinary, String, Table, insert
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.all import METADATA
from crm_store.models.base import Money, UtcTime
from crm_store.personal_data import PERSONAL

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


async def fill(session: AsyncSession, number: int, word: str) -> None:
    """One row with the id `number` in every table but the tombstones; the words in personal ones are `word`."""
    for table in METADATA.sorted_tables:
        if table.name == "erasure":
            continue
        text = f"{word}-{number}" if table.name in PERSONAL else f"other-{number}"
        values = {column.name: _value(table, column, number, text) for column in table.columns}
        await session.execute(insert(table), values | _special(table, number, word))


def _special(table: Table, number: int, word: str) -> dict[str, Any]:
    place = {"channel": f"{word}-{number}", "address": f"{word}-{number}"}
    special: dict[str, dict[str, Any]] = {
        "timer": {"kind": "idle_close"},
        "parked_update": {"body": {**place, "text": word}},
        "stored_file": {"lane": f"{word}-{number}:{word}-{number}", "name": word},
        "audit_entry": {"subject": f"customer:{number}", "detail": {"name": word}},
        "conversation": {"status": "resolved", "resolved_at": NOW},
    }
    return special.get(table.name, {})


def _value(table: Table, column: Column[Any], number: int, text: str) -> Any:
    keys = list(column.foreign_keys)
    if keys:
        return None if keys[0].column.table is table else number
    kinds: list[tuple[type, Any]] = [
        (UtcTime, NOW),
        (Money, Decimal("12.50")),
        (JSON, {"word": text}),
        (Boolean, True),
        (Integer, number),
        (Float, 50.0),
        (String, text),
        (LargeBinary, text.encode()),
    ]
    value = next(value for kind, value in kinds if isinstance(column.type, kind))
    return value[: column.type.length] if isinstance(column.type, String) else value
