"""Customers who got no answer and want to be told, once, when there is one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, exists, func, insert, literal, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import timers
from crm_store.lifecycle import Status
from crm_store.models.base import table_of
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer, Identity
from crm_store.models.knowledge import NOT_CHOSEN, Gap
from crm_store.models.learning import AnswerWish
from crm_store.timers import TimerKind

WAITING, DUE, TOLD, WITHDRAWN = "waiting", "due", "told", "withdrawn"
LATER = timedelta(minutes=30)
"""While a person serves the customer, the bot waits so long before it looks again."""

_WISH, _GAP = table_of(AnswerWish), table_of(Gap)


def keep(connection: Connection, conversations: Collection[tuple[int, int]], now: datetime) -> None:
    """Who (customer, conversation) wants to hear of the newest question there that was not answered; once each."""
    for customer_id, conversation_id in conversations:
        newest = (
            select(func.max(_GAP.c.id))
            .where(
                _GAP.c.conversation_id == conversation_id,
                _GAP.c.state != "closed",  # its asker has not heard of what answers it since
                _GAP.c.reason != NOT_CHOSEN,
            )
            .scalar_subquery()
        )
        values = select(
            literal(customer_id),
            _GAP.c.id,
            literal(WAITING),
            bindparam("now", now, type_=_WISH.c.created_at.type),
        ).where(_GAP.c.id == newest, ~exists().where(_WISH.c.gap_id == _GAP.c.id))
        columns = ["customer_id", "gap_id", "state", "created_at"]
        connection.execute(insert(_WISH).from_select(columns, values))


def withdraw(connection: Connection, customers: Collection[int], now: datetime) -> None:
    """These want to hear of nothing any more."""
    if customers:
        waiting = update(_WISH).where(_WISH.c.customer_id.in_(customers), _WISH.c.state.in_((WAITING, DUE)))
        connection.execute(waiting.values(state=WITHDRAWN, settled_at=now))


@dataclass(frozen=True, slots=True)
class WaitingWish:
    """A question whose asker wants to hear of an answer; `given` articles did not do when it was asked."""

    id: int
    gap_id: int
    question: str
    language: str
    given: frozenset[str]
    asked_at: datetime


async def waiting(session: AsyncSession, *, after_id: int = 0, limit: int) -> list[WaitingWish]:
    """The oldest that wait, after this one."""
    rows = await session.execute(
        select(AnswerWish.id, Gap)
        .join(Gap, Gap.id == AnswerWish.gap_id)
        .where(AnswerWish.state == WAITING, AnswerWish.id > after_id)
        .order_by(AnswerWish.id)
        .limit(limit)
    )
    return [
        WaitingWish(number, gap.id, gap.question, gap.language, _given(gap), gap.created_at)
        for number, gap in rows
    ]


def _given(gap: Gap) -> frozenset[str]:
    """What the customer saw of the candidates: the answer that did not help, or the whole list."""
    seen = {"not_helpful": gap.candidates[:1], "none_of_these": gap.candidates}.get(gap.reason, [])
    return frozenset(str(each["article_key"]) for each in seen if each.get("article_key"))


async def answered(
    session: AsyncSession, gap_ids: Collection[int], article_key: str, *, now: datetime
) -> int:
    """An article answers these questions now: who wanted to hear of it will be told; how many."""
    due = await session.scalars(
        update(AnswerWish)
        .where(AnswerWish.gap_id.in_(gap_ids), AnswerWish.state == WAITING)
        .values(state=DUE, article_key=article_key)
        .returning(AnswerWish.id)
        .execution_options(synchronize_session=False)
    )
    numbers = list(due)
    for number in numbers:
        await timers.schedule(session, TimerKind.TELL_ANSWER, number, now)
    return len(numbers)


async def claim(
    session: AsyncSession, wish_id: int, *, now: datetime
) -> tuple[AnswerWish, Gap, Conversation] | None:
    """The wish, its question, and the conversation to tell the customer in; None while (or because) they are not told.

    The customer's open conversation where they have one, else the one they asked in. While a person has it, or it
    waits for one, the bot looks again later; who cannot be reached, or was banned, is not told at all.
    """
    wish = await session.get(AnswerWish, wish_id, with_for_update=True)
    if wish is None or wish.state != DUE:
        return None
    gap = await session.get_one(Gap, wish.gap_id)
    asked_in = await session.get_one(Conversation, gap.conversation_id)
    identity = await session.get_one(Identity, asked_in.identity_id)
    customer = await session.get_one(Customer, wish.customer_id)
    if not identity.is_reachable or customer.banned_at is not None:
        wish.state, wish.settled_at = WITHDRAWN, now
        return None
    is_open = (Conversation.identity_id == identity.id) & (Conversation.status != Status.RESOLVED)
    present = await session.scalar(select(Conversation).where(is_open).with_for_update()) or asked_in
    if present.status not in (Status.BOT, Status.RESOLVED):
        await timers.schedule(session, TimerKind.TELL_ANSWER, wish.id, now + LATER)
        return None
    return wish, gap, present


async def mark_told(session: AsyncSession, wish: AnswerWish, *, now: datetime) -> None:
    """Told, for good."""
    wish.state, wish.settled_at = TOLD, now
    await session.flush()


async def wait_again(session: AsyncSession, wish: AnswerWish) -> None:
    """The article is gone again before anybody was told, or lacks facts of this customer's own."""
    wish.state, wish.article_key = WAITING, None
    await session.flush()
