"""Waits count while people are there: as the queue is ordered, as it is shown, and as the staff are told of it."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from bot.channels.telegram.desk.card import card_text
from bot.dispatch import Timekeeper
from bot.texts import render
from crm_store import desk_cards, labels, queue, stored_settings
from crm_store.engine import Store
from crm_store.live_settings import LiveSettings
from crm_store.models.conversations import Conversation
from crm_store.models.plumbing import DeskPost
from crm_store.queueing import MINUTE, Reason
from crm_store.settings import StoreSettings
from tests.integration.crm_store.test_queue_order import waits
from tests.promise_stage import Scene, scene_of
from tests.query_counter import counted_queries

EVENING = StoreSettings(
    working_hours="mon-sun 21:54-23:00", first_reply_minutes=0, handoff_notice_minutes=2, rating_aspects=""
)
OFFICE = StoreSettings(working_hours="mon-fri 09:00-18:00", first_reply_minutes=0, rating_aspects="")
TEAMS = OFFICE.model_copy(update={"team_hours": {"night": "mon-sun 18:00-09:00"}})
FRIDAY = datetime(2026, 11, 20, 17, 50, tzinfo=UTC)
"""Ten minutes before they go."""
MONDAY = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
"""Five minutes after they came."""


def of_wait(why: Sequence[Reason]) -> int:
    return next(one.points for one in why if one.reason == "waiting")


async def test_who_asked_before_they_came_has_waited_since_they_came(store: Store) -> None:
    async with scene_of(store, EVENING) as scene:
        clock = scene.house.clock
        clock.now = datetime(2026, 3, 2, 21, 51, tzinfo=UTC)
        number = await scene.says("me", "/human")
        assert await told(scene, number) == 0
        clock.advance(3 * MINUTE)
        assert await told(scene, number) == 0
        clock.advance(2 * MINUTE)
        assert await told(scene, number) == 2
        await scene.keeper.fire_due()
        async with store.read() as session:
            post = await session.scalar(select(DeskPost).where(DeskPost.kind == "unanswered"))
            card = await desk_cards.card(session, number, now=clock())
        assert post is not None
        assert post.text == "2"
        assert "waiting 2 min (counts as +2 min)" in card_text(card, "en")
        assert "已等 2 分钟（折合 +2 分钟）" in card_text(card, "zh")
        words = [
            render(language, "desk.unanswered", name="Zoe", minutes=post.text) for language in ("en", "zh")
        ]
        assert words[0].startswith("⏰ Zoe has been waiting for 2 minutes")
        assert "2 分钟" in words[1]


async def told(scene: Scene, number: int) -> int:
    """The minutes of its wait, as its card and the queue tell them, which are its points too."""
    now = scene.house.clock()
    async with scene.house.store.read() as session:
        card = await desk_cards.card(session, number, now=now)
        (entry,) = await queue.listing(session, now=now)
    assert entry.why_next == card.why_next
    assert entry.points == of_wait(card.why_next) == entry.waited / MINUTE
    return of_wait(card.why_next)


async def order(store: Store, now: datetime) -> list[int]:
    async with store.read() as session:
        entries = await queue.listing(session, now=now)
    points = [entry.points for entry in entries]
    assert points == sorted(points, reverse=True)
    for entry in entries:
        assert int(entry.points) == sum(why.points for why in entry.why_next)
    return [entry.conversation.id for entry in entries]


async def test_a_night_in_which_nobody_was_there_passes_nobody(store: Store) -> None:
    """Fifteen minutes of Friday and Monday do not outweigh what is urgent, as three days would."""
    async with scene_of(store, OFFICE) as scene:
        scene.house.clock.now = FRIDAY
        await scene.keeper.fire_due()
        friday = await waits(store, "friday", FRIDAY)
        saturday = await waits(store, "saturday", FRIDAY + timedelta(days=1))
        monday = await waits(store, "monday", MONDAY - MINUTE, priority=1)
        calm = await waits(store, "calm", MONDAY)
        for now in (MONDAY, MONDAY + 300 * MINUTE, MONDAY + timedelta(days=3)):
            assert await order(store, now) == [monday, friday, saturday, calm]
        scene.house.clock.now = MONDAY + 2 * MINUTE
        await scene.keeper.fire_due()  # ranked as of another day
        assert await order(store, scene.house.clock()) == [monday, friday, saturday, calm]
        async with store.write() as session:
            await labels.change_labels(
                session, saturday, now=scene.house.clock(), settings=OFFICE, priority=1
            )
        assert await order(store, scene.house.clock()) == [saturday, monday, friday, calm]


async def test_other_hours_count_for_who_waits_already(store: Store) -> None:
    """They are changed while people wait: who had come in the evening has waited all night now."""
    live = LiveSettings(store, OFFICE)
    async with scene_of(store, OFFICE) as scene:
        keeper, clock = Timekeeper(store, scene.house.clock, live), scene.house.clock
        clock.now = FRIDAY
        await keeper.fire_due()
        friday = await waits(store, "friday", FRIDAY)
        urgent = await waits(store, "urgent", MONDAY, priority=3)
        clock.now = MONDAY
        await keeper.fire_due()
        assert await order(store, MONDAY) == [urgent, friday]
        async with store.write() as session:
            await stored_settings.change(session, "working_hours", "", base=OFFICE, by="Ann", now=MONDAY)
        await live.load()
        await keeper.fire_due()
        assert await order(store, MONDAY) == [friday, urgent]
        async with store.read() as session:
            first = (await queue.listing(session, now=MONDAY))[0]
        assert of_wait(first.why_next) == (MONDAY - FRIDAY) // MINUTE
        async with store.write() as session:
            await stored_settings.back_to_default(session, "working_hours", base=OFFICE, now=MONDAY)
        await live.load()
        await keeper.fire_due()
        assert await order(store, MONDAY) == [urgent, friday]


async def test_by_its_teams_hours_each_has_waited(store: Store) -> None:
    """One team is there by day, one by night: whose people are away keeps the wait they had."""
    async with scene_of(store, TEAMS) as scene:
        clock = scene.house.clock
        clock.now = FRIDAY
        await scene.keeper.fire_due()
        day = await waits(store, "day", FRIDAY - 30 * MINUTE)
        night = await waits(store, "night", FRIDAY, team="night")
        assert await order(store, FRIDAY) == [day, night]
        for minutes, wanted in ((35, [day, night]), (49, [day, night]), (56, [night, day])):
            clock.now = FRIDAY + minutes * MINUTE
            await scene.keeper.fire_due()
            assert await order(store, clock()) == wanted, minutes
        clock.now = MONDAY + 900 * MINUTE  # the night again, after a day
        await scene.keeper.fire_due()
        assert await order(store, clock()) == [night, day]
        async with store.write() as session:
            await labels.change_labels(session, night, now=clock(), settings=TEAMS, team="day")
        assert await order(store, clock()) == [day, night]


@pytest.mark.parametrize("is_settled", [False, True])
async def test_who_was_ranked_by_the_hours_before_is_ranked_again(store: Store, is_settled: bool) -> None:
    """By somebody whose work began before the hours were kept, and ended after."""
    async with scene_of(store, OFFICE) as scene:
        clock = scene.house.clock
        clock.now = MONDAY
        await scene.keeper.fire_due()
        friday = await waits(store, "friday", FRIDAY)
        urgent = await waits(store, "urgent", MONDAY, priority=3)
        if is_settled:
            clock.advance(timedelta(seconds=11))
            await scene.keeper.fire_due()
        async with store.write() as session:
            row = await session.get_one(Conversation, friday)
            row.ranked_at = row.queued_at
        clock.advance(timedelta(seconds=11))
        await scene.keeper.fire_due()
        async with store.read() as session:
            found = [entry.conversation.id for entry in await queue.listing(session, now=clock())]
        assert found == ([friday, urgent] if is_settled else [urgent, friday])


@pytest.mark.parametrize("rules", [StoreSettings(rating_aspects=""), OFFICE, TEAMS])
async def test_a_look_at_the_hours_writes_nothing_while_nothing_changes(
    store: Store, rules: StoreSettings
) -> None:
    async with scene_of(store, rules) as scene:
        scene.house.clock.now = MONDAY
        for seconds in (0, 11, 240):
            scene.house.clock.advance(timedelta(seconds=seconds))
            with counted_queries(store) as counted:
                await scene.keeper.fire_due()
        assert not [one for one in counted if "key_value" in one and not one.startswith("SELECT")]
