"""The desk at work: queue, thread, replies and notes, who may do what, and that words stay words."""

import re

import pytest
from markupsafe import escape

from bot.texts import render
from crm_store import conversations, duty, queue, staff
from crm_store.lifecycle import Status
from tests.admin_stage import Stage
from tests.desk_stage import Seen, agent_browser, customer_waits

PAYLOADS = (
    "<script>window.hit=1</script>",
    '"><img src=x onerror=window.hit=1>',
    "'-window.hit=1-'",
    "{{ 7*7 }}{% raw %}",
    '<a hx-get="/sign-out" hx-trigger="load">x</a>',
    "</textarea><svg onload=window.hit=1>",
    "javascript:window.hit=1",
)
BUTTONS = re.compile(r'(?:action="/conversations/\d+/|popovertarget=")(\w+)["?]')


def buttons(seen: Seen) -> set[str]:
    head = seen.text.partition('<div class="actions">')[2].partition("</header>")[0]
    return set(BUTTONS.findall(head)) - {"labels"}


async def status_of(stage: Stage, conversation_id: int) -> tuple[str, int | None]:
    async with stage.store.read() as session:
        found = await conversations.get(session, conversation_id)
    return found.status, found.agent_id


async def test_empty_lists_say_what_to_do(stage: Stage) -> None:
    seen = await (await agent_browser(stage)).visit("/")
    assert "Nobody is waiting" in seen.text
    assert "Take the next one from the queue" in seen.text


async def test_the_queue_tells_place_reason_and_wait(stage: Stage) -> None:
    first = await customer_waits(stage, "where is my parcel?", "it is late")
    stage.clock.move(minutes=3)
    await customer_waits(stage, "hello", name="Ben", address="ben")
    seen = await (await agent_browser(stage)).visit("/desk/lists")
    assert seen.text.index("Anna Berg") < seen.text.index("Ben")
    assert "7 min" in seen.text
    assert "Asked for a person" in seen.text
    assert "it is late" in seen.text
    assert f'href="/conversations/{first}"' in seen.text
    assert 'data-queue="2"' in seen.text


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_the_wish_for_a_person_is_shown_as_the_button_that_says_it(stage: Stage, language: str) -> None:
    number = await customer_waits(stage, "/human")
    browser = await agent_browser(stage)
    browser.headers["Cookie"] += f"; frontdesk_language={language}"
    button = render(language, "web.person")
    assert button == render(language, "button.person")
    for path in ("/desk/lists", f"/conversations/{number}", "/search", "/search?q=human", "/customers/1"):
        seen = await browser.visit(path)
        assert seen.status == 200
        assert f"{button}<" in seen.text, path
        assert "/human" not in seen.text, path


async def test_lists_tell_what_is_wanted_not_that_a_person_is(stage: Stage) -> None:
    await customer_waits(stage, "I was charged twice", "/human")
    browser = await agent_browser(stage)
    for path in ("/desk/lists", "/search", "/customers/1"):
        seen = await browser.visit(path)
        assert "I was charged twice" in seen.text, path
        assert render("en", "button.person") not in seen.text, path


async def test_an_empty_queue_is_no_rest_while_ones_own_customers_wait(stage: Stage) -> None:
    number = await customer_waits(stage, "my lamp broke")
    browser = await agent_browser(stage)
    assert 'data-queue="1" data-mine="0"' in (await browser.visit("/")).text
    await browser.send("/desk/next")
    seen = await browser.visit("/")
    assert 'data-queue="0" data-mine="1"' in seen.text
    assert "Customers of yours wait for your reply" in seen.text
    await browser.send(f"/conversations/{number}/words", text="A new one leaves today.")
    assert 'data-queue="0" data-mine="0"' in (await browser.visit("/")).text


