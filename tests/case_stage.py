"""Customers with cases, their owner, and the clock: what the tests of deadlines play on."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.dispatch import Timekeeper
from crm_store import desk, service_cases
from crm_store.case_states import CaseKind, CaseState
from crm_store.engine import Store
from crm_store.models.casework import ServiceCase
from crm_store.models.plumbing import DeskPost
from crm_store.models.staff import Agent
from crm_store.service_cases import CaseDraft
from crm_store.settings import StoreSettings
from tests.house import House, open_house

DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass
class Cases:
    """A customer, Ann who owns their cases, and the clock."""

    house: House
    keeper: Timekeeper
    ann: Agent

    async def open(self, kind: CaseKind = CaseKind.REFUND, **more: Any) -> int:
        """The id of a case of the customer, Ann's unless said otherwise."""
        draft = CaseDraft(kind, **{"conversation_id": 1, "owner_id": self.ann.id, **more})
        async with self.house.store.write() as session:
            row = await service_cases.open_case(
                session, draft, actor="agent:1", now=self.house.clock(), settings=self.house.settings
            )
            return row.id

    async def change(self, case_id: int, state: CaseState | None = None, **values: Any) -> ServiceCase:
        """The case after a change."""
        async with self.house.store.write() as session:
            row = await service_cases.get(session, case_id, lock=True)
            await service_cases.change(
                session,
                row,
                values,
                state=state,
                actor="agent:1",
                now=self.house.clock(),
                settings=self.house.settings,
            )
            return row

    async def pass_time(self, length: timedelta, step: timedelta = HOUR) -> None:
        """Let time pass, timers firing as it does."""
        until = self.house.clock() + length
        while self.house.clock() < until:
            self.house.clock.advance(min(step, until - self.house.clock()))
            await self.keeper.fire_due()

    async def told(self) -> list[tuple[str, str, str]]:
        """What the staff group was told of deadlines: what, of which case, and whose it is."""
        query = select(DeskPost.kind, DeskPost.text, Agent.name).where(DeskPost.kind.startswith("case_"))
        query = query.outerjoin(Agent, Agent.id == DeskPost.agent_id).order_by(DeskPost.id)
        async with self.house.store.read() as session:
            rows = [(kind, json.loads(text), owner) for kind, text, owner in await session.execute(query)]
        return [(kind, told["number"], owner or told["team"]) for kind, told, owner in rows]


@asynccontextmanager
async def cases_of(store: Store, settings: StoreSettings) -> AsyncIterator[Cases]:
    """A customer who once spoke with the bot, and Ann; there is a staff group."""
    async with open_house(store, settings=settings) as house:
        await house.say("hello")
        async with store.write() as session:
            ann = Agent(name="Ann", role="agent", created_at=house.clock())
            session.add(ann)
            await desk.set_groups(session, ["-100"])
        yield Cases(house, Timekeeper(store, house.clock, settings), ann)
