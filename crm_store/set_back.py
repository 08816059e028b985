"""When a clock was set back: what was to wait a second until a time that is an hour off now.

Times a person chose (a snooze, an appointment, office hours) stay what they are; it is only the waiting before a new
try that was never meant as a time of day.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, literal_column, select, update

from crm_store.models.base import table_of
from crm_store.models.conversations import Message
from crm_store.models.plumbing import DeskPost
from crm_store.statements import Statement

TOLERANCE = timedelta(seconds=1)
"""Clocks are put right by less all the time, and those of several machines differ by less."""
_AMONG = 100
"""The very newest may have been written after the clock was set, and before anybody noticed."""
_NEWEST = select(Message.created_at).order_by(Message.id.desc()).limit(_AMONG).subquery()


def _waiting(table: Table) -> Statement:
    rows = select(table.c.id, table.c.next_try_at).order_by(table.c.id).with_for_update(skip_locked=True)
    # Written out for SQLite's partial indexes: the first is what one of them holds, the second narrows the other.
    unsent = table.c.delivery.in_((literal_column("'pending'"), literal_column("'sending'")))
    pending = table.c.delivery == literal_column("'pending'")
    return Statement(lambda _: rows.where(unsent, pending, table.c.next_try_at > bindparam("b_now")))


def _planned(table: Table) -> Statement:
    changed = update(table).where(table.c.id == bindparam("b_id"), table.c.delivery == "pending")
    return Statement(lambda _: changed.values(next_try_at=bindparam("b_at")))


_OUTBOXES = tuple((_waiting(table), _planned(table)) for table in map(table_of, (Message, DeskPost)))


def is_history_ahead(connection: Connection, now: datetime) -> bool:
    """Whether one of the newest messages is of a time that is still to come."""
    newest = connection.execute(select(func.max(_NEWEST.c.created_at))).scalar()
    return newest is not None and newest > now + TOLERANCE


def wait_less(connection: Connection, by: timedelta | None, now: datetime) -> int:
    """Move the next tries of all that waits back by so much (None: to now); how many there were."""
    return sum(_move(connection, waiting, planned, by, now) for waiting, planned in _OUTBOXES)


def _move(
    connection: Connection, waiting: Statement, planned: Statement, by: timedelta | None, now: datetime
) -> int:
    found: Iterable[tuple[Any, ...]] = waiting.rows(connection, {"b_now": now})
    times = {number: now if by is None else max(now, at - by) for number, at in found}
    if times:
        planned.fill(connection, {"b_id": list(times), "b_at": list(times.values())})
    return len(times)
