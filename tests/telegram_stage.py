"""The Telegram side of the house, whole and in one process, in front of the tests' Bot API server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.channels.base import Channel, Inbound, Kind
from bot.channels.telegram.service import TelegramBot
from bot.clock import Clock, system_clock
from bot.delivery import Delivery
from bot.knowledge import Knowledge
from bot.reception import Reception
from bot.settings import BotSettings
from crm_store import desk_posts, publishing, staff
from crm_store.articles import ArticleDraft
from crm_store.engine import Store, open_store
from crm_store.settings import StoreSettings
from knowledge_base.policy import Policy
from tests.botapi.groups import Group
from tests.botapi.people import Person
from tests.botapi.server import BotApiServer
from tests.botapi.world import Post, Topic
from tests.house import FakeClock, Postbox

GROUP = -1001234567890
WAITING = ["Take", "Resolve", "Snooze", "Transfer", "Ban"]
HELD = ["Resolve", "Release", "Snooze", "Transfer", "Ban"]
"""The buttons of a card whose customer waits, or is served."""
ARTICLES = (
    ("refund_time", "How long do refunds take?", "Refunds take five working days."),
    ("track_parcel", "Where is my parcel?", "Open My orders and press Track."),
    ("change_password", "How do I change my password?", "Go to Settings, then Security."),
)


async def publish(store: Store, clock: Clock = system_clock) -> None:
    """Three articles, enough to be answered, offered or at a loss."""
    drafts = [
        ArticleDraft(key, question, (question, f"{question} please", f"tell me: {question}"), answer)
        for key, question, answer in ARTICLES
    ]
    async with store.write() as session:
        await publishing.publish(session, drafts, by="test", now=clock(), summary="test")


@dataclass
class TelegramHouse:
    """Everything between the Bot API server and the store; `run` starts it, `stop` ends it cleanly."""

    server: BotApiServer
    store: Store
    settings: BotSettings
    clock: Clock = system_clock
    store_settings: StoreSettings = field(default_factory=StoreSettings)
    poll_timeout: int = 2
    others: dict[str, Channel] = field(default_factory=dict)
    bot: TelegramBot = field(init=False)
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    async def run(self) -> None:
        """Start all parts as the application does."""
        knowledge = Knowledge(self.store, self.clock, Policy())
        await knowledge.refresh()
        self.reception = Reception(
            self.store,
            knowledge,
            self.clock,
            self.store_settings,
            business_name="Harbour & Pine",
            has_desk=bool(self.settings.staff_chats),
        )
        self.bot = TelegramBot(
            self.settings,
            self.store,
            self.reception,
            self.clock,
            poll_timeout=self.poll_timeout,
            knowledge=lambda: knowledge.edition,
        )
        channels: dict[str, Channel] = {"telegram": self.bot.channel, **self.others}
        self.delivery = Delivery(self.store, channels, self.clock, paces={"telegram": self.bot.pace})
        self.reception.delivery = self.delivery
        await self.bot.start()
        loops = (self.reception.run(), self.delivery.run(), self.bot.run())
        self.tasks = [asyncio.create_task(loop) for loop in loops]

    async def stop(self) -> None:
        """Stop the intake, finish what was taken in, close."""
        await self.bot.stop()
        await self.reception.drain()
        await self.delivery.drain()
        await self.kill()

    async def kill(self) -> None:
        """End everything where it stands."""
        for task in self.tasks:
            task.cancel()
        for task in self.tasks:
            with suppress(asyncio.CancelledError):
                await task
        self.tasks = []
        self.delivery._marking.receipts.cut()  # as the system does; the file stays for the next start
        await self.bot.close()


def settings_for(server: BotApiServer, **values: Any) -> BotSettings:
    """Settings that name this server."""
    defaults: dict[str, Any] = {
        "telegram_token": SecretStr(server.token),
        "telegram_base_url": server.base_url,
        "per_chat_per_s": 1000,
        "overall_per_s": 1000,
        "per_group_per_min": 100_000,
    }
    return BotSettings(**(defaults | values))


@pytest.fixture(scope="session")
def published_template(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the schema and the three articles."""
    import shutil
    from concurrent.futures import ThreadPoolExecutor

    path = tmp_path_factory.mktemp("telegram") / "published.db"
    shutil.copy(sqlite_template, path)

    async def fill() -> None:
        store = open_store(f"sqlite:///{path}", owner=True)
        await publish(store)
        await store.close()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, fill()).result()
    return path


