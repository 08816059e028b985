"""Several bots on one PostgreSQL: one sends, the next goes on where it stopped, and every window hears of it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import pytest
from sqlalchemy import func, select, text

from bot.channels.base import Outgoing, Pace
from bot.channels.web.channel import WebChannel, Window
from bot.channels.web.following import Following
from bot.clock import system_clock
from bot.delivery import Delivery
from bot.dispatch import HANDLERS, Timekeeper
from crm_store import presence, timers
from crm_store.engine import Store
from crm_store.models.conversations import Message
from crm_store.settings import StoreSettings
from crm_store.timers import TimerKind
from tests.house import NOON
from tests.outbox_rows import eventually, fill, row
from tests.several_processes import cut_all, hurry, presence_of, process


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


@dataclass
class Platform:
    """What every process sends to, one at a time; told to `hang`, it takes a message and never answers."""

    name: str = "web"
    taken: list[int] = field(default_factory=list)
    hang: bool = False

    async def send(self, outgoing: Outgoing) -> str | None:
        self.taken.append(outgoing.message_id)
        if self.hang:
            await asyncio.Event().wait()
        return None


@asynccontextmanager
async def delivering(store: Store, platform: Platform) -> AsyncIterator[asyncio.Task[None]]:
    """Delivery in a process that ends without a word."""
    delivery = Delivery(
        store,
        {platform.name: platform},
        system_clock,
        paces={platform.name: Pace(1000, 1000)},
        is_only_server=False,
        presence=store.presence,
        led=[platform.name],
    )
    store.presence.seek(platform.name)
    task = asyncio.create_task(delivery.run())
    try:
        yield task
    finally:
        task.cancel()
        for one in [*delivery._flying]:
            one.cancel()
        await asyncio.gather(task, *delivery._flying, return_exceptions=True)


async def unsent(store: Store) -> int:
    async with store.read() as session:
        waiting = select(func.count()).where(Message.delivery.in_(("pending", "sending")))
        return int(await session.scalar(waiting) or 0)


async def test_the_next_process_goes_on_and_keeps_each_chats_order(postgres_url: str) -> None:
    platform, after = Platform(), Platform()
    async with process(postgres_url) as second:
        numbers = await fill(second, *((str(n % 5), {}) for n in range(25)))
        async with process(postgres_url) as first, delivering(first, platform):
            await eventually(lambda: _have(platform, 25))
            async with delivering(second, after):
                platform.hang = True
                more = await fill(second, *((str(n % 5), {}) for n in range(25)))
                await eventually(lambda: _have(platform, 30))  # of each chat the first is on its way
                await asyncio.sleep(0.3)
                assert after.taken == []
        platform.hang = False
        async with delivering(second, after):
            await eventually(lambda: _nothing_left(second), seconds=20)
    assert sorted(platform.taken) == sorted(numbers + more[:5])
    assert sorted(after.taken) == more  # with those five again: nobody knows whether they arrived
    for chat in range(5):
        assert [n for n in after.taken if n in more[chat::5]] == more[chat::5]


async def _have(platform: Platform, count: int) -> bool:
    return len(platform.taken) == count


async def _nothing_left(store: Store) -> bool:
    return await unsent(store) == 0


@dataclass(eq=False)
class Page:
    """A window that remembers."""

    told: list[dict[str, Any]] = field(default_factory=list)

    def push(self, frame: dict[str, Any]) -> None:
        self.told.append(frame)

    async def shows(self, number: int) -> bool:
        return any(frame.get("id") == number for frame in self.told)


@asynccontextmanager
async def following(store: Store, page: Page, address: str) -> AsyncIterator[WebChannel]:
    channel = WebChannel()
    channel.open(address, cast(Window, page))
    task = asyncio.create_task(Following(store, channel, presence_of(store)).run())
    try:
        yield channel
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def drawn(number: int, address: str) -> Outgoing:
    return Outgoing(number, 1, "web", address, "agent", "hi")


async def test_a_window_hears_of_what_another_process_sent(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there, elsewhere = Page(), Page(), Page()
    async with (
        process(postgres_url) as one,
        process(postgres_url) as other,
        following(one, here, "a") as channel,
        following(other, there, "a"),
        following(other, elsewhere, "b"),
    ):
        first, second, third = await fill(one, ("a", {}), ("a", {}), ("b", {}))
        await asyncio.gather(channel.send(drawn(first, "a")), channel.send(drawn(third, "b")))
        for page, number in ((here, first), (there, first), (elsewhere, third)):
            await eventually(lambda p=page, n=number: p.shows(n))  # type: ignore[misc]
        assert not await elsewhere.shows(first)

        monkeypatch.setattr(presence, "CONNECT_AGAIN_S", 0.5)
        await cut_all(one)
        await eventually(lambda: _is_away(other))
        async with one.write() as session:  # told while the other's line is cut
            await session.execute(text("SELECT pg_notify('frontdesk_news', :n)"), {"n": str(second)})
        await eventually(lambda: there.shows(second))


async def _is_away(store: Store) -> bool:
    return not store.presence.is_here


async def test_each_timer_fires_once_whoever_looks(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fired: list[int] = []

    async def handle(_session: object, subject_id: int, _now: object, _settings: object) -> None:
        fired.append(subject_id)
        await asyncio.sleep(0)

    monkeypatch.setitem(HANDLERS, TimerKind.IDLE_CLOSE, handle)
    async with process(postgres_url) as one, process(postgres_url) as two, process(postgres_url) as three:
        async with one.write() as session:
            for subject in range(250):
                await timers.schedule(session, TimerKind.IDLE_CLOSE, subject, NOON)
        keepers = [
            Timekeeper(s, lambda: NOON + timedelta(hours=1), StoreSettings()) for s in (one, two, three)
        ]
        while any(await asyncio.gather(*(keeper.fire_due() for keeper in keepers))):
            pass
    assert sorted(fired) == list(range(250))


async def test_after_the_database_was_restarted_all_goes_on(postgres_url: str) -> None:
    platform = Platform()
    async with process(postgres_url) as store, delivering(store, platform):
        (before,) = await fill(store, ("a", {}))
        await eventually(lambda: _is_sent(store, before))
        async with store.reader.connect() as connection:
            await connection.execute(text("SELECT 1"))
        async with store.writer.begin() as connection:  # every session but this one, as a restart ends them
            await connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE pid <> pg_backend_pid() AND datname = current_database()"
                )
            )
        (after,) = await fill(store, ("a", {}))
        await eventually(lambda: _is_sent(store, after))
    assert platform.taken == [before, after]


async def _is_sent(store: Store, number: int) -> bool:
    return (await row(store, number)).delivery == "sent"
