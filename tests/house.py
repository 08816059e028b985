"""A whole house to test in: store, a small knowledge base, reception, delivery, and channels that remember.

async with open_house(store) as house:
    said = await house.say("where is my parcel?")
    assert said[-1].text.startswith("You find the tracking link")
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count

from sqlalchemy import exists, select

from bot.channels.base import Channel, Inbound, Kind, Outgoing, Press
from bot.delivery import Delivery
from bot.edition import Edition
from bot.knowledge import Knowledge
from bot.reception import Reception
from crm_store import publishing
from crm_store.articles import ArticleDraft
from crm_store.engine import Store
from crm_store.models.conversations import Message
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from crm_store.tasks import ended
from knowledge_base.policy import Policy

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
BUSINESS = "Harbour & Pine"


@dataclass
class FakeClock:
    """A clock that stands still unless told to go on."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> datetime:
        """Let time pass."""
        self.now += by
        return self.now


@dataclass
class Postbox:
    """A channel whose platform takes everything and keeps it."""

    name: str = "terminal"
    taken: list[Outgoing] = field(default_factory=list)

    async def send(self, outgoing: Outgoing) -> str | None:
        """Keep the message."""
        self.taken.append(outgoing)
        return f"{self.name}-{outgoing.message_id}"


ARTICLES: Sequence[tuple[str, str, str, str, tuple[str, ...]]] = (
    # key, language, question, answer, phrasings
    ("track", "en", "Where is my order?", "The tracking link is in your dispatch mail.",
     ("where is my parcel", "track my package", "has my order been sent")),
    ("delivery", "en", "How long does delivery take?", "Standard delivery takes 2 to 4 working days.",
     ("when will it arrive", "delivery time", "how many days does shipping take")),
    ("returns", "en", "How do I return an item?", "Start a return in your account within 30 days.",
     ("send something back", "return policy", "I want to give the lamp back")),
    ("refund", "en", "When do I get my refund?", "Refunds reach your account within 5 working days.",
     ("where is my money", "refund time", "how long until I am paid back")),
    ("payment", "en", "Which payment methods do you accept?", "We take cards, PayPal and bank transfer.",
     ("can I pay by card", "do you take paypal", "ways to pay")),
    ("invoice", "en", "Where do I find my invoice?", "Your invoice is in your account under Orders.",
     ("download a receipt", "I need a bill", "invoice as pdf")),
    ("password", "en", "I forgot my password", "Use the link below the sign-in form to set a new one.",
     ("reset my password", "cannot log in", "change password")),
    ("warranty", "en", "Is there a warranty?", "Everything we sell has a warranty of two years.",
     ("my lamp broke", "guarantee period", "product is defective")),
    ("stores", "en", "Do you have shops in town?", "Our shop is at the old harbour, open from 9 to 18.",
     ("opening hours", "where is your store", "visit you in person")),
    ("gift", "en", "Can you wrap it as a gift?", "Gift wrapping costs 3 euros per parcel.",
     ("gift wrap", "wrap my present", "add a greeting card")),
    ("track", "zh", "我的订单在哪里？", "物流链接在发货邮件里。", ("我的快递到哪了", "查询物流", "包裹发货了吗")),
    ("returns", "zh", "怎么退货？", "请在30天内从账户里申请退货。", ("我想退货", "退货流程", "东西不想要了怎么退")),
    ("payment", "zh", "支持哪些付款方式？", "支持银行卡、PayPal和转账。", ("可以刷卡吗", "怎么付款", "能用支付宝吗")),
)  # fmt: skip


@dataclass
class House:
    """The running parts. `say` and `press` are the customer on the postbox; `settle` waits for all replies."""

    store: Store
    knowledge: Knowledge
    reception: Reception
    delivery: Delivery
    clock: FakeClock
    settings: StoreSettings
    postbox: Postbox
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    async def say(
        self, text: str, *, address: str = "me", kind: Kind = Kind.TEXT, press: Press | None = None
    ) -> list[Outgoing]:
        """One move of a customer, and all that was sent because of it."""
        before = len(self.postbox.taken)
        number = str(next(self._numbers))
        channel = self.postbox.name
        move = Inbound(channel, number, channel, address, kind, text, press, platform_id=number)
        await self.reception.receive([move])
        await self.settle()
        return self.postbox.taken[before:]

    async def press(self, message: Outgoing, index: int) -> list[Outgoing]:
        """Press a button of a message."""
        press = Press(message.message_id, index)
        return await self.say("", address=message.address, kind=Kind.PRESSED, press=press)

    async def settle(self) -> None:
        """Wait until nothing is left to be sent."""
        unsent = select(exists().where(Message.delivery.in_(("pending", "sending"))))
        while True:
            async with self.store.read() as session:
                if not await session.scalar(unsent):
                    return
            await asyncio.sleep(0.005)

    async def agent(self, name: str = "Ann", role: str = "agent") -> Agent:
        """A new member of staff."""
        async with self.store.write() as session:
            agent = Agent(name=name, role=role, created_at=self.clock())
            session.add(agent)
        return agent


@asynccontextmanager
async def open_house(
    store: Store,
    channels: Mapping[str, Channel] | None = None,
    *,
    clock: FakeClock | None = None,
    settings: StoreSettings | None = None,
    has_desk: bool = False,
) -> AsyncIterator[House]:
    """The parts running on `store`; `channels` come beside the postbox."""
    clock = clock or FakeClock()
    settings = settings or StoreSettings()
    postbox = Postbox()
    async with store.write() as session:
        drafts = [
            ArticleDraft(key, question, said, answer, lang) for key, lang, question, answer, said in ARTICLES
        ]
        await publishing.publish(session, drafts, by="tests", now=clock())
    knowledge = await _knowledge(store, clock)
    reception = Reception(store, knowledge, clock, settings, business_name=BUSINESS, has_desk=has_desk)
    delivery = Delivery(store, {postbox.name: postbox, **(channels or {})}, clock)
    reception.delivery = delivery
    tasks = [asyncio.create_task(reception.run()), asyncio.create_task(delivery.run())]
    try:
        yield House(store, knowledge, reception, delivery, clock, settings, postbox)
    finally:
        for task in tasks:
            await ended(task)
        await knowledge.close()
        await delivery.drain()


@asynccontextmanager
async def another_reception(house: House) -> AsyncIterator[Reception]:
    """Another process's, as far as the store can tell; running."""
    other = Reception(house.store, house.knowledge, house.clock, house.settings, business_name=BUSINESS)
    task = asyncio.create_task(other.run())
    try:
        yield other
    finally:
        await ended(task)


_edition: list[Edition] = []


async def _knowledge(store: Store, clock: FakeClock) -> Knowledge:
    """The knowledge base of `ARTICLES`; its index is built once for all tests, since it is the same in each."""
    knowledge = Knowledge(store, clock, Policy())
    if not _edition:
        await knowledge.refresh()
        _edition.append(knowledge.edition)
    knowledge.edition = _edition[0]
    return knowledge