async def test_take_reply_note_resolve(stage: Stage) -> None:
    number = await customer_waits(stage, "my lamp broke")
    browser = await agent_browser(stage)
    assert (await browser.send("/desk/next")).path == f"/conversations/{number}"
    assert await status_of(stage, number) == (Status.ASSIGNED, stage.agents["agent"])
    path = f"/conversations/{number}/words"
    after = await browser.send(path, text="A new one leaves today.")
    assert "A new one leaves today." in after.text
    assert "On its way" in after.text, "the reply is in the outbox, not delivered yet"
    await browser.send(path, text="// third one this week")
    refused = await browser.send(path, text="All is well.\n// it is not")
    assert (refused.status, "which marks a note" in refused.text) == (422, True)
    await browser.send(path, text="keep an eye on it", kind="note")
    async with stage.store.read() as session:
        said = await conversations.messages(session, number)
    words = [(m.text, m.is_note, m.delivery) for m in said if m.author == "agent"]
    assert words == [
        ("A new one leaves today.", False, "pending"),
        ("third one this week", True, None),
        ("keep an eye on it", True, None),
    ]
    resolved = await browser.send(f"/conversations/{number}/resolve")
    assert "the agent resolved it" in resolved.text
    assert "Asked to rate Product" in resolved.text
    assert buttons(resolved) == {"reopen"}
    assert (await status_of(stage, number))[0] == Status.RESOLVED


@pytest.mark.parametrize(
    ("role", "status", "held_by", "expected"),
    [
        ("agent", Status.QUEUED, None, {"take", "transfer", "snooze", "resolve"}),
        ("agent", Status.ASSIGNED, "agent", {"transfer", "release", "snooze", "resolve"}),
        ("agent", Status.ASSIGNED, "supervisor", set()),
        ("supervisor", Status.ASSIGNED, "agent", {"transfer", "release", "snooze", "resolve"}),
        ("analyst", Status.QUEUED, None, set()),
        ("analyst", Status.ASSIGNED, "agent", set()),
    ],
)
async def test_the_buttons_are_those_that_work(
    stage: Stage, role: str, status: Status, held_by: str | None, expected: set[str]
) -> None:
    number = await customer_waits(stage, "hi")
    if held_by is not None:
        async with stage.store.write() as session:
            agent = await staff.get_agent(session, stage.agents[held_by])
            await queue.take(session, number, agent, now=stage.clock())
    assert (await status_of(stage, number))[0] == status
    seen = await (await agent_browser(stage, role)).visit(f"/conversations/{number}")
    assert seen.status == 200
    assert buttons(seen) == expected
    assert ('id="composer"' in seen.text) is (role != "analyst")


async def test_the_slower_of_two_is_told_who_was_faster(stage: Stage) -> None:
    number = await customer_waits(stage, "hi")
    await (await agent_browser(stage, "supervisor")).send(f"/conversations/{number}/take")
    slower = await agent_browser(stage)
    script = {"HX-Request": "true"}
    told = await slower.send(f"/conversations/{number}/take", headers=script)
    assert told.status == 409
    assert "the supervisor has this conversation" in told.text
    assert told.headers["HX-Retarget"] == "#notices"
    refused = await slower.send(f"/conversations/{number}/words", headers=script, text="hello?")
    assert refused.status == 409
    page = await slower.send(f"/conversations/{number}/take")
    assert (page.status, "<html" in page.text) == (409, True), "without scripts it is a page of its own"


async def test_a_transfer_carries_its_note(stage: Stage) -> None:
    number = await customer_waits(stage, "hi")
    browser = await agent_browser(stage)
    await browser.send(f"/conversations/{number}/take")
    seen = await browser.send(
        f"/conversations/{number}/transfer", to=str(stage.agents["supervisor"]), note="knows lamps"
    )
    assert "the agent handed it on to the supervisor" in seen.text
    assert "knows lamps" in seen.text
    assert "the supervisor is offline: it waits in the queue for them first." in seen.text
    assert await status_of(stage, number) == (Status.QUEUED, None)
    for language, told in (
        ("en", "waits for the supervisor alone for now"),
        ("zh", "目前只等 the supervisor"),
    ):
        lists = await browser.visit("/desk/lists", **{"Accept-Language": language})
        assert told in lists.text


