"""What a desk shows: lists of conversations with who and what they are about, and the history of one of them.

Reads only; each function asks the same number of queries however long its list is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.colleagues import is_customers
from crm_store.last_words import last_words
from crm_store.lifecycle import HELD_BY_PERSON, Status
from crm_store.models.conversations import ANSWERS, SAID_BY_CUSTOMER, Conversation, Message, StatusChange
from crm_store.models.customers import Customer, Identity
from crm_store.models.ratings import Rating, RatingRequest
from crm_store.models.staff import Agent

MAX_UNANSWERED = 50
MAX_CHANGES = 200


@dataclass(frozen=True, slots=True)
class InboxLine:
    """A conversation as one line of a list."""

    conversation: Conversation
    name: str | None
    """The customer's, where it is known."""
    holder: str | None
    lane: str
    """channel:address of the customer."""
    last: Message | None
    """What it is about (`last_words`); None where nothing that was said still stands."""
    unanswered: tuple[int, ...]
    """The newest ids of the customer's messages that no person has replied to, oldest first."""
    is_reachable: bool = True
    """Whether anything reaches the customer there."""

    @property
    def is_undelivered(self) -> bool:
        """Whether the last words are an agent's, and did not arrive."""
        return self.last is not None and self.last.author == "agent" and self.last.delivery == "dead"

    @property
    def is_holders_turn(self) -> bool:
        """Whether it waits for whoever holds it: to reply or, where nothing reaches the customer, to close it."""
        status = self.conversation.status
        return status == Status.ASSIGNED or (status == Status.WAITING_CUSTOMER and not self.is_reachable)


@dataclass(frozen=True, slots=True)
class AspectMean:
    """The mean of all a customer's ratings of one aspect, 0-100."""

    aspect: str
    mean: float
    ratings: int

    @property
    def stars(self) -> float:
        """The same as 1 to 5 stars."""
        return self.mean / 25 + 1


async def held_by(session: AsyncSession, agent_id: int) -> list[Conversation]:
    """What the agent holds: those that wait for them first, then by the newest word."""
    query = (
        select(Conversation)
        .join(Identity, Identity.id == Conversation.identity_id)
        .where(Conversation.agent_id == agent_id, Conversation.status.in_(HELD_BY_PERSON))
        .order_by(
            or_(Conversation.status == Status.ASSIGNED, Identity.is_reachable.is_(False)).desc(),
            Conversation.last_message_at.desc(),
        )
    )
    return list(await session.scalars(query))


async def elsewhere(
    session: AsyncSession, agent_id: int | None, *, limit: int
) -> tuple[list[Conversation], int]:
    """Open conversations that other people, the bot or the clock hold, by the newest word; and how many these are in
    all."""
    query = (
        select(Conversation, func.count().over())
        .where(*_elsewhere(agent_id))
        .order_by(Conversation.last_message_at.desc(), Conversation.id.desc())
        .limit(limit)
    )
    rows = [(one, count) for one, count in await session.execute(query)]
    return [one for one, _ in rows], rows[0][1] if rows else 0


def _elsewhere(agent_id: int | None) -> tuple[ColumnElement[bool], ...]:
    """Whoever is on the staff links their account, or tries things, in a chat with the bot: nobody has to see to it."""
    c = Conversation
    return (
        c.status.in_((Status.BOT, Status.SNOOZED, *HELD_BY_PERSON)),
        or_(c.status.not_in(HELD_BY_PERSON), c.agent_id.is_distinct_from(agent_id)),
        or_(c.status != Status.BOT, is_customers(c.identity_id)),
    )


async def lines(session: AsyncSession, conversations: Sequence[Conversation]) -> list[InboxLine]:
    """The conversations, in their order, with what a list shows of them."""
    ids = [conversation.id for conversation in conversations]
    if not ids:
        return []
    names = await _names(session, ids)
    last = await last_words(session, ids)
    waiting = await unanswered(session, ids)
    return [
        InboxLine(c, name, holder, lane, last.get(c.id), waiting.get(c.id, ()), is_reachable)
        for c, (name, holder, lane, is_reachable) in ((one, names[one.id]) for one in conversations)
    ]


async def customer_names(session: AsyncSession, ids: Sequence[int]) -> dict[int, str | None]:
    """The names of these conversations' customers, where they are known."""
    return {number: name for number, (name, *_) in (await _names(session, ids)).items()} if ids else {}