@pytest.fixture
async def shop_store(published_template: Path, tmp_path: Path) -> AsyncIterator[Store]:
    """A fresh store that knows the three articles."""
    import shutil

    path = tmp_path / "shop.db"
    shutil.copy(published_template, path)
    store = open_store(f"sqlite:///{path}", owner=True)
    yield store
    await store.close()


@pytest.fixture
async def house(bot_api: BotApiServer, shop_store: Store) -> AsyncIterator[TelegramHouse]:
    """A running house for customers, without a staff group."""
    running = TelegramHouse(bot_api, shop_store, settings_for(bot_api))
    await running.run()
    yield running
    await running.stop()


async def staff_of(store: Store, *people: tuple[str, int], role: str = "agent") -> None:
    """Members of staff with linked Telegram accounts."""
    async with store.write() as session:
        for name, user_id in people:
            agent = await staff.create_agent(session, name=name, role=staff.Role(role), now=system_clock())
            agent.telegram_user_id = user_id


@dataclass
class DeskHouse(TelegramHouse):
    """A house with a staff group: Ann and Bob are linked agents in it, Carl is not linked."""

    group: Group = field(init=False)
    ann: Person = field(init=False)
    bob: Person = field(init=False)
    carl: Person = field(init=False)

    async def open(self) -> None:
        """Set the group up and start."""
        self.group = self.server.group(GROUP, "Desk")
        self.ann, self.bob = self.server.user(71, "Ann"), self.server.user(72, "Bob")
        self.carl = self.server.user(73, "Carl")
        self.group.add(self.ann, self.bob, self.carl)
        await staff_of(self.store, ("Ann", 71), ("Bob", 72))
        await self.run()

    async def queued(self, user_id: int = 5, name: str = "Zoe", *said: str) -> tuple[Person, Topic, Post]:
        """A customer who asked for a person: they, their topic and its card."""
        customer = self.server.user(user_id, name)
        for words in (*said, "/human"):
            await customer.says(words)
            await customer.hears()
        await self.server.wait_for(lambda: name in [topic.name for topic in self.group.topics])
        topic = self.group.topic(name)
        return customer, topic, await self.group.hears("Waiting for a person", thread=topic)

    async def held(self, user_id: int = 5, name: str = "Zoe") -> tuple[Person, Topic, Post]:
        """A customer whom Ann has taken."""
        customer, topic, card = await self.queued(user_id, name)
        await self.ann.presses(card, "Take")
        await customer.hears("Ann is with you now")
        await self.server.wait_for(lambda: "Resolve" in card.buttons and "Take" not in card.buttons)
        return customer, topic, card


@pytest.fixture
async def desk_house(bot_api: BotApiServer, shop_store: Store) -> AsyncIterator[DeskHouse]:
    """A running house with a staff group."""
    settings = settings_for(bot_api, telegram_staff_group=GROUP)
    running = DeskHouse(bot_api, shop_store, settings)
    await running.open()
    yield running
    await running.stop()


@dataclass
class StillHouse(DeskHouse):
    """A house whose clock stands until it is moved."""

    clock: FakeClock = field(default_factory=lambda: FakeClock(system_clock()))


@pytest.fixture
async def still_house(bot_api: BotApiServer, shop_store: Store) -> AsyncIterator[StillHouse]:
    """It runs."""
    running = StillHouse(bot_api, shop_store, settings_for(bot_api, telegram_staff_group=GROUP))
    await running.open()
    yield running
    await running.stop()


async def unsent(store: Store) -> int:
    """So many posts of the desk wait."""
    async with store.read() as session:
        return await desk_posts.unsent(session)


async def at_rest(store: Store) -> None:
    """Returns once nothing waits to be posted or carried on."""
    async with asyncio.timeout(60):
        while await unsent(store):
            await asyncio.sleep(0.02)


async def web_customer(bot_api: BotApiServer, store: Store) -> tuple[DeskHouse, Postbox]:
    """A house with a customer of the web chat, whom Ann has taken."""
    web = Postbox("web")
    settings = settings_for(bot_api, telegram_staff_group=GROUP)
    house = DeskHouse(bot_api, store, settings, others={"web": web})
    await house.open()
    said = Inbound("web:1", "1", "web", "v1", Kind.TEXT, "/human", display_name="Wei")
    await house.reception.receive([said])
    await house.group.hears("via web")
    return house, web


async def until_taken(web: Postbox, words: str) -> None:
    """Returns once the customer's channel took a message with these words."""
    async with asyncio.timeout(60):
        while not any(words in sent.text for sent in web.taken):
            await asyncio.sleep(0.02)
