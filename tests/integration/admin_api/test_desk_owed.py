"""Promised replies on the desk: due soon and overdue, on the cards of who is held and over the thread."""

from datetime import UTC, datetime, timedelta

import pytest

from crm_store import conversations, owed, promises
from crm_store.settings import StoreSettings
from tests.admin_stage import Stage
from tests.desk_stage import Visitor, agent_browser, customer_waits

TARGETS = StoreSettings(response_targets="first 20m, resolution 2h")


async def promised(stage: Stage, number: int) -> None:
    """By targets that count from now on; written down and followed, as the bot does when it looks."""
    stage.promise(TARGETS)
    async with stage.store.write() as session:
        found = await conversations.get(session, number)
        await promises.follow(session, found, now=stage.clock(), settings=TARGETS)


async def held(stage: Stage) -> tuple[int, Visitor]:
    """A conversation that the agent took at once, and their browser."""
    number, browser = await customer_waits(stage, "my lamp broke"), await agent_browser(stage)
    await promised(stage, number)
    await browser.send(f"/conversations/{number}/take")
    return number, browser


@pytest.mark.parametrize(
    ("minutes", "language", "told", "look"),
    [
        (14, "en", None, None),
        (16, "en", "First reply due in 4 min", "due-soon"),
        (27, "en", "First reply overdue for 7 min", "overdue"),
        (16, "zh", "首次回复：4 分钟后到期", "due-soon"),
        (27, "zh", "首次回复：已逾期 7 分钟", "overdue"),
    ],
)
async def test_what_is_owed_stands_on_the_card_and_over_the_thread(
    stage: Stage, minutes: int, language: str, told: str | None, look: str | None
) -> None:
    number, browser = await held(stage)
    stage.clock.move(minutes=minutes)
    elsewhere = await agent_browser(stage, "supervisor")
    for who, path in (
        (browser, "/desk/lists"),
        (elsewhere, "/desk/lists"),
        (browser, f"/conversations/{number}/thread"),
    ):
        seen = await who.visit(path, **{"Accept-Language": language})
        if told is None:
            assert "badge due-soon" not in seen.text
            assert "badge overdue" not in seen.text
        else:
            assert f'<span class="badge {look}">{told}</span>' in seen.text, path


@pytest.mark.parametrize(
    ("minutes", "language", "told", "look"),
    [
        (16, "en", "First reply due in 4 min", "due-soon"),
        (27, "en", "First reply overdue for 7 min", "overdue"),
        (27, "zh", "首次回复：已逾期 7 分钟", "overdue"),
    ],
)
async def test_what_is_owed_to_who_waits_stands_on_their_row_of_the_queue(
    stage: Stage, minutes: int, language: str, told: str, look: str
) -> None:
    number, browser = await customer_waits(stage, "my lamp broke"), await agent_browser(stage)
    await promised(stage, number)
    assert "badge due-soon" not in (await browser.visit("/desk/lists")).text
    stage.clock.move(minutes=minutes)
    seen = await browser.visit("/desk/lists", **{"Accept-Language": language})
    row = seen.text.partition(f'id="line-{number}"')[2].partition("</li>")[0]
    assert f'<span class="badge {look}">{told}</span>' in row


async def test_a_reply_settles_it_at_once(stage: Stage) -> None:
    number, browser = await held(stage)
    stage.clock.move(minutes=27)
    await promised(stage, number)
    [late] = (await stage.get("/queue/overdue"))["items"]
    assert (late["conversation_id"], late["kind"], late["overdue_s"]) == (number, "first", 7 * 60)
    await browser.send(f"/conversations/{number}/words", text="A new one leaves today.")
    for path in ("/desk/lists", f"/conversations/{number}/thread"):
        assert "badge overdue" not in (await browser.visit(path)).text, path
    assert (await stage.get("/queue/overdue"))["items"] == []


BUSINESS = StoreSettings(response_targets="first 20m, resolution 2h", working_hours="mon-fri 09:00-17:00")


async def by_business_time(stage: Stage, number: int, now: datetime) -> list[tuple[str, timedelta]]:
    """What is owed, with what is left of it, as the desk tells it then."""
    stage.clock.now = now
    async with stage.store.write() as session:
        found = await conversations.get(session, number)
        await promises.follow(session, found, now=now, settings=BUSINESS)
        told = await owed.of(session, [found], now=now, settings=BUSINESS)
    return [(one.promise.kind, one.left) for one in told.get(number, ())]


async def test_what_is_overdue_is_told_in_the_time_that_counts(stage: Stage) -> None:
    """Over a weekend nothing passes; while the customer is waited for, the resolution's clock stands still."""
    stage.clock.now = friday = datetime(2026, 3, 6, 16, 30, tzinfo=UTC)
    number = await customer_waits(stage, "my lamp broke")
    assert await by_business_time(stage, number, friday + timedelta(minutes=25)) == [
        ("first", -timedelta(minutes=5)),
    ]
    monday = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
    assert await by_business_time(stage, number, monday) == [("first", -timedelta(minutes=10))]
    assert await by_business_time(stage, number, monday + timedelta(hours=2)) == [
        ("first", -timedelta(minutes=130)),
        ("resolution", -timedelta(minutes=30)),
    ]
    browser = await agent_browser(stage)
    await browser.send(f"/conversations/{number}/take")
    await browser.send(f"/conversations/{number}/words", text="A new one leaves today.")
    late = await by_business_time(stage, number, monday + timedelta(hours=7))
    assert late == [("resolution", -timedelta(minutes=30))]
