"""A forgotten password: replaced by who was let in by a one-time code and nobody else, told in the page's language."""

import pytest

from crm_store import sign_in
from tests.admin_stage import Stage
from tests.desk_stage import Visitor
from tests.integration.admin_api.test_desk_sign_in import code_for

OLD = "four words nobody joins"
NEW = "quite another four words"


async def with_password(stage: Stage, role: str = "agent") -> None:
    hashed = sign_in.hash_password(OLD)
    async with stage.store.write() as session:
        await sign_in.set_password(session, stage.agents[role], hashed, now=stage.clock())


async def lock_out(visitor: Visitor) -> None:
    for _ in range(sign_in.GUESSES):
        await visitor.send("/sign-in", name="the agent", password="a wrong password")


async def test_who_came_by_a_code_replaces_a_forgotten_password(stage: Stage) -> None:
    await with_password(stage)
    visitor = Visitor(stage)
    await visitor.send("/sign-in", name="the agent", password=OLD)
    elsewhere = dict(visitor.headers) | {
        "Cookie": f"frontdesk_staff={next(iter(stage.client.session.cookie_jar)).value}"
    }
    stage.client.session.cookie_jar.clear()
    await lock_out(visitor)
    landed = await visitor.send("/sign-in", code=await code_for(stage, "agent"))
    assert landed.path == "/password"
    assert "present_password" not in landed.text
    assert "you signed in with a one-time code" in landed.text.lower()
    assert (await visitor.send("/password", password=NEW, again=NEW)).path == "/"
    asked = await visitor.visit("/password")
    assert "present_password" in asked.text, "the browser goes on by the new password now"
    stage.client.session.cookie_jar.clear()
    assert (await Visitor(stage, elsewhere).visit("/")).path == "/sign-in", "other browsers are out"
    stage.client.session.cookie_jar.clear()
    assert (await visitor.send("/sign-in", name="the agent", password=NEW)).path == "/"


@pytest.mark.parametrize(
    ("language", "wrong", "locked"),
    [
        ("en", "ask an admin for a one-time code", "Try again in 15 min, or sign out"),
        ("zh", "请向管理员要一个一次性验证码并用它登录", "请在 15 分钟后再试"),
    ],
)
async def test_who_came_by_password_must_know_it(
    stage: Stage, language: str, wrong: str, locked: str
) -> None:
    await with_password(stage)
    visitor = Visitor(stage)
    await visitor.send("/language", language=language, back="/")
    await visitor.send("/sign-in", name="the agent", password=OLD)
    answers = [await visitor.send("/password", password=NEW, again=NEW) for _ in range(sign_in.GUESSES + 1)]
    assert [answer.status for answer in answers] == [422] * sign_in.GUESSES + [429]
    assert all(wrong in answer.text for answer in answers[:-1])
    assert locked in answers[-1].text
    assert "too many failed sign-ins" not in answers[-1].text
    right = await visitor.send("/password", present_password=OLD, password=NEW, again=NEW)
    assert right.status == 429, "while it is locked nothing is looked at"


@pytest.mark.parametrize(
    ("language", "helps"),
    [("en", "sign out and in again with a new one-time code"), ("zh", "再用管理员给的新的一次性验证码登录")],
)
async def test_a_code_stands_for_the_password_for_half_an_hour(
    stage: Stage, language: str, helps: str
) -> None:
    await with_password(stage)
    visitor = Visitor(stage)
    await visitor.send("/language", language=language, back="/")
    await visitor.send("/sign-in", code=await code_for(stage, "agent"))
    stage.clock.move(minutes=29)
    young = await visitor.visit("/password")
    assert "present_password" not in young.text
    assert helps not in young.text
    stage.clock.move(minutes=2)
    assert (await visitor.send("/password", password=NEW, again=NEW)).status == 422
    asked = await visitor.visit("/password")
    assert "present_password" in asked.text
    assert helps in asked.text
    await visitor.send("/sign-out")
    await visitor.send("/sign-in", code=await code_for(stage, "agent"))
    assert (await visitor.send("/password", password=NEW, again=NEW)).path == "/"


async def test_who_has_no_password_yet_sets_one_whenever_they_like(stage: Stage) -> None:
    visitor = Visitor(stage)
    await visitor.send("/sign-in", code=await code_for(stage, "agent"))
    stage.clock.move(hours=3)
    assert "present_password" not in (await visitor.visit("/password")).text
    assert (await visitor.send("/password", password=NEW, again=NEW)).path == "/"
