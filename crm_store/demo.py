"""A few made-up customers with a history, so that a first look at the desk and the scores shows something.

They are marked `is_demo`, reachable on no channel, and removed by `remove`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import orders
from crm_store.lifecycle import Change, Status
from crm_store.models.conversations import Assignment, Conversation, Handoff, Message, StatusChange
from crm_store.models.customers import Customer, Identity
from crm_store.models.ratings import Rating, RatingRequest
from crm_store.models.staff import Agent
from crm_store.orders import LineDraft, OrderDraft
from crm_store.ratings import score_of

CHANNEL = "demo"


@dataclass(frozen=True, slots=True)
class _Person:
    name: str
    email: str
    language: str
    purchases: tuple[tuple[int, str, int, str], ...]
    """(days ago, article of the shop, pieces, price)"""
    asked: str = ""
    answered: str = ""
    stars: tuple[int, int, int] | None = None
    """Product, service, price."""
    waited_minutes: int = 3


PEOPLE = (
    _Person("Amara Okafor", "amara@example.com", "en",
            ((4, "Wool blanket", 2, "59.00"), (40, "Linen shirt", 1, "49.50"), (95, "Stoneware mug", 4, "12.00")),
            "My blanket has a pulled thread, can I swap it?",
            "Of course, Amara. A new one leaves today and the courier takes the old one back.", (5, 5, 4), 2),
    _Person("Liu Wei", "liuwei@example.com", "zh",
            ((9, "Oak serving board", 1, "38.00"), (60, "Candle", 6, "9.50")),
            "请问我的砧板什么时候发货？", "您好，今天下午已经发出，明天就能查到物流。", (5, 4, 5), 4),
    _Person("Tom Becker", "tom@example.com", "en", ((200, "Desk lamp", 1, "74.00"),),
            "The lamp arrived broken.", "I am sorry, Tom. Your refund is on its way.", (2, 4, 3), 11),
    _Person("Ines Marchetti", "ines@example.com", "en",
            ((15, "Raincoat", 1, "120.00"), (16, "Scarf", 1, "35.00"), (120, "Boots", 1, "140.00"),
             (180, "Linen shirt", 2, "49.50"))),
    _Person("陈静", "chenjing@example.com", "zh", ((30, "Teapot", 1, "42.00"),),
            "茶壶的盖子少了，怎么办？", "很抱歉，我们马上给您补寄一个。", (3, 5, 4), 7),
    _Person("Grace Adeyemi", "grace@example.com", "en", ()),
)  # fmt: skip


async def seed(session: AsyncSession, *, now: datetime) -> int:
    """Add the demo customers to an empty store; the number added, 0 when there are customers already."""
    if await session.scalar(select(func.count()).select_from(Customer)):
        return 0
    agent = await session.scalar(select(Agent).order_by(Agent.id).limit(1))
    previous: Customer | None = None
    for number, person in enumerate(PEOPLE, start=1):
        customer = Customer(
            name=person.name,
            email=person.email,
            language=person.language,
            is_demo=True,
            external_id=f"demo-{number}",
            referred_by_id=previous.id if previous and number % 2 == 0 else None,
            created_at=now - timedelta(days=220),
            updated_at=now,
        )
        session.add(customer)
        await session.flush()
        await _buy(session, customer, number, person, now)
        if person.asked:
            await _talk(session, customer, person, agent, now - timedelta(days=number))
        previous = customer
    return len(PEOPLE)


async def _buy(
    session: AsyncSession, customer: Customer, number: int, person: _Person, now: datetime
) -> None:
    for index, (days, thing, pieces, price) in enumerate(person.purchases, start=1):
        line = LineDraft(
            sku=thing.lower().replace(" ", "-"), quantity=pieces, unit_price=Decimal(price), description=thing
        )
        draft = OrderDraft(
            number=f"D{number}{index:03}",
            amount=Decimal(price) * pieces,
            placed_at=now - timedelta(days=days),
            source=CHANNEL,
            status="delivered" if days > 5 else "shipped",
            lines=(line,),
        )
        await orders.record(session, customer.id, draft, now=now)


async def _talk(
    session: AsyncSession, customer: Customer, person: _Person, agent: Agent | None, at: datetime
) -> None:
    identity = Identity(
        customer_id=customer.id,
        channel=CHANNEL,
        address=f"demo-{customer.id}",
        is_reachable=False,
        created_at=at,
        last_seen_at=at,
    )
    session.add(identity)
    await session.flush()
    taken_at = at + timedelta(minutes=person.waited_minutes)
    ended_at = taken_at + timedelta(minutes=6)
    conversation = Conversation(
        customer_id=customer.id, identity_id=identity.id, channel=CHANNEL, status=Status.RESOLVED,
        language=person.language, agent_id=agent.id if agent else None, handoff_reason="asked_for_person",
        queued_at=at, taken_at=taken_at, first_reply_at=taken_at + timedelta(minutes=1), resolved_at=ended_at,
        resolved_by="agent", created_at=at, last_message_at=ended_at,
    )  # fmt: skip
    session.add(conversation)
    await session.flush()
    for author, text, said_at in (("customer", person.asked, at), ("agent", person.answered, taken_at)):
        agent_id = agent.id if agent and author == "agent" else None
        session.add(Message(conversation_id=conversation.id, customer_id=customer.id, author=author, text=text,
                            agent_id=agent_id, created_at=said_at))  # fmt: skip
    session.add(Handoff(conversation_id=conversation.id, reason="asked_for_person", queued_at=at,
                        ended_at=taken_at, outcome="taken"))  # fmt: skip
    if agent is not None:
        session.add(Assignment(conversation_id=conversation.id, agent_id=agent.id, reason="take",
                               assigned_at=taken_at, ended_at=ended_at))  # fmt: skip
    _changes(session, conversation.id, agent, (at, taken_at, ended_at))
    await _rate(session, conversation, person, ended_at)


def _changes(
    session: AsyncSession,
    conversation_id: int,
    agent: Agent | None,
    times: tuple[datetime, datetime, datetime],
) -> None:
    who = f"agent:{agent.id}" if agent else "system"
    steps = (
        (Change.HANDOFF, Status.BOT, Status.QUEUED, "customer"),
        (Change.TAKE, Status.QUEUED, Status.ASSIGNED, who),
        (Change.RESOLVE, Status.ASSIGNED, Status.RESOLVED, who),
    )
    for (change, before, after, actor), at in zip(steps, times, strict=True):
        session.add(StatusChange(conversation_id=conversation_id, change=change, from_status=before, to_status=after,
                                 actor=actor, changed_at=at))  # fmt: skip


async def _rate(session: AsyncSession, conversation: Conversation, person: _Person, at: datetime) -> None:
    if person.stars is None:
        return
    request = RatingRequest(
        conversation_id=conversation.id, customer_id=conversation.customer_id, agent_id=conversation.agent_id,
        state="done", asked_at=at, finished_at=at, expires_at=at + timedelta(days=3),
    )  # fmt: skip
    session.add(request)
    await session.flush()
    for aspect, stars in zip(("product_quality", "service_quality", "price"), person.stars, strict=True):
        session.add(Rating(request_id=request.id, conversation_id=conversation.id, aspect=aspect,
                           customer_id=conversation.customer_id, score=score_of(stars), rated_at=at))  # fmt: skip


async def remove(session: AsyncSession) -> int:
    """Delete the demo customers and all that is theirs; the number removed."""
    gone = await session.scalars(delete(Customer).where(Customer.is_demo).returning(Customer.id))
    return len(list(gone))
