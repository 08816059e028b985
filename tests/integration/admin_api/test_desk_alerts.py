"""A response target near its end, or broken, is told on the desk to whom it concerns: once, and until it is settled."""

import html
import json
import re
from datetime import timedelta
from typing import Any

import pytest

from bot.dispatch import Dispatcher, Timekeeper
from crm_store import alerts, attendance, conversations, promises, queue, staff
from crm_store.settings import StoreSettings
from crm_store.staff import Role
from tests.admin_stage import Stage
from tests.desk_stage import Visitor, agent_browser, customer_waits
from tests.query_counter import counted_queries

RULES = StoreSettings(response_targets="first 20m, next 10m, resolution 2h")
ALERTS = re.compile(r"data-alerts='([^']*)'")


async def looked_at(stage: Stage, *numbers: int) -> None:
    """Followed, as the bot does when a timer says so."""
    stage.promise(RULES)
    async with stage.store.write() as session:
        for number in numbers:
            found = await conversations.get(session, number)
            await promises.follow(session, found, now=stage.clock(), settings=RULES)


async def told(browser: Visitor, path: str = "/desk/lists", **headers: str) -> list[dict[str, Any]]:
    """What the page is to tell of."""
    seen = await browser.visit(path, **headers)
    assert seen.status == 200
    if path == "/desk/unread":
        found: list[dict[str, Any]] = json.loads(seen.text)["alerts"]
        return found
    [written] = ALERTS.findall(seen.text)
    parsed: list[dict[str, Any]] = json.loads(html.unescape(written))
    return parsed


async def who_hears(stage: Stage) -> dict[str, list[str]]:
    """By role, the words they are told."""
    browsers = {role: await agent_browser(stage, role) for role in Role}
    return {role: [one["words"] for one in await told(browser)] for role, browser in browsers.items()}


NOBODY: dict[str, list[str]] = {role: [] for role in Role}
SOON = "Anna Berg · First reply is due at 09:20"
OVERDUE = "Anna Berg · First reply was due at 09:20"


async def test_who_holds_it_is_warned_and_supervisors_hear_of_the_breach(stage: Stage) -> None:
    number = await customer_waits(stage, "my lamp broke")
    await looked_at(stage, number)
    await stage.post(f"/conversations/{number}/take", key="agent")
    assert await who_hears(stage) == NOBODY
    stage.clock.move(minutes=16)
    await looked_at(stage, number)
    assert await who_hears(stage) == {**NOBODY, "agent": [SOON]}
    stage.clock.move(minutes=5)
    await looked_at(stage, number)
    escalated = [f"{OVERDUE} · with the agent"]
    assert await who_hears(stage) == {
        "agent": [OVERDUE], "supervisor": escalated, "admin": escalated, "analyst": []
    }  # fmt: skip


async def test_of_who_is_held_by_nobody_all_hear_who_may_take_them(stage: Stage) -> None:
    number = await customer_waits(stage, "my lamp broke")
    await looked_at(stage, number)
    async with stage.store.write() as session:
        french = await staff.create_agent(
            session, name="Luc", role=Role.AGENT, now=stage.clock(), undo_s=0, languages=["fr"]
        )
        stage.agents["french"] = french.id
    stage.clock.move(minutes=16)
    await looked_at(stage, number)
    assert await who_hears(stage) == {
        "agent": [SOON], "supervisor": [SOON], "admin": [SOON], "analyst": []
    }  # fmt: skip
    assert await told(await agent_browser(stage, "french")) == []
    await stage.post(f"/conversations/{number}/take", key="supervisor")
    assert await who_hears(stage) == {**NOBODY, "supervisor": [SOON]}


async def test_a_breach_has_one_name_until_a_reply_settles_it(stage: Stage) -> None:
    number, browser = await customer_waits(stage, "my lamp broke"), await agent_browser(stage)
    await looked_at(stage, number)
    await browser.send(f"/conversations/{number}/take")
    names = []
    for minutes in (16, 2, 3, 30):
        stage.clock.move(minutes=minutes)
        await looked_at(stage, number)
        [one] = await told(browser)
        names.append(one["key"])
        assert one["href"] == f"/conversations/{number}"
        assert (await told(browser, "/desk/unread")) == [one]
    assert names[0] == names[1] != names[2] == names[3]
    await browser.send(f"/conversations/{number}/words", text="A new one leaves today.")
    assert await told(browser) == await told(browser, "/desk/unread") == []


