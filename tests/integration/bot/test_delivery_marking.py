"""Between a platform's answer and the mark in the row: who is killed there does not send it again."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bot.channels.base import Outgoing
from bot.delivery import Delivery
from crm_store import outbox
from crm_store.engine import Store
from crm_store.outbox import Sent
from crm_store.quick_marks import QuickMarks
from crm_store.receipts import receipts_beside
from tests.botapi.server import BotApiServer
from tests.house import NOON, FakeClock
from tests.open_files import open_files
from tests.outbox_rows import eventually, fill, row
from tests.telegram_stage import TelegramHouse, settings_for


@dataclass
class Platform:
    name: str = "web"
    taken: list[int] = field(default_factory=list)

    async def send(self, outgoing: Outgoing) -> str | None:
        self.taken.append(outgoing.message_id)
        return "77"


@asynccontextmanager
async def running(store: Store, platform: Platform) -> AsyncIterator[Delivery]:
    """Ended like a process that is killed: nothing is written down after."""
    delivery = Delivery(store, {"web": platform}, FakeClock())
    task = asyncio.create_task(delivery.run())
    try:
        yield delivery
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def is_marked(store: Store, number: int) -> bool:
    return (await row(store, number)).delivery == "sent"


async def test_who_dies_before_the_mark_leaves_a_receipt_and_the_next_does_not_send(
    sqlite_store: Store,
) -> None:
    platform = Platform()
    arrived, interrupted = await fill(sqlite_store, ("a", {}), ("b", {}))
    claimed, _ = await sqlite_store.transact(lambda c, _t: outbox.claim(c, ("web",), now=NOON))
    assert receipts_beside(sqlite_store).note(claimed, Sent(arrived, "76", claim=1))
    async with running(sqlite_store, platform):
        await eventually(lambda: is_marked(sqlite_store, interrupted))
    assert platform.taken == [interrupted]
    assert ((await row(sqlite_store, arrived)).delivery, (await row(sqlite_store, arrived)).platform_id) == (
        "sent",
        "76",
    )


async def test_a_clean_end_leaves_no_file(sqlite_store: Store) -> None:
    platform = Platform()
    (number,) = await fill(sqlite_store, ("a", {}))
    async with running(sqlite_store, platform) as delivery:
        await eventually(lambda: is_marked(sqlite_store, number))
        await delivery.drain()
    assert not Path(f"{sqlite_store.url.database}-sent").exists()


async def test_marks_on_postgresql_are_made_past_the_rounds(
    postgres_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    make = QuickMarks.make

    async def watched(self: QuickMarks, sent: object, **now: object) -> None:
        await make(self, sent, **now)  # type: ignore[arg-type]
        made.extend(one.id for one in sent)  # type: ignore[attr-defined]

    monkeypatch.setattr(QuickMarks, "make", watched)
    numbers = await fill(postgres_store, ("a", {}), ("a", {}), ("b", {}))
    platform = Platform()
    async with running(postgres_store, platform) as delivery:
        await eventually(lambda: is_marked(postgres_store, numbers[1]))
        await delivery.drain()
    assert sorted(made) == sorted(platform.taken) == sorted(numbers)
    found = await row(postgres_store, numbers[0])
    assert (found.delivery, found.platform_id, found.next_try_at) == ("sent", "77", None)


async def test_where_that_fails_the_next_round_makes_them(
    postgres_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_self: QuickMarks, _sent: object, **_now: object) -> None:
        raise ConnectionError("cut")

    monkeypatch.setattr(QuickMarks, "make", fails)
    (number,) = await fill(postgres_store, ("a", {}))
    platform = Platform()
    async with running(postgres_store, platform):
        await eventually(lambda: is_marked(postgres_store, number))
    assert platform.taken == [number]


async def test_the_tests_house_that_is_killed_has_its_receipts_closed_and_kept(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    house = TelegramHouse(bot_api, shop_store, settings_for(bot_api))
    await house.run()
    zoe, at = bot_api.user(5, "Zoe"), Path(f"{shop_store.url.database}-sent")
    await zoe.says("/start")
    await zoe.hears()
    await bot_api.wait_for(lambda: open_files(str(at)))
    await house.kill()
    assert (open_files(str(at)), at.exists()) == ([], True)
