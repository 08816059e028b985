"""A customer who waits for a person, a member of the staff, and the minutes that pass."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from bot.channels.base import Inbound, Kind
from bot.dispatch import Timekeeper
from crm_store import desk
from crm_store.engine import Store
from crm_store.models.conversations import Conversation, Message
from crm_store.models.plumbing import DeskPost
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.house import House, open_house


@dataclass
class Scene:
    """A customer who waits, and the clock."""

    house: House
    timekeeper: Timekeeper
    ann: Agent

    async def pass_minutes(self, count: int) -> list[str]:
        """What the customer is told while so many minutes pass, looked at every minute."""
        told = len(self.house.postbox.taken)
        for _ in range(count):
            self.house.clock.advance(timedelta(minutes=1))
            await self.timekeeper.fire_due()
        await self.house.settle()
        return [sent.text for sent in self.house.postbox.taken[told:]]

    async def conversation(self) -> Conversation:
        async with self.house.store.read() as session:
            return (await session.scalars(select(Conversation))).one()

    async def reminded(self) -> list[str]:
        """The minutes that the staff were told."""
        async with self.house.store.read() as session:
            query = select(DeskPost.text).where(DeskPost.kind == "unanswered").order_by(DeskPost.id)
            return list(await session.scalars(query))


@asynccontextmanager
async def open_scene(store: Store) -> AsyncIterator[Scene]:
    """They have just asked for a person."""
    async with open_house(store) as house:
        timekeeper = Timekeeper(store, house.clock, StoreSettings())
        async with store.write() as session:
            ann = Agent(name="Ann", role="agent", created_at=house.clock())
            session.add(ann)
            await desk.set_groups(session, ["-100"])
        await house.reception.receive([Inbound("terminal", "1", "terminal", "me", Kind.TEXT, "/human")])
        await timekeeper.fire_due()
        await house.settle()
        yield Scene(house, timekeeper, ann)


async def messages_to(store: Store, address: str) -> list[Message]:
    """Ours and the bot's in this customer's chat in Telegram."""
    async with store.read() as session:
        rows = await session.scalars(
            select(Message)
            .where(Message.lane == f"telegram:{address}", Message.author.in_(("bot", "system")))
            .order_by(Message.id)
        )
        return list(rows)