async def test_the_words_are_in_the_readers_language(stage: Stage) -> None:
    number = await customer_waits(stage, "my lamp broke")
    await looked_at(stage, number)
    stage.clock.move(minutes=30)
    await looked_at(stage, number)
    [one] = await told(await agent_browser(stage), **{"Accept-Language": "zh"})
    assert one["words"] == "Anna Berg · 首次回复应在 09:20 前完成，已逾期"
    assert one["short"] == f"首次回复应在 09:20 前完成，已逾期 · #{number}"
    assert one["late"] is True


async def test_a_case_that_is_overdue_is_told_and_to_who_passes_without_a_name(stage: Stage) -> None:
    number = await customer_waits(stage, "my lamp broke")
    new = {
        "conversation_id": number,
        "kind": "refund",
        "due_at": (stage.clock() + timedelta(hours=1)).isoformat(),
    }
    case = await stage.post("/cases", new, "agent")
    browser, lead = await agent_browser(stage), await agent_browser(stage, "supervisor")
    assert await told(browser) == []
    stage.clock.move(minutes=61)
    [one] = await told(browser)
    assert one["words"] == "Anna Berg · Refund REF-1 was due at 10:00"
    assert (one["short"], one["href"], one["late"]) == (
        "Refund REF-1 was due at 10:00", f"/cases/{case['id']}", True
    )  # fmt: skip
    assert await told(browser, "/desk/unread") == [one], "on every page"
    assert await told(lead) == [], "its owner sees to it"
    later = {"due_at": (stage.clock() + timedelta(minutes=10)).isoformat()}
    await stage.post(f"/cases/{case['id']}", later, "agent", "PATCH")
    assert await told(browser) == []
    stage.clock.move(minutes=11)
    [again] = await told(browser)
    assert again["key"] != one["key"], "a later deadline is told anew"


async def test_names_stay_words(stage: Stage) -> None:
    name = "'><img src=x onerror=alert(1)>&quot;"
    number = await customer_waits(stage, "hi", name=name)
    await looked_at(stage, number)
    stage.clock.move(minutes=30)
    await looked_at(stage, number)
    browser = await agent_browser(stage)
    [one] = await told(browser)
    assert one["words"].startswith(name)
    assert "<img src=x" not in (await browser.visit("/")).text


async def test_a_moment_that_is_told_wakes_the_desks(stage: Stage) -> None:
    number = await customer_waits(stage, "my lamp broke")
    await looked_at(stage, number)
    browser = await agent_browser(stage)
    headers = {**browser.headers, "Accept": "text/event-stream"}
    async with stage.client.get("/desk/live", headers=headers) as stream:
        assert await stream.content.readuntil(b"\n\n") == b"event: changed\ndata:\n\n"
        stage.clock.move(minutes=16)
        await looked_at(stage, number)
        assert await stream.content.readuntil(b"\n\n") == b"event: changed\ndata:\n\n"


async def test_many_are_asked_for_at_once_and_the_newest_are_told(both_stage: Stage) -> None:
    stage, count = both_stage, alerts.MOST + 5
    browser = await agent_browser(stage)
    numbers = [await customer_waits(stage, "hi", name=f"Nr {n}", address=f"nr-{n}") for n in range(count)]
    await looked_at(stage, *numbers)
    stage.clock.move(minutes=30)
    await looked_at(stage, *numbers)
    found = await told(browser)
    with counted_queries(stage.store) as many:
        await told(browser)
    assert {one["href"] for one in found} == {f"/conversations/{n}" for n in numbers[-alerts.MOST :]}
    await customer_waits(stage, "hi", name="one more", address="more")
    with counted_queries(stage.store) as more:
        await told(browser)
    assert len(many) == len(more)


@pytest.mark.parametrize("path", ["/", "/customers", "/preferences", "/insights"])
async def test_every_page_has_a_place_for_it(stage: Stage, path: str) -> None:
    assert 'id="alerts"' in (await (await agent_browser(stage)).visit(path)).text


