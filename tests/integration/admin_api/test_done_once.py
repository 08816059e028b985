"""What is asked for twice, by a double click or as the answer was lost, is done once and answered twice."""

import asyncio
import html
import re
from dataclasses import replace
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import func, select, update

from admin_api.app import build_app
from admin_api.contract import Audience
from admin_api.once import Named
from admin_api.reading import inputs_of
from admin_api.repeating import GIVEN_UP, LOOKS, OWN_WAY, is_kept
from admin_api.routes import ROUTES
from admin_api.scoring.errors import ScoringError
from admin_api.services import SERVICES
from crm_store import api_keys, engine, privacy, retention
from crm_store.kept_answers import DONE
from crm_store.models.casework import BulkAction, ServiceCase
from crm_store.models.plumbing import KeptAnswer
from crm_store.models.scores import ScoreRun
from crm_store.staff import Role
from tests.admin_stage import Answer, Stage
from tests.admin_world import conversation
from tests.desk_stage import Visitor, agent_browser, customer_waits
from tests.integration.admin_api.test_api_finding import states, talks

NAMED = {"Idempotency-Key": "wish-1"}


def form_at(page: str, path: str) -> str:
    """The address of the form that goes there, as the page draws it."""
    found = re.search(rf'<form[^>]* action="({re.escape(path)}[?][^"]*)"', page)
    assert found, f"no form to {path}"
    return html.unescape(found[1])


async def count(stage: Stage, model: Any) -> int:
    async with stage.store.read() as session:
        return int(await session.scalar(select(func.count()).select_from(model)) or 0)


async def opened(stage: Stage, number: int, headers: dict[str, str], **fields: Any) -> Answer:
    body = {"conversation_id": number, "kind": "return", "reason": "broken", **fields}
    return await stage.ask("POST", "/api/v1/cases", key="agent", headers=headers, json=body)


async def test_a_bulk_act_asked_for_twice_keeps_its_undoing(both_stage: Stage) -> None:
    stage = both_stage
    numbers = await talks(stage, "one", "two")
    browser = await agent_browser(stage)
    asked = {"ids": ",".join(map(str, numbers)), "action": "resolve", "back": "/search"}
    page = (await browser.send("/search/bulk", **asked)).text
    address = form_at(page, "/search/bulk")
    yes = {**asked, "value": "", "confirmed": "yes"}
    first, again = await asyncio.gather(*(browser.send(address, False, **yes) for _ in range(2)))
    later = await browser.send(address, False, **yes)
    assert {(seen.status, seen.headers["Location"]) for seen in (first, again, later)} == {(303, "/search")}
    assert await count(stage, BulkAction) == 1
    standing = (await browser.visit("/desk/standing")).text
    assert "Done to 2 conversations." in standing
    undo = form_at(standing, "/search/bulk/1/undo")
    done = [await browser.send(undo, False, headers={"HX-Request": "true"}, back="/search") for _ in range(2)]
    assert [seen.headers.get("Location") for seen in done] == ["/search"] * 2
    assert {status for status, _ in await states(stage, numbers)} == {"queued"}


async def test_one_case_is_opened_and_both_clicks_lead_to_it(both_stage: Stage) -> None:
    stage = both_stage
    number = await customer_waits(stage, "my lamp broke")
    browser = await agent_browser(stage)
    page = (await browser.visit(f"/conversations/{number}")).text
    fields = {"conversation_id": str(number), "kind": "repair", "reason": "flickers"}
    address = form_at(page, "/cases")
    seen = await asyncio.gather(*(browser.send(address, False, **fields) for _ in range(4)))
    assert len({one.headers["Location"] for one in seen}) == 1
    assert await count(stage, ServiceCase) == 1
    other = await browser.send(address, False, **fields | {"reason": "burns"})
    assert other.headers["Location"] != seen[0].headers["Location"], "other words are another wish"
    anew = form_at((await browser.visit(f"/conversations/{number}")).text, "/cases")
    assert (await browser.send(anew, False, **fields)).status == 303
    assert await count(stage, ServiceCase) == 3, "a page drawn anew may ask for the same again"


async def test_a_second_click_is_told_of_no_failure(stage: Stage) -> None:
    number = await customer_waits(stage, "hello")
    browser = await agent_browser(stage)
    for act in ("take", "resolve", "reopen"):
        address = form_at(
            (await browser.visit(f"/conversations/{number}")).text, f"/conversations/{number}/{act}"
        )
        seen = [await browser.send(address, headers={"HX-Request": "true"}) for _ in range(2)]
        assert [one.status for one in seen] == [200, 200], act