async def people(session: AsyncSession, ids: Sequence[int]) -> dict[int, tuple[str | None, str | None]]:
    """By conversation the customer's name, where it is known, and its holder's."""
    found = await _names(session, ids) if ids else {}
    return {number: (name, holder) for number, (name, holder, *_) in found.items()}


async def _names(
    session: AsyncSession, ids: Sequence[int]
) -> dict[int, tuple[str | None, str | None, str, bool]]:
    rows = await session.execute(
        select(
            Conversation.id,
            func.coalesce(Customer.name, Identity.display_name),
            Agent.name,
            Identity.channel,
            Identity.address,
            Identity.is_reachable,
        )
        .join(Customer, Customer.id == Conversation.customer_id)
        .join(Identity, Identity.id == Conversation.identity_id)
        .outerjoin(Agent, Agent.id == Conversation.agent_id)
        .where(Conversation.id.in_(ids))
    )
    return {
        number: (name, holder, f"{channel}:{address}", is_reachable)
        for number, name, holder, channel, address, is_reachable in rows
    }


async def unanswered(session: AsyncSession, ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    """By conversation, the newest ids of the customer's messages that no person has replied to, oldest first."""
    replied = (
        select(Message.conversation_id, func.max(Message.id).label("last_id"))
        .where(Message.conversation_id.in_(ids), ANSWERS)
        .group_by(Message.conversation_id)
        .subquery()
    )
    rows = await session.execute(
        select(Message.conversation_id, Message.id)
        .outerjoin(replied, replied.c.conversation_id == Message.conversation_id)
        .where(
            Message.conversation_id.in_(ids),
            SAID_BY_CUSTOMER,
            Message.id > func.coalesce(replied.c.last_id, 0),
        )
        .order_by(Message.id)
    )
    found: dict[int, list[int]] = {}
    for conversation_id, message_id in rows:
        found.setdefault(conversation_id, []).append(message_id)
    return {conversation_id: tuple(some[-MAX_UNANSWERED:]) for conversation_id, some in found.items()}


async def said(
    session: AsyncSession, conversation_id: int, *, since: int | None, limit: int
) -> list[Message]:
    """The newest messages, oldest first: all from the id `since` on, and `limit` of them where none is named."""
    query = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.id.desc())
    query = query.limit(limit) if since is None else query.where(Message.id >= since)
    return list(reversed(list(await session.scalars(query))))


async def step_back(session: AsyncSession, conversation_id: int, *, before: int, limit: int) -> int | None:
    """The id from which on one sees `limit` more messages than from `before` on; None where nothing is earlier."""
    earlier = (
        select(Message.id)
        .where(Message.conversation_id == conversation_id, Message.id < before)
        .order_by(Message.id.desc())
        .limit(limit)
        .subquery()
    )
    found: int | None = await session.scalar(select(func.min(earlier.c.id)))
    return found


async def changes(session: AsyncSession, conversation_id: int) -> list[StatusChange]:
    """Who held the conversation when, oldest first; of a very long history the newest part."""
    query = (
        select(StatusChange)
        .where(StatusChange.conversation_id == conversation_id)
        .order_by(StatusChange.id.desc())
        .limit(MAX_CHANGES)
    )
    return list(reversed(list(await session.scalars(query))))


async def agent_names(session: AsyncSession) -> dict[int, str]:
    """Everybody who ever worked here, by id."""
    rows = await session.execute(select(Agent.id, Agent.name))
    return {agent_id: name for agent_id, name in rows}  # noqa: C416 (dict(rows) has no types)


async def aspect_means(session: AsyncSession, customer_id: int) -> list[AspectMean]:
    """The means of all the customer's ratings, by aspect."""
    query = (
        select(Rating.aspect, func.avg(Rating.score), func.count())
        .where(Rating.customer_id == customer_id)
        .group_by(Rating.aspect)
        .order_by(Rating.aspect)
    )
    return [AspectMean(*row) for row in await session.execute(query)]


async def last_comment(session: AsyncSession, customer_id: int) -> str | None:
    """What the customer last wrote beside their stars, or None."""
    query = (
        select(RatingRequest.comment)
        .where(RatingRequest.customer_id == customer_id, RatingRequest.comment.is_not(None))
        .order_by(RatingRequest.id.desc())
        .limit(1)
    )
    found: str | None = await session.scalar(query)
    return found
