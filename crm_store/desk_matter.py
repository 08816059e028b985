"""Which of a customer's conversations the staff's words, and the card of the customer, are about."""

from sqlalchemy import ColumnElement, case, exists, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_store.desk_posts import WITH_STAFF
from crm_store.lifecycle import HELD_BY_PERSON, Status
from crm_store.models.conversations import Conversation
from crm_store.models.plumbing import DeskPost


async def open_conversation(
    session: AsyncSession, customer_id: int, agent_id: int | None = None
) -> Conversation | None:
    """The customer's conversation that staff, this agent above all, have to do with; else their last one.

    One that waits for a person comes before what others serve: two records made one have both, and nobody would see
    who waits behind the other's card. What the bot holds is no reason to answer there.
    """
    c = Conversation
    turn = case(
        (c.status.in_(HELD_BY_PERSON) & (c.agent_id == agent_id), 0),
        (c.status == Status.QUEUED, 1),
        (c.status.in_(HELD_BY_PERSON), 2),
        (c.status == Status.SNOOZED, 3),
        (c.status != Status.RESOLVED, 4),
        else_=5,
    )
    order = (turn, c.last_message_at.desc(), c.id.desc())
    return await session.scalar(select(c).where(c.customer_id == customer_id).order_by(*order).limit(1))


async def matter_of(session: AsyncSession, customer_id: int) -> int | None:
    """The number of the conversation that the customer's card is about: what is with the staff, else what was last.

    What the bot holds meanwhile is none of theirs.
    """
    found = await open_conversation(session, customer_id)
    if found is not None and found.status in WITH_STAFF:
        return found.id
    query = select(DeskPost.conversation_id).where(
        DeskPost.customer_id == customer_id, DeskPost.kind == "card"
    )
    return await session.scalar(query.order_by(DeskPost.id.desc()).limit(1))


def is_shown() -> ColumnElement[bool]:
    """Whether a conversation that waits is the one its customer's card is about."""
    c, other = Conversation, aliased(Conversation)
    is_before = tuple_(other.last_message_at, other.id) > tuple_(c.last_message_at, c.id)
    return ~exists().where(other.customer_id == c.customer_id, other.status == Status.QUEUED, is_before)