async def test_taking_the_next_twice_from_one_page_takes_one_and_from_a_new_page_another(
    stage: Stage,
) -> None:
    for address in ("ada", "ben"):
        await customer_waits(stage, "hello", address=address)
    browser = await agent_browser(stage)
    next_one = form_at((await browser.visit("/")).text, "/desk/next")
    [first, again] = [await browser.send(next_one, False) for _ in range(2)]
    other = await browser.send(form_at((await browser.visit("/")).text, "/desk/next"), False)
    assert first.headers["Location"] == again.headers["Location"] != other.headers["Location"]


async def test_what_was_refused_may_be_asked_for_again(stage: Stage) -> None:
    browser = await agent_browser(stage)
    await customer_waits(stage, "hello")
    next_one = form_at((await browser.visit("/")).text, "/desk/next")
    assert (await browser.send(form_at((await browser.visit("/")).text, "/desk/next"), False)).status == 303
    assert (await browser.send(next_one, False)).status == 409
    await customer_waits(stage, "hello", address="ben")
    assert (await browser.send(next_one, False)).status == 303


async def test_a_form_is_one_agents(stage: Stage) -> None:
    await customer_waits(stage, "hello")
    await customer_waits(stage, "hello", address="ben")
    browser, other = await agent_browser(stage), await agent_browser(stage, "supervisor")
    address = form_at((await browser.visit("/")).text, "/desk/next")
    seen = [await who.send(address, False) for who in (browser, other)]
    assert seen[0].headers["Location"] != seen[1].headers["Location"]


async def test_a_key_that_is_shown_once_is_made_once(stage: Stage) -> None:
    browser = await agent_browser(stage, "admin")
    address = form_at((await browser.visit("/staff")).text, "/staff/keys")
    seen = [await browser.send(address, name="till", role="agent") for _ in range(2)]
    assert [one.status for one in seen] == [200, 409]
    assert "This was done, once." in seen[1].text
    [kept] = await rows(stage)
    assert kept.body is None, "a secret is kept nowhere"


async def rows(stage: Stage) -> list[KeptAnswer]:
    async with stage.store.read() as session:
        return list(await session.scalars(select(KeptAnswer).order_by(KeptAnswer.id)))


async def test_programs_name_their_requests(both_stage: Stage) -> None:
    stage = both_stage
    number = await conversation(stage.store, stage.clock())
    answers = await asyncio.gather(*(opened(stage, number, NAMED) for _ in range(5)))
    answers.append(await opened(stage, number, NAMED))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body["number"] for answer in answers}) == 1
    assert answers[-1].body == answers[0].body
    assert answers[-1].headers["ETag"] == answers[0].headers["ETag"]
    assert answers[-1].headers["Content-Type"] == answers[0].headers["Content-Type"]
    assert sum("Idempotent-Replayed" not in answer.headers for answer in answers) == 1
    assert await count(stage, ServiceCase) == 1
    other = await opened(stage, number, NAMED, reason="burnt")
    assert (other.status, other.body["kind"]) == (422, "other_request")
    assert (await opened(stage, number, {})).status == (await opened(stage, number, {})).status == 201
    assert await count(stage, ServiceCase) == 3
    long = await opened(stage, number, {"Idempotency-Key": "x" * 65})
    assert long.status == 422


async def new_key(stage: Stage, name: str, role: Role = Role.AGENT, agent_id: int | None = None) -> str:
    async with stage.store.write() as session:
        made = await api_keys.create(session, name=name, role=role, agent_id=agent_id, now=stage.clock())
    return made.key


async def test_a_programs_first_request_for_a_conversation_is_not_repeated(both_stage: Stage) -> None:
    """It becomes a member of staff by it, and was none when it took the request's name."""
    stage = both_stage
    key = await new_key(stage, "till")
    number = await conversation(stage.store, stage.clock())
    body = {"conversation_id": number, "kind": "return", "reason": "broken"}
    first, again = [
        await stage.ask("POST", "/api/v1/cases", key=key, headers=NAMED, json=body) for _ in range(2)
    ]
    assert (again.status, again.body) == (201, first.body)
    assert await count(stage, ServiceCase) == 1


async def test_a_name_is_one_keys(stage: Stage) -> None:
    number = await conversation(stage.store, stage.clock())
    other = await new_key(stage, "printer", agent_id=stage.agents["agent"])
    body = {"conversation_id": number, "kind": "return", "reason": "broken"}
    seen = [
        await stage.ask("POST", "/api/v1/cases", key=key, headers=NAMED, json=body)
        for key in ("agent", other)
    ]
    assert [answer.status for answer in seen] == [201, 201]
    assert seen[0].body["number"] != seen[1].body["number"], "two programs know nothing of each other's names"


