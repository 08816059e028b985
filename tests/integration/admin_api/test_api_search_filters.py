"""Words and filters together: through the API, on the page, in its address, and saved as a view."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from crm_store import labels
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer
from crm_store.models.scores import CustomerScore, ScoreRun
from crm_store.settings import StoreSettings
from tests.admin_stage import START, Stage
from tests.admin_world import conversation
from tests.desk_stage import agent_browser

DAY = timedelta(days=1)


async def world(stage: Stage) -> dict[str, int]:
    """Three conversations about lamps and one about nothing: a, b, c and other."""
    found = {
        name: await conversation(stage.store, START, text=text)
        for name, text in (
            ("a", "my lamp broke"),
            ("b", "the lamp is late"),
            ("c", "灯坏了 lamp"),
            ("other", "hi"),
        )
    }
    await stage.post(f"/conversations/{found['b']}/take", key="agent")
    async with stage.store.write() as session:
        for name, attributes in (("a", {"Plan": "Gold", "trial": True}), ("other", {"seats": 5})):
            await labels.change_labels(
                session,
                found[name],
                now=START,
                settings=StoreSettings(),
                tags=["storm"],
                attributes=attributes,
            )
        owners = {name: (await session.get_one(Conversation, n)).customer_id for name, n in found.items()}
        gold = update(Customer).where(Customer.id == owners["b"]).values(attributes={"plan": "gold"})
        await session.execute(gold)
        for segment in ("Dormant", "Champions"):  # the newer run counts
            run = ScoreRun(
                as_of=START, window_days=365, computed_at=START, versions={}, segments=[{"name": segment}]
            )
            session.add(run)
            await session.flush()
            for name in ("a", "b"):
                session.add(
                    CustomerScore(run_id=run.id, customer_id=owners[name], values={}, segment=segment)
                )
        private = update(Customer).where(Customer.id == owners["b"]).values(profiling_allowed=False)
        await session.execute(private)
        for name, days in (("a", -3), ("c", -1)):
            told = Message.conversation_id == found[name]
            await session.execute(update(Message).where(told).values(created_at=START + days * DAY))
            at = {"created_at": START + days * DAY, "last_message_at": START + days * DAY}
            await session.execute(update(Conversation).where(Conversation.id == found[name]).values(**at))
    return found


CASES: list[tuple[dict[str, Any], str]] = [
    ({}, "a b c other"),
    ({"q": "lamp"}, "a b c"),
    ({"q": "lamp", "status": "queued"}, "a c"),
    ({"q": "lamp", "agent_id": 0}, "a c"),
    ({"q": "lamp", "tag": "storm"}, "a"),
    ({"q": "灯坏", "channel": "web"}, "c"),
    ({"q": "?!"}, ""),
    ({"attribute": "plan"}, "b"),
    ({"attribute": "Plan: gold"}, "a"),
    ({"attribute": "plan=GOLD"}, "b"),
    ({"attribute": "trial: true"}, "a"),
    ({"attribute": "seats：5"}, "other"),
    ({"attribute": "seats: 6"}, ""),
    ({"attribute": ":"}, ""),
    ({"q": "lamp", "attribute": "trial"}, "a"),
    ({"segment": "Champions"}, "a"),
    ({"segment": "Dormant"}, ""),
    ({"q": "lamp", "segment": "Champions", "tag": "storm", "priority": "0"}, "a"),
    ({"q": "lamp", "since": "2026-03-01"}, "b c"),
    ({"q": "lamp", "since": "2026-03-01", "until": "2026-03-02T00:00:00Z"}, "c"),
    ({"until": "2026-03-01"}, "a"),
    ({"since": "2026-03-02"}, "b other"),
]


async def test_all_that_is_asked_must_hold(both_stage: Stage) -> None:
    stage = both_stage
    found = await world(stage)
    names = {number: name for name, number in found.items()}
    browser = await agent_browser(stage)
    for query, expected in CASES:
        answer = await stage.ask("GET", "/api/v1/conversations", key="agent", params=query)
        assert answer.status == 200, (query, answer.body)
        listed = sorted(names[one["id"]] for one in answer.body["items"])
        assert listed == expected.split(), query
        if "q" in query:
            hits = await stage.ask("GET", "/api/v1/search", key="agent", params=query)
            assert sorted(names[hit["conversation_id"]] for hit in hits.body["items"]) == listed, query
    seen = await browser.visit("/search?q=lamp&attribute=trial&segment=Champions&status=&since=&team=")
    assert f'href="/conversations/{found["a"]}"' in seen.text
    assert "my <mark>lamp</mark> broke" in seen.text
    assert f'href="/conversations/{found["b"]}"' not in seen.text
    assert '<option value="Champions" selected>' in seen.text


@pytest.mark.parametrize(
    "query", ["since=yesterday", "agent_id=-1", "attribute=", "segments=x", "priority=9"]
)
async def test_filters_nobody_understands_are_refused(stage: Stage, query: str) -> None:
    assert (await stage.ask("GET", f"/api/v1/conversations?{query}", key="agent")).status == 422


async def test_days_are_the_readers_and_last_to_their_end(stage: Stage) -> None:
    found = await world(stage)  # c was said on 2026-03-01 at 09:00 UTC, which is 23:00 on Kiritimati
    browser = await agent_browser(stage)
    browser.headers["Cookie"] += "; frontdesk_zone=Pacific/Kiritimati"
    for asked, is_found in (("since=2026-03-01&until=2026-03-01", True), ("since=2026-03-02", False)):
        seen = await browser.visit(f"/search?q=灯坏&{asked}")
        assert (f'href="/conversations/{found["c"]}"' in seen.text) is is_found, asked
    assert 'name="since" value="2026-03-02"' in seen.text
    assert (await browser.visit("/search?since=soon")).status == 422


async def test_a_view_keeps_words_and_all_filters(both_stage: Stage) -> None:
    stage = both_stage
    found = await world(stage)
    browser = await agent_browser(stage)
    asked = {
        "q": "lamp",
        "attribute": "trial: true",
        "segment": "Champions",
        "since": "2026-02-01T00:00:00+00:00",
    }
    saved = await browser.send("/search/views", name="Lamps", **asked)
    assert 'aria-current="page">Lamps' in saved.text
    assert f'href="/conversations/{found["a"]}"' in saved.text
    assert 'name="since" value="2026-02-01"' in saved.text
    (view,) = (await stage.get("/views", "agent"))["items"]
    assert view["filters"] == asked
    own = {"name": "Through the API", "filters": {"q": "lamp", "until": "2026-03-01", "agent_id": 0}}
    made = await stage.post("/views", own, "agent")
    assert made["filters"] == {"q": "lamp", "agent_id": 0, "until": "2026-03-01T00:00:00+00:00"}


async def test_a_long_list_goes_on_with_all_that_was_asked(stage: Stage) -> None:
    for number in range(51):
        await conversation(stage.store, START, text=f"parcel {number}")
    browser = await agent_browser(stage)
    seen = await browser.visit("/search?q=parcel&status=queued")
    assert "parcel</mark> 50" in seen.text
    assert "parcel</mark> 0<" not in seen.text
    assert "/search?q=parcel&amp;status=queued&amp;before=2" in seen.text
    rest = await browser.visit("/search?q=parcel&status=queued&before=2")
    assert "parcel</mark> 0<" in rest.text
