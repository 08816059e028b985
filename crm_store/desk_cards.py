"""What the staff group is told of a conversation: the facts of its card, and what was said before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import attendance, conversations, desk_lines, desk_topics, orders, queue, scores, service_cases
from crm_store.desk_lines import Line
from crm_store.desk_standing import place_here
from crm_store.errors import NotFound
from crm_store.last_words import IS_FOR_PEOPLE, STANDS
from crm_store.lifecycle import HELD_BY_PERSON
from crm_store.models.casework import ServiceCase
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer, Identity
from crm_store.models.orders import Order
from crm_store.models.ratings import Rating
from crm_store.models.staff import Agent
from crm_store.queueing import Reason
from crm_store.taking_back import may_be_shown

CARD_LINES = 3
CARD_ORDERS = 3
CARD_CASES = 3


@dataclass(frozen=True, slots=True)
class Card:
    """A conversation at a glance."""

    conversation_id: int
    customer_id: int
    name: str
    username: str | None
    channel: str
    address: str
    is_reachable: bool
    status: str
    reason: str | None
    queued_at: datetime | None
    language: str
    agent: str | None
    rating: float | None
    """The mean of the customer's last rated conversation, 0-100."""
    orders: int
    spent: Decimal
    last_lines: tuple[Line, ...]
    before: tuple[Line, ...] = ()
    """What was said before the staff came to it, as far as the card tells it."""
    last_orders: tuple[Order, ...] = ()
    segment: str | None = None
    value: float | None = None
    """The customer's value index, 0-100, as it was scored last; None where nothing is known for it."""
    place: int | None = None
    """In the queue, from 1."""
    place_here: int | None = None
    """Among those whose cards stand in the same chat, from 1."""
    why_next: tuple[Reason, ...] = ()
    snoozed_until: datetime | None = None
    banned_by: str | None = None
    ban_reason: str | None = None
    banned_until: datetime | None = None
    ban_is_shadow: bool = False
    phone: str | None = None
    meant_for: str | None = None
    """To whom it was handed on while they were not there: it waits for them first."""
    meant_for_is_there: bool = False
    open_cases: tuple[ServiceCase, ...] = ()
    team: str | None = None
    """Whose queue it waits in, or came from, where it was handed on to a team."""
    is_undelivered: bool = False
    """The last reply did not reach the customer, who so has no answer."""


async def card(
    session: AsyncSession,
    conversation_id: int,
    *,
    now: datetime,
    chat: str | None = None,
    chats: Sequence[str] = (),
) -> Card:
    """The card of a conversation, as it is for this of the staff's chats; raises NotFound."""
    conversation, identity, customer, agent = await _people(session, conversation_id)
    segment, value = await _worth(session, customer)
    entry = await queue.place(session, conversation, now=now)
    meant = await session.get(Agent, conversation.meant_for_id) if conversation.meant_for_id else None
    return replace(
        _plain(conversation, identity, customer, agent),
        rating=await _last_rating(session, customer.id),
        last_lines=tuple(
            await desk_lines.select_lines(
                session,
                Message.conversation_id == conversation_id,
                may_be_shown(now),
                STANDS,
                IS_FOR_PEOPLE,
                limit=CARD_LINES,
            )
        ),
        before=await _before(session, conversation, chat) if chat else (),
        last_orders=tuple(await orders.of_customer(session, customer.id, limit=CARD_ORDERS)),
        segment=segment,
        value=value,
        open_cases=tuple(await service_cases.open_of(session, customer.id, limit=CARD_CASES)),
        is_undelivered=await _is_undelivered(session, conversation),
        place=entry.position if entry is not None else None,
        place_here=await place_here(session, conversation, chat, chats, now=now) if chat else None,
        why_next=entry.why_next if entry is not None else (),
        meant_for=meant.name if meant is not None else None,
        meant_for_is_there=meant is not None and attendance.is_there(meant, now),
    )


async def _is_undelivered(session: AsyncSession, conversation: Conversation) -> bool:
    """Whether the last of the holder's replies went nowhere."""
    if conversation.status not in HELD_BY_PERSON:
        return False
    m = Message
    last = (
        select(m.delivery, m.agent_id)
        .where(m.conversation_id == conversation.id, m.author == "agent", m.is_note.is_(False), STANDS)
        .order_by(m.id.desc())
        .limit(1)
    )
    row = (await session.execute(last)).first()
    return row is not None and tuple(row) == ("dead", conversation.agent_id)


def _plain(conversation: Conversation, identity: Identity, customer: Customer, agent: str | None) -> Card:
    """What stands in their own rows."""
    return Card(
        conversation_id=conversation.id,
        customer_id=customer.id,
        name=customer.name or identity.display_name or f"#{customer.id}",
        username=identity.username,
        channel=identity.channel,
        address=identity.address,
        is_reachable=identity.is_reachable,
        status=conversation.status,
        reason=conversation.handoff_reason,
        queued_at=conversation.queued_at,
        language=conversation.language,
        agent=agent,
        rating=None,
        orders=customer.order_count,
        spent=customer.order_amount,
        last_lines=(),
        phone=customer.phone,
        team=conversation.team,
        snoozed_until=conversation.snoozed_until,
        banned_by=customer.banned_by,
        ban_reason=customer.ban_reason,
        banned_until=customer.banned_until,
        ban_is_shadow=bool(customer.ban_is_shadow),
    )


async def _before(session: AsyncSession, conversation: Conversation, chat: str) -> tuple[Line, ...]:
    customer_id = conversation.customer_id
    place = await desk_topics.find(session, chat, customer_id)
    if place is None or place.card is None:
        return ()
    return tuple(
        await desk_lines.in_card(
            session, customer_id, chat=chat, card=place.card, conversation_id=conversation.id
        )
    )


async def _people(
    session: AsyncSession, conversation_id: int
) -> tuple[Conversation, Identity, Customer, str | None]:
    """A conversation, where its customer writes from, who that is, and the name of the agent who has it."""
    query = (
        select(Conversation, Identity, Customer, Agent.name)
        .join(Identity, Identity.id == Conversation.identity_id)
        .join(Customer, Customer.id == Conversation.customer_id)
        .outerjoin(Agent, Agent.id == Conversation.agent_id)
        .where(Conversation.id == conversation_id)
    )
    row = (await session.execute(query)).first()
    if row is None:
        raise NotFound(f"there is no conversation {conversation_id}")
    return (*row,)


async def _worth(session: AsyncSession, customer: Customer) -> tuple[str | None, float | None]:
    """Segment and value index of the newest scores; neither for who objected to being profiled."""
    run = await scores.latest_run(session)
    if run is None or not customer.profiling_allowed:
        return None, None
    try:
        row = await scores.customer_score(session, run.id, customer.id)
    except NotFound:  # came after the run
        return None, None
    return row.segment, scores.known_value(row.values)


async def _last_rating(session: AsyncSession, customer_id: int) -> float | None:
    query = (
        select(func.avg(Rating.score))
        .where(Rating.customer_id == customer_id)
        .group_by(Rating.request_id)
        .order_by(func.max(Rating.id).desc())
        .limit(1)
    )
    return await session.scalar(query)


async def customer_of(session: AsyncSession, conversation_id: int) -> int | None:
    """Whose conversation it is, None when there is none such."""
    try:
        return (await conversations.get(session, conversation_id)).customer_id
    except NotFound:
        return None
