"""Where one is signed in: the list, ending one or all others, and an admin who ends all of somebody's."""

import asyncio
from datetime import timedelta

import pytest

from admin_api.desk import live
from crm_store.signals import Topic
from tests.admin_stage import PASSWORD, Answer, Stage
from tests.desk_stage import Visitor

WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:132.0) Gecko/20100101 Firefox/132.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
)


@pytest.fixture
def stage(both_stage: Stage) -> Stage:
    return both_stage


async def sign_in(stage: Stage, user_agent: str, role: str = "agent") -> Visitor:
    """A browser that signs in by a code, as people do."""
    wanted = {"purpose": "sign_in"}
    code = (await stage.post(f"/staff/{stage.agents[role]}/codes", wanted))["code"]
    sent = {"User-Agent": user_agent}
    answer = await stage.ask("POST", "/api/v1/session", key=None, json={"code": code}, headers=sent)
    assert answer.status == 201
    cookie = answer.headers["Set-Cookie"].split(";")[0]
    stage.client.session.cookie_jar.clear()
    return Visitor(stage, {"Cookie": cookie, **sent})


async def own(stage: Stage, browser: Visitor, method: str = "GET", which: str = "") -> Answer:
    headers = {**browser.headers, "Sec-Fetch-Site": "same-origin"}
    return await stage.ask(method, f"/api/v1/me/sessions{which}", key=None, headers=headers)


async def test_one_sees_where_one_is_signed_in(stage: Stage) -> None:
    begun = stage.clock()
    desk = await sign_in(stage, WINDOWS)
    await sign_in(stage, PHONE, "admin")
    stage.clock.move(minutes=5)
    phone = await sign_in(stage, PHONE)
    stage.clock.move(minutes=2)
    items = (await own(stage, phone)).body["items"]
    assert [(one["device"], one["is_this"]) for one in items] == [
        ("Safari · iPhone", True), ("Firefox · Windows", False),
    ]  # fmt: skip
    stage.clock.move(minutes=2)
    await desk.visit("/preferences")
    stage.clock.move(minutes=2)
    [first, second] = (await own(stage, phone)).body["items"]
    assert (first["device"], second["device"]) == ("Safari · iPhone", "Firefox · Windows")
    assert second["seen_at"] == f"{begun + timedelta(minutes=9):%Y-%m-%dT%H:%M:%SZ}"


async def test_one_of_them_is_ended_and_then_all_others(stage: Stage) -> None:
    here, there, elsewhere = [await sign_in(stage, WINDOWS) for _ in range(3)]
    somebody = await sign_in(stage, PHONE, "supervisor")
    items = (await own(stage, there)).body["items"]
    number = next(one["id"] for one in items if one["is_this"])
    seen = await here.send(f"/preferences/sessions/{number}/end")
    assert (seen.status, seen.path, seen.text.count("Firefox · Windows</b>")) == (200, "/preferences", 2)
    assert (await own(stage, there)).status == 401
    assert (await own(stage, here, "DELETE", f"/{number}")).status == 404
    theirs = (await own(stage, somebody)).body["items"][0]["id"]
    assert (await own(stage, here, "DELETE", f"/{theirs}")).status == 404
    seen = await here.send("/preferences/sessions/end")
    assert seen.text.count("Firefox · Windows</b>") == 1
    statuses = [(await own(stage, one)).status for one in (here, there, elsewhere, somebody)]
    assert statuses == [200, 401, 401, 200]
    assert (await own(stage, here, "DELETE")).body == {"ended": 0}


async def test_an_admin_signs_somebody_out_everywhere(stage: Stage) -> None:
    admin = await sign_in(stage, WINDOWS, "admin")
    browsers = [await sign_in(stage, PHONE) for _ in range(2)]
    await admin.send(f"/staff/{stage.agents['agent']}/sign-out")
    assert [(await own(stage, one)).status for one in (*browsers, admin)] == [401, 401, 200]
    again = await sign_in(stage, PHONE)
    path = f"/api/v1/staff/{stage.agents['agent']}/sessions"
    assert (await stage.ask("DELETE", path, key="supervisor")).status == 403
    assert (await stage.ask("DELETE", path)).body == {"ended": 1}
    assert (await own(stage, again)).status == 401
    assert (await stage.ask("DELETE", "/api/v1/staff/999/sessions")).status == 404


async def test_a_new_password_leaves_only_this_browser(stage: Stage) -> None:
    here, there = await sign_in(stage, WINDOWS), await sign_in(stage, PHONE)
    seen = await here.send("/password", password=PASSWORD, again=PASSWORD)
    assert seen.status == 200
    stage.client.session.cookie_jar.clear()
    assert (await own(stage, there)).status == 401


async def test_a_busy_stream_is_out_too(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where something changes all the time no silence tells that it is time to look."""
    monkeypatch.setattr(live, "BEAT_S", 0.2)
    browser = await sign_in(stage, WINDOWS)
    headers = {**browser.headers, "Accept": live.MEDIA_TYPE}
    async with asyncio.timeout(60), stage.client.get("/desk/live", headers=headers) as stream:
        told = await stream.content.readuntil(b"\n\n")
        await stage.ask("DELETE", f"/api/v1/staff/{stage.agents['agent']}/sessions")
        while told != b"event: out\ndata:\n\n":
            stage.store.signals.wake([Topic.QUEUE])
            told = await stream.content.readuntil(b"\n\n")


async def test_a_silent_stream_is_out_at_once(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "BEAT_S", 600.0)
    browser, other = await sign_in(stage, WINDOWS), await sign_in(stage, PHONE)
    headers = {**browser.headers, "Accept": live.MEDIA_TYPE}
    async with asyncio.timeout(60), stage.client.get("/desk/live", headers=headers) as stream:
        assert await stream.content.readuntil(b"\n\n") == b"event: changed\ndata:\n\n"
        await other.send("/preferences/sessions/end")
        assert await stream.content.readuntil(b"\n\n") == b"event: out\ndata:\n\n"


async def test_who_was_signed_out_reads_so(stage: Stage) -> None:
    browser = await sign_in(stage, WINDOWS)
    await stage.ask("DELETE", f"/api/v1/staff/{stage.agents['agent']}/sessions")
    told = "You were signed out here"
    seen = await browser.visit("/customers")
    assert (seen.path, told in seen.text) == ("/sign-in", True)
    seen = await Visitor(stage, {**browser.headers, "Accept-Language": "zh-CN"}).visit("/")
    assert "此浏览器已退出登录" in seen.text
    assert told not in (await Visitor(stage).visit("/")).text, "a first visit is told of no end"
