"""Promised replies on the desk: due soon and overdue, on the cards of who is held and over the thread."""

import pytest

from crm_store import conversations, promises
from crm_store.settings import StoreSettings
from tests.admin_stage import Stage
from tests.desk_stage import Visitor, agent_browser, customer_waits

TARGETS = StoreSettings(response_targets="first 20m, resolution 2h")


async def promised(stage: Stage, number: int) -> None:
    """Written down and followed, as the bot does when it looks."""
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


async def test_a_reply_settles_it_at_once(stage: Stage) -> None:
    number, browser = await held(stage)
    stage.clock.move(minutes=27)
    await promised(stage, number)
    [late] = (await stage.get("/queue/overdue"))["items"]
    assert (late["conversation_id"], late["kind"]) == (number, "first")
    await browser.send(f"/conversations/{number}/words", text="A new one leaves today.")
    for path in ("/desk/lists", f"/conversations/{number}/thread"):
        assert "badge overdue" not in (await browser.visit(path)).text, path
    assert (await stage.get("/queue/overdue"))["items"] == []
