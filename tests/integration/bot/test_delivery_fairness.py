"""One channel's trouble is no other's, and who is there now does not wait behind a backlog."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from bot import delivery as delivery_module
from bot.channels.base import DeliveryFailed, Outcome, Outgoing, Pace
from bot.clock import system_clock
from bot.delivery import Delivery
from crm_store import outbox
from crm_store.condition import Condition
from crm_store.engine import Store
from tests.house import NOON, FakeClock
from tests.outbox_rows import eventually, fill, row

BACKLOG = 400


@dataclass
class Platform:
    """Takes all at once, nothing at all, or keeps everybody waiting."""

    name: str
    fails: DeliveryFailed | None = None
    hangs: bool = False
    taken: list[int] = field(default_factory=list)

    async def send(self, outgoing: Outgoing) -> str | None:
        if self.hangs:
            await asyncio.Event().wait()
        if self.fails is not None:
            raise self.fails
        self.taken.append(outgoing.message_id)
        return "1"


def on_telegram(count: int) -> list[tuple[str, dict[str, object]]]:
    return [(f"t{n}", {"lane": f"telegram:{n}"}) for n in range(count)]


async def deliver_beside(store: Store, telegram: Platform, **settings: object) -> tuple[Delivery, Platform]:
    web = Platform("web")
    delivery = Delivery(store, {"telegram": telegram, "web": web}, FakeClock(), **settings)  # type: ignore[arg-type]
    return delivery, web


async def check_web_is_served(store: Store, delivery: Delivery, web: Platform) -> None:
    running = asyncio.create_task(delivery.run())
    try:
        await asyncio.sleep(0.5)
        (number,) = await fill(store, ("w", {}))

        async def is_sent() -> bool:
            return (await row(store, number)).delivery == "sent"

        await eventually(is_sent, seconds=4)
        assert web.taken == [number]
    finally:
        running.cancel()
        for flying in delivery._flying:
            flying.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_a_platform_that_is_away_holds_up_no_other_channel(store: Store) -> None:
    condition = Condition()
    telegram = Platform("telegram", fails=DeliveryFailed(Outcome.NOT_SENT, "no route"))
    await fill(store, *on_telegram(20))
    delivery, web = await deliver_beside(store, telegram, condition=condition)
    await check_web_is_served(store, delivery, web)
    assert [(one.part, one.what) for one in condition.troubles] == [
        ("telegram", "nothing can be sent: no route")
    ]


async def test_a_platform_that_never_answers_holds_up_no_other_channel(store: Store) -> None:
    await fill(store, *on_telegram(BACKLOG))
    delivery, web = await deliver_beside(store, Platform("telegram", hangs=True))
    await check_web_is_served(store, delivery, web)


async def test_a_backlog_that_leaves_slowly_holds_up_no_other_channel(store: Store) -> None:
    await fill(store, *on_telegram(BACKLOG))
    delivery, web = await deliver_beside(store, Platform("telegram"), paces={"telegram": Pace(20)})
    await check_web_is_served(store, delivery, web)


async def test_a_fresh_answer_goes_out_beside_the_backlog(store: Store) -> None:
    telegram = Platform("telegram")
    backlog = await fill(store, *on_telegram(BACKLOG))
    delivery, _ = await deliver_beside(store, telegram, paces={"telegram": Pace(20)})
    running = asyncio.create_task(delivery.run())
    try:
        await asyncio.sleep(0.5)
        assert delivery.outlet().places["telegram"] > 0
        lease: dict[str, object] = {
            "lane": "telegram:new",
            "delivery": "sending",
            "attempts": 1,
            "next_try_at": NOON + outbox.LEASE,
        }
        (number,) = await fill(store, ("new", lease))
        async with store.read() as session:
            delivery.take(await outbox.load(session, [number]))

        async def has_arrived() -> bool:
            return number in telegram.taken

        await eventually(has_arrived, seconds=5)
        assert len(telegram.taken) < BACKLOG / 2
        others = [one for one in telegram.taken if one != number]
        assert others == backlog[: len(others)], "the backlog keeps its order"
    finally:
        await delivery.drain()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_doubt_after_doubt_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery_module, "SLOW_CALM_S", 0.2)
    condition = Condition()
    platform = Platform("web", fails=DeliveryFailed(Outcome.AMBIGUOUS, "no answer"))
    await fill(store, *((f"{n}", {}) for n in range(5)))
    delivery = Delivery(store, {"web": platform}, FakeClock(NOON + timedelta(1)), condition=condition)
    running = asyncio.create_task(delivery.run())
    try:

        async def is_told() -> bool:
            return condition.is_out_of_order("web")

        await eventually(is_told)
        platform.fails = None
        (number,) = await fill(store, ("later", {}))

        async def is_over() -> bool:
            if (
                number in platform.taken and condition.troubles
            ):  # one answer does not disprove it, a calm does
                await fill(store, (f"calm {len(platform.taken)}", {}))
                await asyncio.sleep(0.1)
            return number in platform.taken and not condition.troubles

        await eventually(is_over)
    finally:
        await delivery.drain()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_the_first_answers_after_a_start_do_not_go_behind_what_waits(store: Store) -> None:
    left = {"delivery": "sending", "attempts": 1, "lane": "telegram:1"}
    (interrupted,) = await fill(store, ("t1", left))
    delivery, _ = await deliver_beside(store, Platform("telegram"))
    assert not delivery.outlet().places, "its own sendings would be taken for what was interrupted"
    await delivery.look_back()
    assert delivery.outlet().places["telegram"] > 0
    assert (await row(store, interrupted)).delivery == "pending"


async def test_of_albums_no_more_is_held_than_leaves_before_the_claim_ends(store: Store) -> None:
    """At 2 parts a second 40 are held; of albums with ten parts each that is four, and the others stay due."""
    telegram = Platform("telegram", hangs=True)
    pace = Pace(overall_per_s=2, weigh=lambda _: 10)
    delivery = Delivery(store, {"telegram": telegram}, FakeClock(), paces={"telegram": pace})
    album = {"attachment": {"type": "photo", "file_id": "f"}}
    numbers = await fill(store, *((f"t{n}", {"lane": f"telegram:{n}"} | album) for n in range(30)))
    running = asyncio.create_task(delivery.run())

    async def states() -> list[str]:
        return [str((await row(store, number)).delivery) for number in numbers]

    async def is_shared_out() -> bool:
        return (await states()).count("sending") == 4

    try:
        await eventually(is_shared_out)
        found = await states()
        assert found == ["sending"] * 4 + ["pending"] * 26
        assert {(await row(store, number)).attempts for number in numbers[4:]} == {0}
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


@dataclass
class Stumbling:
    """A platform whose server fails at some chats for ever, and takes what goes to any other."""

    name: str = "web"
    tried: list[str] = field(default_factory=list)
    taken: list[int] = field(default_factory=list)

    async def send(self, outgoing: Outgoing) -> str | None:
        self.tried.append(outgoing.address)
        if outgoing.address.startswith("bad"):
            raise DeliveryFailed(Outcome.NOT_SENT, "The server answered 502")
        self.taken.append(outgoing.message_id)
        return "1"


async def test_chats_that_the_platform_stumbles_over_hold_up_nobody_else(store: Store) -> None:
    platform = Stumbling()
    await fill(store, *((f"bad{n}", {"created_at": system_clock()}) for n in range(3)))
    delivery = Delivery(store, {"web": platform}, system_clock)
    running = asyncio.create_task(delivery.run())

    async def all_are_tried() -> bool:
        return len(set(platform.tried)) == 3

    async def all_have_it() -> bool:
        return sorted(platform.taken) == sorted(others)

    try:
        await eventually(all_are_tried)
        others = await fill(store, *((f"good{n}", {"created_at": system_clock()}) for n in range(5)))
        await eventually(all_have_it)
    finally:
        await delivery.drain()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
    assert len(platform.tried) < 30
