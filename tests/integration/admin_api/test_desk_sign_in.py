"""Signing in and out on the desk: codes, passwords, lock-out, whose page a form is on, where one lands."""

from datetime import timedelta

import pytest

from crm_store import sign_in
from crm_store.sign_in import Purpose
from tests.admin_stage import Stage
from tests.desk_stage import Visitor, agent_browser

PASSWORD = "four words nobody joins"


async def code_for(stage: Stage, role: str, purpose: Purpose = Purpose.SIGN_IN) -> str:
    async with stage.store.write() as session:
        return await sign_in.issue_code(session, stage.agents[role], purpose, now=stage.clock())


def cookie_of(headers: dict[str, str]) -> str:
    return headers["Set-Cookie"]


async def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(stage: Stage) -> None:
    visitor = Visitor(stage)
    seen = await visitor.visit("/customers?q=anna")
    assert seen.path == "/sign-in"
    assert 'name="back" value="/customers?q=anna"' in seen.text
    code = await code_for(stage, "agent")
    landed = await visitor.send("/sign-in", code=code, back="/customers?q=anna")
    assert landed.path == "/password", "who comes by code is asked for a password first"
    assert 'href="/customers?q=anna"' in landed.text
    assert (await visitor.visit("/customers")).path == "/customers"


async def test_the_session_cookie_is_out_of_reach_for_scripts(stage: Stage) -> None:
    seen = await Visitor(stage).send("/sign-in", follow=False, code=await code_for(stage, "admin"))
    assert seen.status == 303
    cookie = cookie_of(seen.headers)
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


@pytest.mark.parametrize("wrong", ["used", "expired", "telegram", "nonsense"])
async def test_a_code_that_is_not_good_signs_nobody_in(stage: Stage, wrong: str) -> None:
    purpose = Purpose.TELEGRAM if wrong == "telegram" else Purpose.SIGN_IN
    code = "ABCDEFGHJKLMNPQRSTUVWXYZ23" if wrong == "nonsense" else await code_for(stage, "agent", purpose)
    if wrong == "used":
        await Visitor(stage).send("/sign-in", code=code)
        stage.client.session.cookie_jar.clear()
    if wrong == "expired":
        stage.clock.now += timedelta(minutes=11)
    seen = await Visitor(stage).send("/sign-in", code=code)
    assert seen.status == 401
    assert "Codes work once" in seen.text
    assert "Set-Cookie" not in seen.headers


async def test_a_password_is_set_and_signs_in(stage: Stage) -> None:
    visitor = Visitor(stage)
    await visitor.send("/sign-in", code=await code_for(stage, "agent"))
    differ = await visitor.send("/password", password=PASSWORD, again=PASSWORD + "!")
    assert differ.status == 422
    assert "not the same" in differ.text
    assert (await visitor.send("/password", password="short", again="short")).status == 422
    landed = await visitor.send("/password", password=PASSWORD, again=PASSWORD)
    assert landed.path == "/", "setting a password keeps this browser signed in"
    assert (await visitor.send("/sign-out")).path == "/sign-in"
    assert (await visitor.visit("/")).path == "/sign-in"
    assert (await visitor.send("/sign-in", name="the agent", password=PASSWORD)).path == "/"
    wrong = await visitor.send(
        "/password", present_password="not this one", password=PASSWORD, again=PASSWORD
    )
    assert "present password is not right" in wrong.text


async def test_too_many_guesses_lock_the_name_and_say_for_how_long(stage: Stage) -> None:
    visitor = Visitor(stage)
    answers = [
        await visitor.send("/sign-in", name="the agent", password=f"guess number {n}") for n in range(6)
    ]
    assert [answer.status for answer in answers] == [401] * 5 + [429]
    assert "Try again in 15 min" in answers[-1].text
    nobody = await visitor.send("/sign-in", name="no such person", password="guess")
    assert nobody.status == 401
    assert "fit together" in nobody.text


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"}]
)
async def test_another_sites_form_signs_nobody_in(stage: Stage, headers: dict[str, str]) -> None:
    code = await code_for(stage, "agent")
    refused = await Visitor(stage).send("/sign-in", headers=headers, follow=False, code=code)
    assert refused.status == 403
    assert "Set-Cookie" not in refused.headers
    good = await Visitor(stage).send("/sign-in", follow=False, code=code)
    assert good.status == 303, "the refused form did not use the code up"


@pytest.mark.parametrize("back", ["https://evil.example", "//evil.example", "/\\evil.example", "evil", ""])
async def test_nobody_is_sent_to_another_site(stage: Stage, back: str) -> None:
    visitor = Visitor(stage)
    await visitor.send("/sign-in", code=await code_for(stage, "agent"))
    await visitor.send("/password", password=PASSWORD, again=PASSWORD)
    stage.client.session.cookie_jar.clear()
    seen = await visitor.send("/sign-in", follow=False, name="the agent", password=PASSWORD, back=back)
    assert seen.headers["Location"] == "/"
    told = await visitor.send("/language", follow=False, language="zh", back=back)
    assert told.headers["Location"] == "/"


async def test_the_language_is_the_browsers_until_one_is_chosen(stage: Stage) -> None:
    visitor = Visitor(stage)
    assert 'lang="en"' in (await visitor.visit("/sign-in", **{"Accept-Language": "fr, en;q=0.5"})).text
    chinese = await visitor.visit("/sign-in", **{"Accept-Language": "zh-TW,en;q=0.9"})
    assert "一次性验证码" in chinese.text
    await visitor.send("/language", language="zh", back="/sign-in")
    assert 'lang="zh"' in (await visitor.visit("/sign-in", **{"Accept-Language": "en"})).text


async def test_who_is_disabled_is_out_at_once(stage: Stage) -> None:
    browser = await agent_browser(stage, "agent")
    assert (await browser.visit("/")).path == "/"
    await stage.post(f"/staff/{stage.agents['agent']}", method="DELETE")
    assert (await browser.visit("/")).path == "/sign-in"
