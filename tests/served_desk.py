"""A desk that is served, the house its customers talk to, and browsers signed in to it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, Page
from sqlalchemy import select

from admin_api.app import build_app
from admin_api.services import Services
from admin_api.settings import AdminSettings
from crm_store import demo, queue, sign_in, staff
from crm_store.engine import Store
from crm_store.files import Files
from crm_store.models.conversations import Message
from crm_store.settings import StoreSettings
from crm_store.sign_in import Purpose
from tests.admin_stage import Shelf
from tests.browser import Watched
from tests.browser import watch as watch_page
from tests.desk_stage import customer_waits
from tests.house import FakeClock, House, open_house


@dataclass
class Desk:
    """A desk that is served, and the house its customers talk to."""

    base: str
    store: Store
    house: House
    clock: FakeClock
    agent_id: int
    files: Files
    shelf: Shelf

    async def code(self) -> str:
        """A sign-in code for the agent."""
        async with self.store.write() as session:
            return await sign_in.issue_code(session, self.agent_id, Purpose.SIGN_IN, now=self.clock())

    async def cookie(self) -> Any:
        """A cookie of the signed-in agent, as Playwright takes it."""
        async with self.store.write() as session:
            started = await sign_in.start_session(session, self.agent_id, now=self.clock())
        return {"name": "frontdesk_staff", "value": started.token, "url": self.base}

    async def waiting(self, *words: str, address: str) -> None:
        """A customer says these words and then asks for a person."""
        for said in (*words, "human"):
            await self.house.say(said, address=address)


def _folder_beside(store: Store) -> Path:
    return Path(store.url.database or ".").with_name("files")


@asynccontextmanager
async def open_desk(store: Store, *, targets: str = "") -> AsyncIterator[Desk]:
    """A desk over a house of its own with the sample data in it, and with these response targets."""
    clock = FakeClock(datetime.now(UTC))
    async with store.write() as session:
        await demo.seed(session, now=clock())
    async with open_house(store, clock=clock) as house, desk_of(house, targets=targets) as desk:
        yield desk


@asynccontextmanager
async def desk_of(house: House, *, targets: str = "") -> AsyncIterator[Desk]:
    """A desk over this house, with one agent whose replies go out at once."""
    store, clock = house.store, house.clock
    async with store.write() as session:
        agent = await staff.create_agent(
            session, name="Mara Lindqvist", role=staff.Role.ADMIN, now=clock(), undo_s=0
        )
    shelf = Shelf()
    services = Services(
        store=store,
        settings=AdminSettings(_env_file=None),
        store_settings=StoreSettings(
            _env_file=None,
            files_folder=str(_folder_beside(store)),
            max_upload_mb=1,
            response_targets=targets,
        ),
        clock=clock,
        knowledge=lambda: shelf,
        ready=lambda: True,
    )
    async with TestServer(build_app(services)) as server:
        yield Desk(str(server.make_url("")).rstrip("/"), store, house, clock, agent.id, services.files, shelf)


@dataclass
class Elsewhere:
    """A store and a clock: all that putting a customer into the queue needs."""

    store: Store
    clock: FakeClock


async def page_of(desk: Desk, browser: Browser, **options: Any) -> Watched:
    """A page of the signed-in agent."""
    context = await browser.new_context(
        timezone_id="Europe/Berlin", locale=options.pop("locale", "en-GB"), **options
    )
    await context.add_cookies([await desk.cookie()])
    return await watch_page(context)


async def taken(desk: Desk, page: Page, address: str = "anna") -> int:
    """A customer's conversation that the agent of the page has taken, open in it."""
    number = await customer_waits(Elsewhere(desk.store, desk.clock), "my lamp broke", address=address)
    async with desk.store.write() as session:
        agent = await staff.get_agent(session, desk.agent_id)
        await queue.take(session, number, agent, now=desk.clock())
    await page.goto(f"{desk.base}/conversations/{number}")
    return number


async def said(desk: Desk, number: int) -> list[tuple[str, str]]:
    """The words and the names of the files of what the agent wrote."""
    written = select(Message).where(Message.conversation_id == number, Message.author == "agent")
    async with desk.store.read() as session:
        rows = list(await session.scalars(written.order_by(Message.id)))
    return [(row.text, str((row.attachment or {}).get("name", ""))) for row in rows]