@pytest.mark.parametrize(("language", "words"), [
    ("en", "wrote nothing for 30 min: it is back in the queue, and you are set to away. Press “Online”"),
    ("zh", "30 分钟内没有回复：对话已回到队列，您的状态已设为暂离。回来后请点“在线”"),
])  # fmt: skip
async def test_who_is_set_away_for_not_answering_reads_so_until_they_are_back(
    stage: Stage, language: str, words: str
) -> None:
    number = await customer_waits(stage, "my lamp broke")
    dispatcher = Dispatcher(stage.store, stage.clock, StoreSettings())
    keeper = Timekeeper(stage.store, stage.clock, StoreSettings())

    async def gets_it_and_is_silent() -> None:
        async with stage.store.write() as session:
            agent = await staff.get_agent(session, stage.agents["agent"])
            await attendance.set_presence(
                session, agent, "online", now=stage.clock(), lasts=attendance.SHIFT_LASTS
            )
        assert await dispatcher.give_all() == 1
        await keeper.fire_due()
        stage.clock.move(minutes=30)
        await keeper.fire_due()

    browser = await agent_browser(stage)
    await gets_it_and_is_silent()
    (alert,) = await told(browser, **{"Accept-Language": language})
    assert words in alert["words"]
    assert alert["href"] == f"/conversations/{number}"
    assert await who_hears(stage) == {**NOBODY, "agent": (await who_hears(stage))["agent"]}
    await browser.send("/desk/presence", presence="online")
    assert await told(browser) == []
    stage.clock.move(minutes=3)  # the page was closed, and opened again
    await gets_it_and_is_silent()
    assert [one["key"] for one in await told(browser)] != [alert["key"]]
    async with stage.store.write() as session:
        agent = await staff.get_agent(session, stage.agents["agent"])
        await attendance.set_presence(session, agent, "away", now=stage.clock())
        await queue.take(session, number, agent, now=stage.clock())
    assert await told(browser) == [], "who says themselves that they are away knows it"


@pytest.mark.parametrize(("language", "words", "short"), [
    ("en", "Anna Berg was with you for 30 min without a reply and is back in the queue, with the wait they had",
     "A conversation of yours is back in the queue: no reply was written"),
    ("zh", "您接待 Anna Berg 后 30 分钟内没有回复，对话已回到队列，等待时间不变", "您的一个对话因未回复已回到队列"),
])  # fmt: skip
@pytest.mark.parametrize("how", ["taken", "given"])
async def test_who_worked_elsewhere_reads_that_their_time_ran_out(
    stage: Stage, how: str, language: str, words: str, short: str
) -> None:
    number = await customer_waits(stage, "my lamp broke")
    keeper = Timekeeper(stage.store, stage.clock, StoreSettings())
    async with stage.store.write() as session:
        agent = await staff.get_agent(session, stage.agents["agent"])
        await attendance.set_presence(
            session, agent, "online", now=stage.clock(), lasts=attendance.SHIFT_LASTS
        )
        if how == "taken":
            await queue.take(session, number, agent, now=stage.clock())
    stage.clock.move(minutes=1)
    if how == "given":
        assert await Dispatcher(stage.store, stage.clock, StoreSettings()).give_all() == 1
    other = await customer_waits(stage, "and mine", address="zoe", name="Zoe")
    stage.clock.move(minutes=2)
    await stage.post(f"/conversations/{other}/take", key="agent")
    async with stage.store.write() as session:
        await conversations.reply(session, other, agent, "Hello", now=stage.clock())
    await keeper.fire_due()
    browser = await agent_browser(stage)
    assert await told(browser) == []
    stage.clock.move(minutes=30)
    await keeper.fire_due()
    for path in ("/desk/lists", "/desk/unread"):
        (alert,) = await told(browser, path, **{"Accept-Language": language})
        assert (alert["words"], alert["href"]) == (words, f"/conversations/{number}")
        assert alert["short"] == f"{short} · #{number}"
    assert await told(await agent_browser(stage, "supervisor")) == []
    await stage.post(f"/conversations/{number}/take", key="agent")
    assert await told(browser) == [], "it is theirs again"
