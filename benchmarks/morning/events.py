"""What the store holds of the morning, read by plain SQL; nothing of the project is imported here."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """A message."""

    id: int
    author: str
    kind: str
    text: str
    delivery: str | None
    platform_id: str | None
    is_note: bool
    agent: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """A customer, as the store has them."""

    lane: str
    statuses: tuple[str, ...]
    """Of their conversations, oldest first."""
    handoffs: int
    edits: int
    stars: int
    feedback: int
    rows: tuple[Row, ...]


CUSTOMERS = """
SELECT c.id, c.name, i.channel || ':' || i.address,
  (SELECT group_concat(status) FROM (SELECT status FROM conversation v WHERE v.customer_id = c.id ORDER BY v.id)),
  (SELECT count(*) FROM handoff h JOIN conversation v ON v.id = h.conversation_id WHERE v.customer_id = c.id),
  (SELECT count(*) FROM message_edit e JOIN message m ON m.id = e.message_id
    WHERE m.customer_id = c.id AND m.author = 'customer'),
  (SELECT count(*) FROM rating r WHERE r.customer_id = c.id),
  (SELECT count(*) FROM answer_feedback f WHERE f.customer_id = c.id)
FROM customer c JOIN identity i ON i.customer_id = c.id WHERE c.is_demo = 0"""
MESSAGES = """
SELECT m.lane, m.id, m.author, m.kind, m.text, m.delivery, m.platform_id, m.is_note, a.name, m.customer_id
FROM message m LEFT JOIN agent a ON a.id = m.agent_id ORDER BY m.id"""


@contextmanager
def reading(database: Path) -> Iterator[sqlite3.Connection]:
    """The file, to be read only."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        yield connection


def customers(database: Path) -> dict[str, Known]:
    """Everybody who wrote, by the name they have in the store."""
    with reading(database) as store:
        rows: dict[int, list[Row]] = defaultdict(list)
        for _lane, number, *fields, customer in store.execute(MESSAGES):
            rows[customer].append(_row(number, *fields))
        return {
            name: Known(
                lane, tuple(statuses.split(",")), handoffs, edits, stars, feedback, tuple(rows[number])
            )
            for number, name, lane, statuses, handoffs, edits, stars, feedback in store.execute(CUSTOMERS)
        }


def _row(number: int, *fields: Any) -> Row:
    author, kind, text, delivery, platform_id, is_note, agent = fields
    return Row(number, author, kind, text, delivery, platform_id, bool(is_note), agent)


def count(database: Path, query: str) -> int:
    """One number."""
    with reading(database) as store:
        return int(store.execute(query).fetchone()[0])
