"""Agents with skills, rules of who needs one, and a look at who is given what."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta

from bot.dispatch import Dispatcher, Timekeeper
from bot.edition import Edition
from crm_store import attendance, conversations, labels, queue, staff
from crm_store.engine import Store
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from crm_store.staff import Role
from knowledge_base.articles import Article
from knowledge_base.index import build_index
from tests.house import House, open_house

RULES = StoreSettings(
    needed_skills={
        "category returns": "returns",
        "tag router": "networks",
        "attribute product=router": "networks",
    },
    skill_minutes=15,
    first_reply_minutes=0,
    handoff_notice_minutes=0,
    rating_aspects="",
)
SHELF = [
    Article(
        "slip", "How do I send it back?", ("send the thing back",), "With the slip.", category="returns/eu"
    ),
    Article("gift", "Can you wrap it?", ("wrap my present",), "For 3 euros.", category="extras"),
]
MINUTES = timedelta(minutes=1)


@dataclass
class Desk:
    """The house, and what gives conversations to who is online."""

    house: House

    async def agent(self, name: str, *skills: str) -> Agent:
        """Somebody new, online."""
        now = self.house.clock()
        async with self.house.store.write() as session:
            made = await staff.create_agent(session, name=name, role=Role.AGENT, skills=skills, now=now)
            await attendance.set_presence(session, made, "online", now=now, lasts=attendance.SHIFT_LASTS)
        return made

    async def given(self, *, after: timedelta = timedelta()) -> list[str | None]:
        """Who holds each conversation once timers have fired and what waits was given, in their order."""
        house = self.house
        house.clock.advance(after)
        await Timekeeper(house.store, house.clock, house.settings).fire_due()
        await Dispatcher(house.store, house.clock, house.settings).give_all()
        async with house.store.read() as session:
            names = {one.id: one.name for one in await staff.page(session)}
            return [names.get(one.agent_id or 0) for one in reversed(await conversations.page(session))]

    async def label(self, number: int, *tags: str, **attributes: str) -> None:
        """What an agent says of a conversation."""
        async with self.house.store.write() as session:
            await labels.change_labels(
                session,
                number,
                now=self.house.clock(),
                settings=self.house.settings,
                tags=tags,
                attributes=attributes,
            )

    async def told(self, number: int) -> list[tuple[str, float | None, str | None]]:
        """What is said of its skill where the queue is explained."""
        async with self.house.store.read() as session:
            entry = await queue.place(
                session, await conversations.get(session, number), now=self.house.clock()
            )
        assert entry is not None
        return [(why.reason, why.value, why.about) for why in entry.why_next if why.about]


@asynccontextmanager
async def open_desk(store: Store, rules: StoreSettings = RULES) -> AsyncIterator[Desk]:
    async with open_house(store, settings=rules) as house:
        house.knowledge.edition = Edition(1, build_index(SHELF), {one.key: {"en": one} for one in SHELF})
        yield Desk(house)
