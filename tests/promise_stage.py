"""Customers who were promised replies, an agent, and the clock: what the tests of promises play on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from bot.channels.base import Inbound, Kind
from bot.dispatch import Timekeeper
from crm_store import conversations, desk, queue
from crm_store.engine import Store
from crm_store.models.conversations import Conversation, Promise
from crm_store.models.plumbing import DeskPost
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.house import House, open_house

RULES = StoreSettings(
    response_targets="first 20m, next 10m, resolution 1h", first_reply_minutes=0, rating_aspects=""
)
MINUTE = timedelta(minutes=1)


@dataclass
class Scene:
    """Customers, an agent, and the clock."""

    house: House
    keeper: Timekeeper
    ann: Agent
    updates: int = 0

    async def says(self, address: str, words: str) -> int:
        """The customer's conversation."""
        self.updates += 1
        await self.house.reception.receive(
            [Inbound("terminal", str(self.updates), "terminal", address, Kind.TEXT, words)]
        )
        await self.keeper.fire_due()
        async with self.house.store.read() as session:
            last = select(Conversation.id).order_by(
                Conversation.last_message_at.desc(), Conversation.id.desc()
            )
            return int(await session.scalar(last.limit(1)) or 0)

    async def pass_minutes(self, count: int) -> None:
        for _ in range(count):
            self.house.clock.advance(MINUTE)
            await self.keeper.fire_due()

    async def reply(self, number: int) -> None:
        async with self.house.store.write() as session:
            await conversations.reply(session, number, self.ann, "Here I am.", now=self.house.clock())

    async def resolve(self, number: int) -> None:
        async with self.house.store.write() as session:
            await queue.resolve(session, number, self.ann, now=self.house.clock(), settings=RULES)

    async def posts(self) -> list[tuple[str, str]]:
        """What the staff group was told of promises."""
        async with self.house.store.read() as session:
            query = select(DeskPost.kind, DeskPost.text).where(DeskPost.kind.in_(("due_soon", "overdue")))
            return [(row[0], row[1]) for row in await session.execute(query.order_by(DeskPost.id))]

    async def kept(self) -> list[tuple[str, bool | None]]:
        async with self.house.store.read() as session:
            rows = await session.scalars(select(Promise).order_by(Promise.id))
            return [(row.kind, row.was_kept) for row in rows]

    async def queue(self) -> list[tuple[int, list[tuple[str, int]]]]:
        """Who waits, next first, with what speaks for them."""
        async with self.house.store.read() as session:
            shown = await queue.listing(session, now=self.house.clock())
            return [
                (one.conversation.id, [(why.reason, why.points) for why in one.why_next]) for one in shown
            ]


@asynccontextmanager
async def scene_of(store: Store, rules: StoreSettings) -> AsyncIterator[Scene]:
    async with open_house(store, settings=rules) as house:
        async with store.write() as session:
            ann = Agent(name="Ann", role="agent", created_at=house.clock())
            session.add(ann)
            await desk.set_groups(session, ["-100"])
        yield Scene(house, Timekeeper(store, house.clock, rules), ann)
