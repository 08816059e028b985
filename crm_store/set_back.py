"""When a clock was set back: what was to wait a second until a time that is an hour off now.

Times a person chose (a snooze, an appointment, office hours) stay what they are. The waiting before a new try was
never meant as a time of day, and is as long as before. Who waits in the queue, or for the first reply of who took them,
waits from now on, where their wait would begin later: else all who come until then would go before them, and
nobody would give them back. An agent is no longer there than they would have been.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, bindparam, func, literal_column, select, update

from crm_store import ranking
from crm_store.attendance import SHIFT_LASTS, PresenceState
from crm_store.lifecycle import Status
from crm_store.models.base import table_of
from crm_store.models.conversations import Assignment, Conversation, Handoff, Message
from crm_store.models.plumbing import DeskPost, Timer
from crm_store.models.staff import Agent
from crm_store.statements import Statement
from crm_store.timers import TimerKind

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
    """Put right all that waits, the clock having been set back by so much (None: nobody knows); how many there were.

    Done twice, as by two processes that notice it, some tries and shifts come to their end sooner.
    """
    count = sum(_move(connection, waiting, planned, by, now) for waiting, planned in _OUTBOXES)
    begun = [_begin_now(connection, statement, now) for statement in _BEGUN]
    ranking.rank(connection, begun[0])
    return count + sum(map(len, begun)) + _shorten(connection, by, now)


def _move(
    connection: Connection, waiting: Statement, planned: Statement, by: timedelta | None, now: datetime
) -> int:
    found: Iterable[tuple[Any, ...]] = waiting.rows(connection, {"b_now": now})
    times = {number: now if by is None else max(now, at - by) for number, at in found}
    if times:
        planned.fill(connection, {"b_id": list(times), "b_at": list(times.values())})
    return len(times)


def _begun(table: Table, column: str, is_open: ColumnElement[bool]) -> Statement:
    later = table.c[column] > bindparam("b_now")
    moved = update(table).where(is_open, later).values({column: bindparam("b_now")})
    return Statement(lambda _: moved.returning(table.c.id))


_C, _H, _A, _T = map(table_of, (Conversation, Handoff, Assignment, Timer))
_BEGUN = (
    _begun(_C, "queued_at", _C.c.status.in_((Status.QUEUED, Status.ASSIGNED))),
    _begun(_H, "queued_at", _H.c.ended_at.is_(None)),
    _begun(_A, "assigned_at", _A.c.ended_at.is_(None)),
    # It only looks, and sets the next one itself.
    _begun(_T, "due_at", _T.c.fired_at.is_(None) & (_T.c.kind == TimerKind.UNANSWERED)),
)
"""Where a wait has its beginning; the queue, which has to be ranked anew, comes first."""


def _begin_now(connection: Connection, statement: Statement, now: datetime) -> list[int]:
    return [number for (number,) in statement(connection, {"b_now": now})]


_STAFF = table_of(Agent)
_THERE = Statement(
    lambda _: (
        select(_STAFF.c.id, _STAFF.c.present_until)
        .where(_STAFF.c.presence == PresenceState.ONLINE, _STAFF.c.present_until > bindparam("b_now"))
        .order_by(_STAFF.c.id)
    )
)
_STAY = Statement(
    lambda _: (
        update(_STAFF)
        .where(_STAFF.c.id == bindparam("b_id"), _STAFF.c.present_until > bindparam("b_until"))
        .values(present_until=bindparam("b_until"))
    )
)


def _shorten(connection: Connection, by: timedelta | None, now: datetime) -> int:
    """Let nobody be there for longer than they could have said; how many are."""
    found: Iterable[tuple[Any, ...]] = _THERE.rows(connection, {"b_now": now})
    longest = now + SHIFT_LASTS
    until = {number: min(longest, at if by is None else max(now, at - by)) for number, at in found}
    if until:
        _STAY.fill(connection, {"b_id": list(until), "b_until": list(until.values())})
    return len(until)