async def test_a_repeat_may_come_to_another_process(both_stage: Stage) -> None:
    stage = both_stage
    number = await conversation(stage.store, stage.clock())
    services = stage.client.app[SERVICES]  # type: ignore[union-attr]
    url = stage.store.url.render_as_string(hide_password=False)
    elsewhere = engine.open_store(url)
    other = Stage(
        TestClient(TestServer(build_app(replace(services, store=elsewhere)))),
        elsewhere, stage.clock, stage.shelf, stage.settings, stage.keys, stage.agents,
    )  # fmt: skip
    try:
        async with other.client:
            asked = [opened(one, number, NAMED) for one in (stage, other, stage, other)]
            answers = await asyncio.gather(*asked)
    finally:
        await elsewhere.close()
    assert {(answer.status, answer.body["number"]) for answer in answers} == {
        (201, answers[0].body["number"])
    }
    assert await count(stage, ServiceCase) == 1


async def test_what_was_cut_off_is_not_done_again(stage: Stage) -> None:
    number = await conversation(stage.store, stage.clock())
    await opened(stage, number, NAMED)
    async with stage.store.write() as session:
        await session.execute(update(KeptAnswer).values(status=None, headers=None, body=None))
    stage.clock.now += GIVEN_UP * 2
    again = await opened(stage, number, NAMED)
    assert (again.status, again.body["kind"]) == (409, "done_once")
    assert await count(stage, ServiceCase) == 1
    assert LOOKS > 1


async def test_answers_go_with_their_time_and_with_who_is_erased(stage: Stage) -> None:
    number = await conversation(stage.store, stage.clock())
    await opened(stage, number, NAMED)
    async with stage.store.write() as session:
        case = await session.scalar(select(ServiceCase))
        assert case is not None
        await privacy.erase_person(session, case.customer_id, now=stage.clock(), erased_by="test")
    [kept] = await rows(stage)
    assert (kept.status, kept.headers, kept.body) == (DONE, None, None)
    stage.clock.now += retention.SEEN_FOR
    stage.clock.move(seconds=1)
    async with stage.store.write() as session:
        before = stage.clock() - retention.SEEN_FOR
        assert await retention.drop_requests(session, before=before, limit=10) == 1
    assert await rows(stage) == []


async def test_every_write_of_programs_is_kept_or_says_why_not() -> None:
    posts = [route for route in ROUTES if route.method == "POST" and route.audience is Audience.PROGRAMS]
    for route in posts:
        inputs = inputs_of(route.handler)
        has_own = inputs.get("headers") is Named or route.name in OWN_WAY or route.needs.name == "PUBLIC"
        assert is_kept(route, inputs) != has_own, route.name
    assert {route.name for route in posts} >= OWN_WAY


@pytest.mark.parametrize(
    "path", ["/", "/search", "/cases", "/customers", "/staff", "/preferences", "/canned"]
)
async def test_forms_of_the_desk_bring_a_name(stage: Stage, path: str) -> None:
    browser: Visitor = await agent_browser(stage, "admin")
    page = (await browser.visit(path)).text
    without = {"/desk/presence", "/language", "/sign-out"}
    drawn = re.findall(r'<form[^>]* method="post"[^>]* action="([^"]*)"', page)
    drawn += re.findall(r' formaction="([^"]*)"', page)
    assert all(re.search(r"\?once=[0-9a-f]{32}$", address) for address in drawn if address not in without)


async def test_everybody_is_scored_once(both_stage: Stage) -> None:
    """The runs write beside the request, each by itself."""
    stage = both_stage
    await conversation(stage.store, stage.clock())
    browser = await agent_browser(stage, "admin")
    address = form_at((await browser.visit("/insights")).text, "/insights/scores")
    clicks = await asyncio.gather(*(browser.send(address, False) for _ in range(2)))
    assert [(seen.status, seen.headers["Location"]) for seen in clicks] == [
        (303, "/insights?done=scored")
    ] * 2
    assert await count(stage, ScoreRun) == 1
    asked = [stage.ask("POST", "/api/v1/scores/run", headers=NAMED, json={}) for _ in range(3)]
    answers = await asyncio.gather(*asked)
    assert [(answer.status, answer.body) for answer in answers] == [(201, answers[0].body)] * 3
    assert await count(stage, ScoreRun) == 2


async def test_scoring_that_was_refused_may_be_asked_for_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_: object, **_rules: object) -> None:
        raise ScoringError("no weight is above 0")

    with monkeypatch.context() as patched:
        patched.setattr("admin_api.handlers.scores.run_scores", refused)
        first = await stage.ask("POST", "/api/v1/scores/run", headers=NAMED, json={})
    again = await stage.ask("POST", "/api/v1/scores/run", headers=NAMED, json={})
    assert (first.status, again.status) == (422, 201)
