"""When a customer is asked for stars: after every resolve of a matter that a person served, and when an agent says so.

Session first; nothing here commits. What is asked, and how the stars are kept, is in `ratings`.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import conversations, ratings, timers
from crm_store.errors import Conflict
from crm_store.lifecycle import HELD_BY_PERSON, Status
from crm_store.models.conversations import ANSWERS, Conversation, Message, StatusChange
from crm_store.models.customers import Customer, Identity
from crm_store.models.ratings import RatingRequest
from crm_store.models.staff import Agent
from crm_store.sentences import Sentence, system_intent
from crm_store.settings import StoreSettings
from crm_store.timers import TimerKind

BULK = "bulk"
"""The reason of a resolve with many others."""
UNDO_FIRST = timedelta(minutes=10)
"""So long after a bulk resolve nobody is asked: it may be undone."""


class Refusal(StrEnum):
    """Why nobody is asked for stars."""

    OFF = "off"
    BANNED = "banned"
    UNREACHABLE = "unreachable"
    OPEN = "open"
    UNSERVED = "unserved"


WORDS = {
    Refusal.OFF: "no stars are asked for here: under Settings, “What is rated” is empty",
    Refusal.BANNED: "this customer is banned; unban them first",
    Refusal.UNREACHABLE: "this customer cannot be reached any more",
    Refusal.OPEN: "this customer was asked for a rating already and can still give it",
    Refusal.UNSERVED: "there is nothing to rate yet: no person has written to the customer here",
}


async def served_by(session: AsyncSession, conversation: Conversation) -> int | None:
    """The agent who wrote to the customer last since the conversation was opened (again); None where nobody did."""
    return await session.scalar(
        select(Message.agent_id)
        .where(
            Message.conversation_id == conversation.id,
            ANSWERS,
            Message.deleted_at.is_(None),
            Message.agent_id.is_not(None),
            Message.created_at >= await _opened_at(session, conversation),
        )
        .order_by(Message.id.desc())
        .limit(1)
    )


async def _opened_at(session: AsyncSession, conversation: Conversation) -> datetime:
    """When the conversation was opened again; its beginning where it never was. An undone resolve never happened."""
    last = select(func.max(StatusChange.changed_at)).where(
        StatusChange.conversation_id == conversation.id,
        StatusChange.from_status == Status.RESOLVED,
        func.coalesce(StatusChange.reason, "") != "undone",
    )
    found: datetime | None = await session.scalar(last)
    return found or conversation.created_at - timedelta(microseconds=1)


async def why_not(
    session: AsyncSession, conversation: Conversation, *, now: datetime, settings: StoreSettings
) -> Refusal | None:
    """Why an agent may not ask for stars now; None where they may."""
    if not settings.aspects:
        return Refusal.OFF
    if (refusal := await _out_of_reach(session, conversation)) is not None:
        return refusal
    is_open = select(RatingRequest.id).where(
        RatingRequest.customer_id == conversation.customer_id,
        RatingRequest.state.in_(ratings.OPEN_STATES),
        RatingRequest.expires_at > now,
    )
    if await session.scalar(is_open.limit(1)) is not None:
        return Refusal.OPEN
    served = await served_by(session, conversation)
    return Refusal.UNSERVED if served is None else None


async def _out_of_reach(session: AsyncSession, conversation: Conversation) -> Refusal | None:
    query = (
        select(Customer.banned_at, Identity.is_reachable)
        .join(Identity, Identity.customer_id == Customer.id)
        .where(Identity.id == conversation.identity_id)
    )
    row = (await session.execute(query)).first()
    if row is None or not row.is_reachable:
        return Refusal.UNREACHABLE
    return Refusal.BANNED if row.banned_at is not None else None


async def by_hand(
    session: AsyncSession, conversation_id: int, *, now: datetime, settings: StoreSettings
) -> RatingRequest:
    """Ask because an agent wants to; raises NotFound, and Conflict with what speaks against it."""
    conversation = await conversations.get(session, conversation_id, lock=True)
    refusal = await why_not(session, conversation, now=now, settings=settings)
    if refusal is not None:
        raise Conflict(WORDS[refusal], kind=f"rating_{refusal}")
    served = await served_by(session, conversation)
    made = await ratings.ask(session, conversation, now=now, settings=settings, agent_id=served)
    assert made is not None  # there are aspects: `why_not` looked
    return made


async def after_resolve(
    session: AsyncSession,
    conversation: Conversation,
    served: int | None,
    *,
    now: datetime,
    settings: StoreSettings,
) -> RatingRequest | None:
    """Ask about what was just resolved; not where nobody served, or the customer was asked about it already."""
    if served is None or await _out_of_reach(session, conversation) is not None:
        return None
    asked = await session.scalar(
        select(RatingRequest.id)
        .where(
            RatingRequest.conversation_id == conversation.id,
            RatingRequest.asked_at > await _opened_at(session, conversation),
            RatingRequest.state != "expired",
        )
        .limit(1)
    )
    if asked is not None:
        return None
    return await ratings.ask(session, conversation, now=now, settings=settings, agent_id=served)


async def after_undo(session: AsyncSession, conversation_id: int, *, now: datetime) -> None:
    """Say that it is closed, and ask, once a bulk resolve cannot be undone any more, should it still be closed then.

    What told somebody a place is to say at once that the wait is over: it would be untrue so long.
    """
    await timers.restart(session, TimerKind.RATING_ASK, conversation_id, now + UNDO_FIRST)
    await timers.restart(session, TimerKind.UNANSWERED, conversation_id, now)


async def ask_later(
    session: AsyncSession, conversation_id: int, *, now: datetime, settings: StoreSettings
) -> bool:
    """The time to ask has come; False where it was opened again, or what was said is too long ago to be rated."""
    conversation = await session.get(Conversation, conversation_id, with_for_update=True)
    if conversation is None or conversation.status != Status.RESOLVED or conversation.resolved_at is None:
        return False
    if conversation.last_message_at < now - timedelta(hours=settings.rating_expiry_hours):
        return False
    served = await served_by(session, conversation)
    if served is not None or await _waited(session, conversation):
        await _say_closed(session, conversation, now)
    asked = await after_resolve(session, conversation, served, now=now, settings=settings)
    return asked is not None


async def _waited(session: AsyncSession, conversation: Conversation) -> bool:
    """Whether its customer waited in the queue when it was closed."""
    last = await session.scalar(
        select(StatusChange.from_status)
        .where(StatusChange.conversation_id == conversation.id)
        .order_by(StatusChange.id.desc())
        .limit(1)
    )
    return last == Status.QUEUED


async def _say_closed(session: AsyncSession, conversation: Conversation, now: datetime) -> None:
    """As after every resolve; not to who has gone on to something else."""
    newer = select(Conversation.id).where(
        Conversation.identity_id == conversation.identity_id, Conversation.status != Status.RESOLVED
    )
    if await session.scalar(newer) is None:
        by = await session.get(Agent, conversation.agent_id) if conversation.agent_id else None
        intent = system_intent(Sentence.RESOLVED, by)
        await conversations.say(session, conversation, author="system", now=now, intent=intent)


def server_of(conversation: Conversation, served: int | None) -> int | None:
    """Whom a resolve is rated for: who wrote to the customer last, else who holds it now."""
    if served is not None:
        return served
    return conversation.agent_id if conversation.status in HELD_BY_PERSON else None