async def test_whoever_opens_it_sees_to_which_team_it_was_passed_on(stage: Stage) -> None:
    number = await customer_waits(stage, "my lamp is broken")
    async with stage.store.write() as session:
        (await conversations.get(session, number)).team = "night"
    browser = await agent_browser(stage)
    assert "Passed on to the team night." in (await browser.visit(f"/conversations/{number}")).text
    assert "<bdi>night</bdi>" in (await browser.visit("/desk/lists")).text


async def test_what_an_agent_does_stands_in_the_audit_under_the_apis_names(stage: Stage) -> None:
    number = await customer_waits(stage, "hi")
    browser = await agent_browser(stage)
    await browser.send(f"/conversations/{number}/take")
    await browser.send(f"/conversations/{number}/words", text="hello")
    entries = await stage.get(f"/audit?subject=conversation:{number}")
    assert [entry["action"] for entry in entries["items"]] == ["conversations.reply", "conversations.take"]


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_words_of_customers_stay_words(stage: Stage, payload: str) -> None:
    number = await customer_waits(stage, payload, name=payload)
    browser = await agent_browser(stage)
    await browser.send(f"/conversations/{number}/words", text=payload, kind="note")
    for path in (f"/conversations/{number}", f"/conversations/{number}/thread", "/desk/lists", "/customers"):
        seen = await browser.visit(path)
        assert str(escape(payload)) in seen.text, path
        if escape(payload) != payload:
            assert payload not in seen.text, path


async def test_presence_is_set_and_lasts_while_it_is_renewed(stage: Stage) -> None:
    browser = await agent_browser(stage)
    answer = await browser.send("/desk/presence", headers={"HX-Request": "true"}, presence="online")
    assert answer.status == 204
    async with stage.store.read() as session:
        assert stage.agents["agent"] in await duty.candidates(session, now=stage.clock())
    stage.clock.move(minutes=3)
    async with stage.store.read() as session:
        assert not await duty.candidates(session, now=stage.clock())
    assert (await browser.send("/desk/presence", presence="asleep")).status == 422


async def test_the_stream_tells_of_a_change_and_ends_with_the_session(stage: Stage) -> None:
    browser = await agent_browser(stage)
    headers = {**browser.headers, "Accept": "text/event-stream"}
    async with stage.client.get("/desk/live", headers=headers) as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        assert await stream.content.readuntil(b"\n\n") == b"event: changed\ndata:\n\n"
        number = await customer_waits(stage, "hi")
        await (await agent_browser(stage, "admin")).send(f"/conversations/{number}/take")
        assert await stream.content.readuntil(b"\n\n") == b"event: changed\ndata:\n\n"


@pytest.mark.parametrize(
    ("fields", "status"),
    [({}, 422), ({"text": "   "}, 422), ({"text": "//"}, 422), ({"text": "x" * 4097}, 422), ({"text": "a\x00b"}, 422),
     ({"text": "hi", "agent_id": "1"}, 422), ({"text": "hi", "kind": "shout"}, 422)],
)  # fmt: skip
async def test_bad_words_are_refused_and_nothing_is_said(
    stage: Stage, fields: dict[str, str], status: int
) -> None:
    number = await customer_waits(stage, "hi")
    answer = await (await agent_browser(stage)).send(
        f"/conversations/{number}/words", **(fields or {"kind": "reply"})
    )
    assert answer.status == status
    async with stage.store.read() as session:
        assert [m.author for m in await conversations.messages(session, number)] == ["customer"]


@pytest.mark.parametrize(("language", "told"), [
    ("en", "You hold 1 conversation, and may hold 1."), ("zh", "您已有 1 个对话，最多 1 个。"),
])  # fmt: skip
async def test_who_holds_as_many_as_they_can_reads_why_there_is_no_next(
    stage: Stage, language: str, told: str
) -> None:
    for name in "ab":
        await customer_waits(stage, "hi", address=name)
    async with stage.store.write() as session:
        await staff.change_agent(session, stage.agents["agent"], now=stage.clock(), capacity=1)
    browser = await agent_browser(stage)
    assert (await browser.send("/desk/next")).status == 200
    refused = await browser.send("/desk/next", headers={"Accept-Language": language})
    assert (refused.status, told in refused.text) == (409, True)
