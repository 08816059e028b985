"""In a customer's topic: stars asked for by hand, a low rating told, its follow-up done."""

from datetime import timedelta

from bot.clock import system_clock
from bot.dispatch import Timekeeper
from crm_store import timers
from tests.telegram_stage import DeskHouse


async def test_stars_by_hand_a_low_rating_and_its_follow_up(desk_house: DeskHouse) -> None:
    zoe, topic, _ = await desk_house.held()
    group, ann = desk_house.group, desk_house.ann
    await ann.says("/rate", chat=group, thread=topic)
    await group.hears("there is nothing to rate yet", thread=topic)
    await ann.says("hello Zoe", chat=group, thread=topic)
    await zoe.hears("hello Zoe")
    await ann.says("/rate", chat=group, thread=topic)
    await group.hears("The customer was asked for a rating.", thread=topic)
    await ann.says("/rate", chat=group, thread=topic)
    await group.hears("asked for a rating already", thread=topic)
    stars = await zoe.hears("How would you rate")
    await zoe.presses(stars, stars.buttons[0])
    await zoe.hears("the service")
    await ann.says("/done too early", chat=group, thread=topic)
    await group.hears("no open follow-up", thread=topic)
    later = Timekeeper(
        desk_house.store, lambda: system_clock() + timedelta(minutes=11), desk_house.store_settings
    )
    await later.fire_due()
    async with desk_house.store.read() as session:
        assert await timers.next_due_at(session) is not None  # the reminder and the expiry are still to come
    told = await group.hears("Zoe gave 1.0 of 5 stars", thread=topic)
    assert "Follow-up FOL-1: Ann sees to it" in told.text
    await ann.says("/done", chat=group, thread=topic)
    await group.hears("say what came of it", thread=topic)
    await ann.says("/done sent a new lamp", chat=group, thread=topic)
    await group.hears("Done: FOL-1.", thread=topic)
