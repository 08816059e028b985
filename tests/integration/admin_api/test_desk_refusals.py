"""What the store refuses is said in the reader's language: on pages, in notices, and to the desk's scripts."""

import re
from typing import Any

import pytest
from aiohttp import FormData

from crm_store import customers, staff
from tests.admin_stage import Stage, signed_in
from tests.admin_world import conversation, visitor
from tests.desk_stage import Visitor, agent_browser, customer_waits

NAMES = re.compile(r"the (supervisor|analyst|admin|agent)|Noor")
SCRIPT = {"HX-Request": "true"}


async def chinese(stage: Stage, role: str = "agent") -> Visitor:
    browser = await agent_browser(stage, role)
    browser.headers["Cookie"] += "; frontdesk_language=zh"
    return browser


async def refused(browser: Visitor, path: str, status: int = 409, **fields: Any) -> str:
    """What a notice says, which a page of its own says as well."""
    told = await browser.send(path, headers=SCRIPT, **fields)
    page = await browser.send(path, **fields)
    assert (told.status, page.status) == (status, status), told.text
    words = told.text.partition('role="alert">')[2].partition("</p>")[0]
    assert words in page.text
    assert not any("a" <= sign <= "z" for sign in NAMES.sub("", words)), words
    return words


async def test_that_somebody_else_holds_it(stage: Stage) -> None:
    number, browser = await customer_waits(stage, "hi"), await chinese(stage)
    await (await agent_browser(stage, "supervisor")).send(f"/conversations/{number}/take")
    for act, fields in (
        ("take", {}),
        ("release", {}),
        ("resolve", {}),
        ("words", {"text": "你好"}),
        ("snooze", {"until": "2026-03-02T12:00"}),
        ("transfer", {"to": str(stage.agents["admin"])}),
    ):
        assert await refused(browser, f"/conversations/{number}/{act}", **fields) == (
            "the supervisor 正在处理这个对话。"
        ), act


async def test_that_it_is_not_the_moment(stage: Stage) -> None:
    number, browser = await customer_waits(stage, "hi"), await chinese(stage)
    await browser.send(f"/conversations/{number}/resolve")
    told = await refused(browser, f"/conversations/{number}/resolve")
    assert told == "对话当前状态为“已解决”，不能这样操作。"
    assert await refused(browser, f"/conversations/{number}/rate")
    newer = await customer_waits(stage, "hi again", address="ben")
    assert await refused(browser, f"/conversations/{number}/merge", 422, conversation_id=newer)
    assert await refused(browser, f"/conversations/{number}/merge", 422, conversation_id=number)


async def test_that_values_do_not_fit(stage: Stage) -> None:
    number, browser = await customer_waits(stage, "hi"), await chinese(stage, "admin")
    await browser.send(f"/conversations/{number}/take")
    path = f"/conversations/{number}"
    for act, fields in (
        ("words", {"text": "//"}),
        ("snooze", {"until": "2020-01-01T00:00"}),
        ("snooze", {"until": "soon"}),
        ("transfer", {"to": str(stage.agents["analyst"])}),
        ("transfer", {"to": "team:" + "x" * 65}),
        ("labels", {"tags": ",".join(f"t{n}" for n in range(99))}),
        ("labels", {"own": "没有冒号"}),
        ("labels", {"priority": "9"}),
        ("words", {"text": "x" * 4097}),
    ):
        assert await refused(browser, f"{path}/{act}", 422, **fields), act


async def test_what_only_supervisors_and_admins_meet(stage: Stage) -> None:
    browser = await chinese(stage, "admin")
    person, other = [await visitor(stage.store, stage.clock()) for _ in range(2)]
    assert await refused(browser, f"/customers/{person}/unban")
    assert await refused(browser, f"/customers/{person}/merge", 422, merged_id=person)
    assert await refused(browser, f"/staff/{stage.agents['admin']}/role", role="agent")
    assert await refused(browser, "/insights/queue/policy/back")
    await browser.send("/staff", name="Noor", role="agent")
    assert await refused(browser, "/staff", name="Noor", role="agent")
    canned = {"shortcode": "bill", "text": "Here."}
    await browser.send("/canned", **canned)
    assert "/bill" in (await browser.send("/canned", headers=SCRIPT, **canned)).text
    async with stage.store.read() as session:
        version = (await customers.get(session, other)).version
    fields = {"version": str(version + 1), "name": "Ada"}
    assert await refused(browser, f"/customers/{other}", 412, **fields)


async def test_scripts_of_the_desk_are_told_in_its_language_and_programs_in_english(stage: Stage) -> None:
    number = await conversation(stage.store, stage.clock())
    async with stage.store.write() as session:
        await staff.change_agent(session, stage.agents["supervisor"], name="Noor", now=stage.clock())
    await stage.post(f"/conversations/{number}/take", key="supervisor")
    path = f"/api/v1/conversations/{number}/attachments"

    def form() -> FormData:
        made = FormData()
        made.add_field("file", b"words", filename="a.txt", content_type="text/plain")
        return made

    cookie = (await signed_in(stage, "agent"))["Cookie"]
    headers = {"Sec-Fetch-Site": "same-origin", "Cookie": f"{cookie}; frontdesk_language=zh"}
    script = await stage.ask("POST", path, key=None, headers=headers, data=form())
    assert (script.status, script.body["detail"]) == (409, "Noor 正在处理这个对话。")
    program = await stage.ask("POST", path, key="agent", headers={"Accept-Language": "zh"}, data=form())
    assert program.body["detail"] == "Noor has this conversation"
    assert (program.body["kind"], program.body["params"]) == ("held", {"holder": "Noor"})


@pytest.mark.parametrize(("language", "told"), [("en", "only reads reports"), ("zh", "只查看报表")])
async def test_a_name_stays_a_name(stage: Stage, language: str, told: str) -> None:
    number, browser = await customer_waits(stage, "hi"), await agent_browser(stage)
    async with stage.store.write() as session:
        name = "<b>{holder}</b>"
        await staff.change_agent(session, stage.agents["analyst"], name=name, now=stage.clock())
    browser.headers["Cookie"] += f"; frontdesk_language={language}"
    seen = await browser.send(
        f"/conversations/{number}/transfer", headers=SCRIPT, to=str(stage.agents["analyst"])
    )
    assert "&lt;b&gt;{holder}&lt;/b&gt;" in seen.text
    assert told in seen.text
