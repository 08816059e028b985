"""One process of the bot: its real parts over the simulated disk and platform, from a start to an end or a crash."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, cast

from bot.channels.base import Channel, Outgoing, Pace
from bot.channels.telegram.desk.errands import Errands
from bot.channels.telegram.desk.group import StaffGroup
from bot.channels.telegram.desk.handling import StaffDesk
from bot.channels.telegram.desk.pace import GroupPace
from bot.channels.telegram.desk.posting import DeskDelivery
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.keyboards import UsedKeyboards
from bot.channels.telegram.polling import Poller
from bot.channels.web.changing import Changing
from bot.channels.web.protocol import Frame
from bot.delivery import Delivery
from bot.dispatch import Dispatcher, Timekeeper
from bot.edition import Edition
from bot.knowledge import Knowledge
from bot.reception import Reception
from bot.windows import window
from crm_store import articles as stored
from crm_store import desk, desk_posts
from crm_store.engine import Store
from crm_store.files import files_of
from crm_store.settings import StoreSettings
from crm_store.signals import Topic
from knowledge_base.articles import Article
from knowledge_base.index import KnowledgeIndex
from knowledge_base.matches import Decision, Match
from tests.simulation.disk import Disk
from tests.simulation.forum import GROUP, Forum
from tests.simulation.loop import SimLoop
from tests.simulation.telegram import SimApi, SimChannel, Telegram

SETTINGS = StoreSettings(retention_days=0, dispatch="pull")
SETTINGS_OF = (
    SETTINGS,
    SETTINGS,
    *(StoreSettings(retention_days=0, dispatch=how) for how in ("both", "push")),
)
"""How conversations may come to agents."""
ANSWERS = {"where is my parcel": "track", "how do i return it": "returns", "ways to pay": "payment"}
"""What customers ask, and the article that answers."""
OFFERS = {"parcel": ("track", "returns"), "money": ("payment", "returns")}
UNKNOWN = Decision("unknown", (), 0.0, "none")


class NoIndex:
    """There is nothing to be found beside what is asked."""

    languages: frozenset[str] = frozenset()

    def search(self, _text: str, _limit: int) -> list[Match]:
        """Nothing."""
        return []


def _match(key: str) -> Match:
    return Match(key, 1.0, 0.9, key, "en")


class FixedKnowledge:
    """A knowledge base that knows five texts; what its articles say is read from the store, as the real one does."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.edition = Edition(-1, cast(KnowledgeIndex, NoIndex()))

    def decide_many(self, texts: Sequence[str]) -> list[Decision]:
        """Its decision on each text."""
        return [_decide(text.casefold()) for text in texts]

    async def refresh(self) -> None:
        """Take in what was published."""
        async with self._store.read() as session:
            newest = await stored.latest_publication(session)
            if newest == self.edition.publication:
                return
            drafts = await stored.live(session)
        articles = {
            draft.key: {draft.language: Article(draft.key, draft.question, (), draft.answer)}
            for draft in drafts
        }
        self.edition = replace(self.edition, publication=newest, articles=articles)

    async def follow(self) -> None:
        """Take in what is published, until cancelled."""
        listener = self._store.signals.listen(Topic.KNOWLEDGE)
        while True:
            await listener.wait(5.0)
            try:
                await self.refresh()
            except Exception:
                await asyncio.sleep(0.2)


def _decide(text: str) -> Decision:
    if text in ANSWERS:
        return Decision("answer", (_match(ANSWERS[text]),), 0.9, "sure")
    if text in OFFERS:
        return Decision("suggest", tuple(_match(key) for key in OFFERS[text]), 0.5, "unsure")
    return UNKNOWN


class WebPage:
    """The open windows of all web visitors: what each address was shown."""

    name = "web"
    tell: Callable[[int], Awaitable[None]] | None = None

    def __init__(self, shown: Callable[[Outgoing], None]) -> None:
        self._shown = shown

    async def send(self, outgoing: Outgoing) -> str | None:
        """Show the message; the store keeps it for who has no window open."""
        self._shown(outgoing)
        return None

    def push(self, address: str, frame: Frame) -> None:
        """What changed is drawn from the store, where the checks look as well."""


class House:
    """The running parts. Its loops run in `loop`, and end with it."""

    _group: StaffGroup | None = None
    _posting: DeskDelivery | None = None

    def __init__(
        self,
        disk: Disk,
        loop: SimLoop,
        telegram: Telegram,
        clock: Callable[[], datetime],
        pace: Pace,
        page: WebPage,
        forum: Forum | None = None,
        settings: StoreSettings = SETTINGS,
    ) -> None:
        self.store = disk.store(loop)
        self.loop, self.clock, self.settings = loop, clock, settings
        self.knowledge = FixedKnowledge(self.store)
        self.reception = Reception(
            self.store,
            cast(Knowledge, self.knowledge),
            clock,
            settings,
            business_name="Harbour & Pine",
            has_desk=forum is not None,
        )
        api = SimApi(telegram)
        overall = window(pace.overall_per_s, 1.0)
        pace = replace(pace, shared=overall)
        staff = None
        if forum is not None:
            turns = GroupPace(forum.per_min, pace.per_chat_per_s, steady=loop.time, overall=overall)
            staff = self._staff_desk(api, turns)
        # Where there is no group, a place in the queue is told anew all the same.
        self._errands = Errands(self.store, api, files_of(settings), clock, has_group=forum is not None)
        self._changing = Changing(self.store, page, clock)
        channels: dict[str, Channel] = {"telegram": SimChannel(api), "web": page}
        self.delivery = Delivery(self.store, channels, clock, paces={"telegram": pace}, steady=loop.time)
        self.reception.delivery = self.delivery
        self.intake = Intake(api, self.reception, staff, UsedKeyboards(api, self.store))
        self.poller = Poller(api, self.intake.take, timeout=50)
        self.timekeeper = Timekeeper(self.store, clock, settings)
        self.dispatcher = Dispatcher(self.store, clock, settings)
        self.loops: list[asyncio.Task[Any]] = []
        self.is_open = False

    def _staff_desk(self, api: SimApi, turns: GroupPace) -> StaffDesk:
        """The parts that serve the staff group, and the desk in it."""
        store, clock = self.store, self.clock
        self._group = StaffGroup(api, store, clock, GROUP, turns, steady=self.loop.time)
        self._posting = DeskDelivery(store, self._group, clock)
        return StaffDesk(api, store, clock, self.settings, [self._group])

    async def _find_group(self) -> None:
        """As the Telegram service does when it starts."""
        async with self.store.write() as session:
            if self._group is not None:
                await desk_posts.catch_up(session, chats=[self._group.key], now=self.clock())
            await desk.set_groups(session, [self._group.key] if self._group is not None else [])

    async def run(self) -> None:
        """Start as the application does, however often the disk refuses."""
        while self.knowledge.edition.publication < 0:
            try:
                await self.knowledge.refresh()
                await self._find_group()
            except Exception:
                self.knowledge.edition = replace(self.knowledge.edition, publication=-1)
                await asyncio.sleep(0.2)
        works = [
            self.knowledge.follow(), self.reception.run(), self.delivery.run(), self.timekeeper.run(),
            self.dispatcher.run(), self.poller.run(), self._errands.run(), self._changing.run(),
        ]  # fmt: skip
        if self._posting is not None:
            works += [self._posting.run()]
        self.loops = [self.loop.create_task(work) for work in works]
        self.is_open = True

    def end(self) -> None:
        """The system closes what a dead process had open; its files stay."""
        self.delivery._marking.receipts.cut()
