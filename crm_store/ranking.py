"""Where waiting conversations stand: what speaks for each is read, weighed by `queueing` and kept with it.

Whatever puts a conversation into the queue, or changes what speaks for it there, ranks it in the same transaction.
So the queue itself is an index: nobody orders it when they take from it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import attendance, queue_rules, signals
from crm_store.lifecycle import Change, Status
from crm_store.models.base import table_of
from crm_store.models.conversations import Assignment, Conversation, Message, Promise, StatusChange
from crm_store.models.scores import CustomerScore, ScoreRun
from crm_store.mood import mood_of
from crm_store.queueing import Waiting
from crm_store.scores import known_value
from crm_store.signals import Topic
from crm_store.statements import Statement, among

REPEAT_WITHIN = timedelta(days=3)
WORDS_READ = 5
"""So many of a customer's last messages say how they feel."""
AT_ONCE = 500
_C, _M, _S, _P = (table_of(model).c for model in (Conversation, Message, CustomerScore, Promise))

_WAITING = Statement(
    lambda is_sqlite: (
        select(
            *(_C.id, _C.customer_id, _C.queued_at, _C.created_at, _C.priority, _C.language, _C.team),
            *(_C.meant_for_id, _C.meant_until, _C.skill, _C.skill_until),
        )
        .where(among(_C.id, "conversations", is_sqlite))
        .order_by(_C.id)
    )
)
_SERVED = Statement(
    lambda is_sqlite: (
        select(_C.customer_id, _C.agent_id, _C.resolved_at)
        .where(among(_C.customer_id, "customers", is_sqlite))
        .where(_C.status == Status.RESOLVED, _C.agent_id.is_not(None))
        .order_by(_C.resolved_at, _C.id)
    )
)
_HELD, _CHANGED = table_of(Assignment).c, table_of(StatusChange).c


def _last_held_until(*ended: ColumnElement[bool]) -> Statement:
    """Of these conversations who held them last, where a change of this kind ended it."""
    at_once = (_CHANGED.conversation_id == _HELD.conversation_id, _CHANGED.changed_at == _HELD.ended_at)
    return Statement(
        lambda is_sqlite: (
            select(_HELD.conversation_id, _HELD.agent_id)
            .join(table_of(StatusChange), and_(*at_once, *ended))
            .where(among(_HELD.conversation_id, "conversations", is_sqlite))
            .where(~_held_since().exists())
        )
    )


_PUT_ASIDE = _last_held_until(_CHANGED.change == Change.SNOOZE)
_LEFT = _last_held_until(_CHANGED.change == Change.RELEASE, _CHANGED.reason == attendance.NO_REPLY)


def _held_since() -> Any:
    later = table_of(Assignment).alias()
    return (
        select(later.c.id)
        .where(later.c.conversation_id == _HELD.conversation_id, later.c.id > _HELD.id)
        .correlate(table_of(Assignment))
    )


_SCORED = Statement(
    lambda is_sqlite: select(_S.customer_id, _S["values"]).where(
        _S.run_id == select(func.max(table_of(ScoreRun).c.id)).scalar_subquery(),
        among(_S.customer_id, "customers", is_sqlite),
    )
)


_PROMISED = Statement(
    lambda is_sqlite: (
        select(_P.conversation_id, _P.kind, _P.target_s, _P.breached_at)
        .where(among(_P.conversation_id, "conversations", is_sqlite))
        .where(or_(_P.kind == "first", _P.kind == "next"), _P.ended_at.is_(None))
        # The one due first comes last, and is the one that counts.
        .order_by(_P.due_at.desc().nulls_first(), _P.id)
    )
)


def _last_words(is_sqlite: bool) -> Any:
    place = func.row_number().over(partition_by=_M.conversation_id, order_by=_M.id.desc())
    words = (
        select(_M.id, _M.conversation_id, _M.text, place.label("place"))
        .where(among(_M.conversation_id, "conversations", is_sqlite))
        .where(_M.author == "customer", _M.kind != "button")
        .subquery()
    )
    return (
        select(words.c.conversation_id, words.c.text)
        .where(words.c.place <= bindparam("most"))
        .order_by(words.c.id)
    )


_LAST_WORDS = Statement(_last_words)
_KEEP = Statement(
    lambda _: (
        update(table_of(Conversation))
        .where(_C.id == bindparam("b_id"))
        .values(ranked_at=bindparam("b_ranked"), why_next=bindparam("b_why"))
    )
)


