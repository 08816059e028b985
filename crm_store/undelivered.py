"""A reply that did not reach the customer is no answer: whoever holds the conversation has the turn again.

Where nothing reaches the customer any more, nobody can answer: they are waited for until they are back, so no time
counts meanwhile, and nobody is reminded. Whoever holds it sees that, and may close it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection, Row, Select, delete, exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import ranking
from crm_store.conversations import change
from crm_store.lifecycle import TRANSITIONS, Change, Status
from crm_store.models.base import table_of
from crm_store.models.conversations import (
    ANSWERS,
    IS_HEARD,
    SAID_BY_CUSTOMER,
    Conversation,
    Message,
    StatusChange,
)
from crm_store.models.customers import Identity
from crm_store.models.plumbing import Timer
from crm_store.targets import CAME_TO_NOTHING
from crm_store.timers import TimerKind

_MESSAGE, _CONVERSATION, _CHANGE, _TIMER = map(table_of, (Message, Conversation, StatusChange, Timer))
_M, _C, _S, _T = _MESSAGE.c, _CONVERSATION.c, _CHANGE.c, _TIMER.c
_IS_REPLY = (_M.author == "agent", _M.is_note.is_(False))


def lock(connection: Connection, dead: Iterable[int]) -> None:
    """The conversations of these replies, by number as everybody locks them, and before anything of their messages is
    written: who has locked a conversation may be about to write its messages."""
    ids = select(_M.conversation_id).where(_M.id.in_(sorted(dead)), *_IS_REPLY)
    connection.execute(select(_C.id).where(_C.id.in_(ids)).order_by(_C.id).with_for_update())


def give_turn_back(connection: Connection, dead: Mapping[int, bool], *, now: datetime) -> None:
    """Take those of these messages that are agents' replies for never said, having locked their conversations; each
    with whether nothing reaches its customer any more."""
    turns: dict[int, Change] = {}
    seen: set[int] = set()
    for row in connection.execute(_replies(dead)).all():
        seen.add(row.conversation_id)
        if not row.has_beside:
            _forget(connection, row)
        if not row.is_followed:
            turns[row.conversation_id] = Change.UNREACHABLE if dead[row.id] else Change.UNDELIVERED
    for number, what in sorted(turns.items()):
        _move(connection, number, what, now)
    for number in sorted(seen):  # what the reply had settled is owed again
        _look_again(connection, number, now)
    _keep_waits(connection, seen)


def _keep_waits(connection: Connection, numbers: Iterable[int]) -> None:
    """Who stands in the queue again by now waits since they were owed a reply, not since it was thought answered."""
    queued = select(_C.id, _C.queued_at).where(_C.id.in_(sorted(numbers)), _C.status == Status.QUEUED)
    for number, queued_at in connection.execute(queued).all():
        since = _owed_since(connection, number)
        if since is not None and since < queued_at:
            connection.execute(update(_CONVERSATION).where(_C.id == number).values(queued_at=since))
            ranking.rank(connection, [number])


def _owed_since(connection: Connection, number: int) -> datetime | None:
    """As `owed_since.since`, of all the time since the bot, or nobody, had the conversation."""
    is_open = (_S.conversation_id == number, _S.from_status.in_((Status.BOT, Status.RESOLVED)))
    begun: datetime | None = connection.scalar(select(func.max(_S.changed_at)).where(*is_open))
    if begun is None:
        return None
    here = (_M.conversation_id == number, _M.created_at >= begun)
    replied = connection.scalar(select(func.max(_M.id)).where(*here, ANSWERS))
    if replied is None:
        return begun
    said = select(func.min(_M.created_at)).where(*here, _M.id > replied, SAID_BY_CUSTOMER, IS_HEARD)
    since: datetime | None = connection.scalar(said)
    return since


def _replies(dead: Iterable[int]) -> Select[tuple[int, int, int, datetime, datetime, bool, bool]]:
    """Replies that are dead, each with whether another that lives came after it, or with it."""
    other = _MESSAGE.alias("other")
    lives = (
        other.c.conversation_id == _M.conversation_id,
        other.c.author == "agent",
        other.c.is_note.is_(False),
        other.c.delivery.is_distinct_from("dead"),
    )
    with_it = (other.c.agent_id == _M.agent_id, other.c.created_at == _M.created_at)
    return (
        select(_M.id, _M.conversation_id, _M.agent_id, _M.created_at, _C.first_reply_at)
        .add_columns(
            exists().where(*lives, other.c.id > _M.id).label("is_followed"),
            exists().where(*lives, *with_it).label("has_beside"),
        )
        .join(_CONVERSATION, _C.id == _M.conversation_id)
        .where(_M.id.in_(sorted(dead)), _M.delivery == "dead", *_IS_REPLY)
        .order_by(_M.id)
    )


def _forget(connection: Connection, row: Row[tuple[int, int, int, datetime, datetime, bool, bool]]) -> None:
    """No clock heeds that it was written; it may have been in a conversation that was merged into this one."""
    connection.execute(
        update(_CHANGE)
        .where(
            _S.changed_at == row.created_at, _S.change == Change.REPLY, _S.actor == f"agent:{row.agent_id}"
        )
        .values(reason=CAME_TO_NOTHING)
    )
    _wake(connection, row)
    if row.first_reply_at != row.created_at:
        return
    is_other = (_M.conversation_id == row.conversation_id, _M.author == "agent", _M.is_note.is_(False))
    later = (_M.delivery.is_distinct_from("dead"), _M.created_at > row.created_at)
    first = select(func.min(_M.created_at)).where(*is_other, *later).scalar_subquery()
    connection.execute(update(_CONVERSATION).where(_C.id == row.conversation_id).values(first_reply_at=first))


def _wake(connection: Connection, row: Row[tuple[int, int, int, datetime, datetime, bool, bool]]) -> None:
    """Nor that it waited for the customer again on the strength of this reply, after something was undone."""
    living = exists().where(
        _M.conversation_id == row.conversation_id,
        _M.author == "agent",
        _M.is_note.is_(False),
        _M.delivery.is_distinct_from("dead"),
        _M.created_at >= row.created_at,
        _M.created_at <= _S.changed_at,
    )
    rested = (_S.conversation_id == row.conversation_id, _S.change == Change.TAKEN_APART)
    connection.execute(
        update(_CHANGE)
        .where(*rested, _S.changed_at >= row.created_at, ~living)
        .values(reason=CAME_TO_NOTHING)
    )


def _move(connection: Connection, number: int, what: Change, now: datetime) -> None:
    before = Status(connection.execute(select(_C.status).where(_C.id == number)).scalar_one())
    after = TRANSITIONS.get((before, what))
    if after is None:  # the customer wrote meanwhile, or it was handed on, put aside, closed
        return
    connection.execute(update(_CONVERSATION).where(_C.id == number).values(status=after.value))
    connection.execute(
        insert(_CHANGE).values(
            conversation_id=number,
            change=what,
            from_status=before,
            to_status=after,
            actor="system",
            changed_at=now,
        )
    )


def _look_again(connection: Connection, number: int, now: datetime) -> None:
    is_set = (_T.kind == TimerKind.UNANSWERED, _T.subject_id == number, _T.fired_at.is_(None))
    connection.execute(delete(_TIMER).where(*is_set))
    due = {"kind": TimerKind.UNANSWERED, "subject_id": number, "due_at": now, "attempts": 0}
    connection.execute(insert(_TIMER).values(due))


async def come_back(session: AsyncSession, conversation: Conversation, *, now: datetime) -> None:
    """Who could not be reached can be again, and still has no answer: it is its holder's turn."""
    s = StatusChange
    last = select(s.change).where(s.conversation_id == conversation.id).order_by(s.id.desc()).limit(1)
    if await session.scalar(last) != Change.UNREACHABLE:
        return
    identity = await session.get_one(Identity, conversation.identity_id)
    if identity.is_reachable:
        await change(session, conversation, Change.UNDELIVERED, actor="system", now=now)


async def told_at(session: AsyncSession, conversation_id: int) -> datetime | None:
    """When a reply there came to nothing last; None where none did."""
    s = StatusChange
    last = (s.conversation_id == conversation_id, s.change == Change.UNDELIVERED)
    found: datetime | None = await session.scalar(select(func.max(s.changed_at)).where(*last))
    return found
