"""A clock that is set back keeps nothing waiting: neither while a server runs nor while none does."""

from datetime import timedelta

import pytest

from bot.delivery import Delivery
from crm_store.engine import Store
from tests.house import NOON, FakeClock, Postbox
from tests.outbox_rows import fill, row

SOON = timedelta(seconds=30)


async def waiting(store: Store, clock: FakeClock) -> int:
    """A message whose next try is soon."""
    (number,) = await fill(store, ("a", {"next_try_at": clock() + SOON, "attempts": 1}))
    return number


@pytest.mark.parametrize("by", [timedelta(seconds=90), timedelta(minutes=50), timedelta(hours=20)])
async def test_what_waits_is_tried_as_soon_as_it_was_meant(store: Store, by: timedelta) -> None:
    clock, box = FakeClock(), Postbox("web")
    number = await waiting(store, clock)
    delivery = Delivery(store, {box.name: box}, clock)
    await delivery._round()
    clock.now = NOON - by
    await delivery._round()
    found = await row(store, number)
    assert (found.delivery, found.next_try_at) == ("pending", clock() + SOON)
    clock.now += SOON
    await delivery._round()
    await delivery.drain()
    assert (await row(store, number)).delivery == "sent"


async def test_a_clock_set_back_while_nobody_ran_keeps_nothing_either(store: Store) -> None:
    clock, box = FakeClock(), Postbox("web")
    number = await waiting(store, clock)
    clock.now = NOON - timedelta(minutes=50)
    delivery = Delivery(store, {box.name: box}, clock)
    await delivery._round()
    await delivery.drain()
    assert (await row(store, number)).delivery == "sent"


async def test_a_clock_that_goes_on_changes_nothing(store: Store) -> None:
    clock, box = FakeClock(), Postbox("web")
    number = await waiting(store, clock)
    delivery = Delivery(store, {box.name: box}, clock)
    for step in (timedelta(), timedelta(seconds=-0.5), timedelta(seconds=10)):
        clock.now += step
        await delivery._round()
    assert (await row(store, number)).next_try_at == NOON + SOON