def rank(connection: Connection, conversation_ids: Iterable[int]) -> None:
    """Rank these anew, at a fixed number of queries; whoever calls holds their rows."""
    ids = sorted(set(conversation_ids))
    if not ids:
        return
    rules = queue_rules.read(connection)
    for start in range(0, len(ids), AT_ONCE):
        kept = []
        for waiting in read(connection, ids[start : start + AT_ONCE]):
            ranked_at, why = rules.ranked(waiting)
            told = [{"reason": one.reason, "points": one.points, "value": one.value} for one in why]
            kept.append({"b_id": waiting.conversation_id, "b_ranked": ranked_at, "b_why": told})
        if kept:
            _KEEP(connection, kept)


async def rank_anew(session: AsyncSession, *conversation_ids: int) -> None:
    """The same in a session's transaction, after what the session was given."""
    await session.flush()
    connection = await session.connection()
    await connection.run_sync(rank, conversation_ids)
    signals.notify(session, Topic.QUEUE)


async def rank_all(session: AsyncSession) -> int:
    """Rank the whole queue anew, as after new scores or under another policy; how many wait."""
    queued = select(Conversation.id).where(Conversation.status == Status.QUEUED).order_by(Conversation.id)
    waiting = list(await session.scalars(queued.with_for_update()))
    await rank_anew(session, *waiting)
    return len(waiting)


async def rank_some(session: AsyncSession, *, after: int, limit: int) -> int | None:
    """Rank so many of the queue anew, those that follow `after`; the last of them, or None where none is left."""
    queued = select(Conversation.id).where(Conversation.status == Status.QUEUED, Conversation.id > after)
    some = list(await session.scalars(queued.order_by(Conversation.id).limit(limit).with_for_update()))
    await rank_anew(session, *some)
    return some[-1] if len(some) == limit else None


async def waiting_of(
    session: AsyncSession, conversation_ids: Sequence[int], *, now: datetime
) -> list[Waiting]:
    """These conversations as the rules of order and choice see them, in the order they are given in."""
    connection = await session.connection()
    found = {w.conversation_id: w for w in await connection.run_sync(read, conversation_ids, now)}
    return [found[number] for number in conversation_ids]


@dataclass(frozen=True, slots=True)
class _Facts:
    """What stands elsewhere: by customer who served them and what they are worth, the rest by conversation."""

    served: Mapping[int, list[tuple[int, Any]]]
    values: Mapping[int, float | None]
    promised: Mapping[int, Sequence[Any]]
    aside: Mapping[int, int]
    left: Mapping[int, int]
    words: Mapping[int, list[str]]


def read(
    connection: Connection, conversation_ids: Sequence[int], now: datetime | None = None
) -> list[Waiting]:
    """These conversations as the rules of order see them, by number; for a choice it has to be known when."""
    ids = list(conversation_ids)
    rows = _WAITING.rows(connection, {"conversations": ids})
    customers = sorted({row[1] for row in rows})
    served: dict[int, list[tuple[int, Any]]] = {}
    for customer_id, agent_id, resolved_at in _SERVED.rows(connection, {"customers": customers}):
        served.setdefault(customer_id, []).append((agent_id, resolved_at))
    scored = _SCORED.rows(connection, {"customers": customers})
    values = {customer_id: known_value(values) for customer_id, values in scored}
    promised = {row[0]: row[1:] for row in _PROMISED.rows(connection, {"conversations": ids})}
    # Who snoozed it has begun to help; it matters to whom it goes, not in which order.
    aside = dict(map(tuple, _PUT_ASIDE.rows(connection, {"conversations": ids}))) if now else {}
    left = dict(map(tuple, _LEFT.rows(connection, {"conversations": ids}))) if now else {}
    words: dict[int, list[str]] = {}
    for conversation_id, text in _LAST_WORDS.rows(connection, {"conversations": ids, "most": WORDS_READ}):
        words.setdefault(conversation_id, []).append(text)
    facts = _Facts(served, values, promised, aside, left, words)
    return [_waiting(row, facts, now) for row in rows]


def _waiting(row: Any, facts: _Facts, now: datetime | None) -> Waiting:
    number, customer_id, queued_at, created_at, priority, language, team, meant_for, until, *needs = row
    since, before = queued_at or created_at, facts.served.get(customer_id, [])
    kind, target_s, breached_at = facts.promised.get(number, (None, None, None))
    return Waiting(
        conversation_id=number,
        queued_at=since,
        priority=priority,
        is_repeat=any(at and since - REPEAT_WITHIN <= at <= since for _, at in before),
        value_index=facts.values.get(customer_id),
        mood=mood_of(facts.words.get(number, ())),
        target=timedelta(seconds=target_s) if target_s is not None else None,
        is_overdue=breached_at is not None,
        is_next=kind == "next",
        language=language,
        skill=team,
        last_agent_id=facts.aside.get(number, before[-1][0] if before else None),
        meant_for_id=meant_for,
        left_by=facts.left.get(number),
        is_kept=bool(meant_for and until and now and until > now),
        needs=needs[0],
        is_open=bool(needs[1] and now and needs[1] <= now),
    )
