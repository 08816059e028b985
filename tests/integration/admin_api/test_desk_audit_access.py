"""What the audit tells of signing in: who did, and whom wrong passwords locked out."""

import pytest

from crm_store import sign_in
from crm_store.sign_in import LOCKED_OUT, Purpose
from tests.admin_stage import Stage
from tests.desk_stage import Visitor, agent_browser
from tests.integration.admin_api.test_desk_audit import plain, rows

PASSWORD = "four words nobody joins"


async def guess(stage: Stage, name: str, times: int = 1) -> None:
    for _ in range(times):
        await Visitor(stage).send("/sign-in", name=name, password="a wrong password")


async def lock_outs(stage: Stage) -> list[dict[str, object]]:
    return [one for one in (await stage.get("/audit"))["items"] if one["action"] == LOCKED_OUT]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", ["Somebody not signed in", "guessed wrong passwords until the account was locked"]),
        ("zh", ["未登录者", "多次输错密码，账号已暂时锁定"]),
    ],
)
async def test_a_lock_out_is_written_down_once(stage: Stage, language: str, told: list[str]) -> None:
    await guess(stage, "the agent", sign_in.GUESSES - 1)
    assert await lock_outs(stage) == []
    await guess(stage, "the agent", 3)
    [entry] = await lock_outs(stage)
    assert entry["subject"] == f"agent:{stage.agents['agent']}"
    assert entry["detail"] == {"until": "2026-03-02T09:15:00+00:00"}
    browser = await agent_browser(stage, "admin")
    [cells, *_] = await rows(browser, language)
    assert [plain(cells[1]), plain(cells[2])] == told
    assert "the agent" in plain(cells[3])
    for _ in range(3):  # somebody guesses on whenever they can
        stage.clock.move(minutes=4)
        await guess(stage, "the agent")
    assert len(await lock_outs(stage)) == 1
    stage.clock.move(minutes=20)
    await guess(stage, "the agent", 5)
    assert len(await lock_outs(stage)) == 2


async def test_names_that_nobody_has_fill_no_table(stage: Stage) -> None:
    for number in range(3):
        await guess(stage, f"nobody {number}", 6)
    assert await lock_outs(stage) == []


async def test_a_right_password_after_four_wrong_ones_is_no_lock_out(stage: Stage) -> None:
    hashed = sign_in.hash_password(PASSWORD)
    async with stage.store.write() as session:
        await sign_in.set_password(session, stage.agents["agent"], hashed, now=stage.clock())
    await guess(stage, "the agent", sign_in.GUESSES - 1)
    assert (await Visitor(stage).send("/sign-in", name="the agent", password=PASSWORD)).path == "/"
    assert await lock_outs(stage) == []


async def test_who_signs_in_is_who_signed_in(stage: Stage) -> None:
    async with stage.store.write() as session:
        number = stage.agents["agent"]
        code = await sign_in.issue_code(session, number, Purpose.SIGN_IN, now=stage.clock())
    await Visitor(stage).send("/sign-in", code=code)
    stage.client.session.cookie_jar.clear()
    [cells, *_] = await rows(await agent_browser(stage, "admin"))
    assert [plain(cells[1]), plain(cells[2]), plain(cells[3])][:2] == ["the agent", "signed in"]
