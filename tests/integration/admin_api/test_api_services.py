"""The one endpoint of CRM.md row 11: auto_reply, recommend, queue, schedule."""

from typing import Any

import pytest

from knowledge_base.articles import Article
from tests.admin_stage import Stage
from tests.admin_world import conversation, order, visitor

ARTICLES = (
    Article("shipping", "How long does shipping take?", ("when will my parcel arrive",), "Three days."),
    Article(
        "returns", "How do I return something?", ("send back an item", "give back goods"), "Within 30 days."
    ),
    Article("returns", "如何退货？", ("怎么退货", "我想退货"), "三十天内可退。", language="zh"),
    Article("invoice", "Where is my invoice?", ("I need a bill", "receipt please"), "In your account."),
)


async def ask(stage: Stage, **body: Any) -> Any:
    return await stage.post("/customer_service", body, key="analyst")


async def test_auto_reply_answers_from_the_knowledge_base(stage: Stage) -> None:
    stage.shelf.fill(*ARTICLES)
    found = await ask(stage, type="auto_reply", text="When will my parcel arrive?")
    assert (found["decision"], found["answer"], found["language"]) == ("answer", "Three days.", "en")
    assert 0 < found["confidence"] <= 1
    assert [one["key"] for one in found["articles"]] == ["shipping"]
    chinese = await ask(stage, type="auto_reply", text="怎么退货")
    assert (chinese["answer"], chinese["language"]) == ("三十天内可退。", "zh")
    chosen = await ask(stage, type="auto_reply", text="send back an item", language="zh")
    assert chosen["answer"] == "三十天内可退。"


async def test_auto_reply_hands_over_what_nobody_wrote_about(stage: Stage) -> None:
    nothing = await ask(stage, type="auto_reply", text="hello?")
    assert (nothing["decision"], nothing["answer"], nothing["articles"]) == ("handoff", None, [])
    stage.shelf.fill(*ARTICLES)
    found = await ask(stage, type="auto_reply", text="zxqv qqq")
    assert found["decision"] == "handoff"


async def test_auto_reply_knows_its_customers_language(stage: Stage) -> None:
    stage.shelf.fill(*ARTICLES)
    ada = (await stage.post("/customers", {"name": "Ada", "language": "zh"}))["id"]
    found = await ask(stage, type="auto_reply", text="send back an item", customer_id=ada)
    assert found["language"] == "zh"
    body = {"type": "auto_reply", "text": "x", "customer_id": 999}
    assert (await stage.ask("POST", "/api/v1/customer_service", json=body)).status == 404


async def test_recommend_what_similar_customers_bought(both_stage: Stage) -> None:
    stage = both_stage
    people = [await visitor(stage.store, stage.clock(), f"c{n}") for n in range(4)]
    for person, skus in zip(
        people, (("tea", "cup"), ("tea", "cup", "pot"), ("tea", "jar"), ("hat",)), strict=True
    ):
        await order(stage.store, person, stage.clock(), *skus)
    found = await ask(stage, type="recommend", customer_id=people[0], limit=3)
    assert [(one["sku"], one["source"]) for one in found["items"]] == [
        ("pot", "similar_customers"),
        ("jar", "similar_customers"),
        ("hat", "popular"),
    ]
    assert found["items"][0]["score"] == pytest.approx(2 / 6**0.5, abs=1e-6)
    assert found["items"][0]["why"]


async def test_recommend_to_a_newcomer_and_to_who_objects(stage: Stage) -> None:
    buyer, newcomer = [await visitor(stage.store, stage.clock()) for _ in range(2)]
    await order(stage.store, buyer, stage.clock(), "tea", "cup")
    found = await ask(stage, type="recommend", customer_id=newcomer)
    assert {(one["sku"], one["source"]) for one in found["items"]} == {("tea", "popular"), ("cup", "popular")}
    await order(stage.store, newcomer, stage.clock(), "tea")
    await stage.post(f"/customers/{newcomer}", {"profiling_allowed": False}, method="PATCH")
    found = await ask(stage, type="recommend", customer_id=newcomer)
    assert [(one["sku"], one["source"]) for one in found["items"]] == [("cup", "popular")]


async def test_queue_and_schedule(both_stage: Stage) -> None:
    stage = both_stage
    assert (await ask(stage, type="schedule"))["why"] == ["nobody waits"]
    first = await conversation(stage.store, stage.clock())
    queue = await ask(stage, type="queue")
    assert (queue["type"], queue["length"]) == ("queue", 1)
    assert queue["items"][0]["position"] == 1
    assert queue["items"][0]["why_next"][0]["reason"] == "waiting"
    assert (queue["expected_wait_seconds"], queue["items"][0]["expected_wait_seconds"]) == (None, None)
    assert (await ask(stage, type="schedule"))["why"] == ["no agent is online"]
    await stage.post("/me", {"presence": "online", "languages": ["en"]}, key="agent", method="PATCH")
    for body in ({}, {"conversation_id": first}):
        found = await ask(stage, type="schedule", **body)
        assert found["conversation_id"] == first
        assert found["agent"] == {"id": stage.agents["agent"], "name": "the agent"}
        assert "speaks en" in found["why"]
    missing = {"type": "schedule", "conversation_id": 999}
    assert (await stage.ask("POST", "/api/v1/customer_service", json=missing)).status == 404


async def test_the_queue_tells_what_customers_are_told(both_stage: Stage) -> None:
    """Five were alone and waited ten minutes: so long for each place, and for who comes next one more."""
    stage = both_stage
    for _ in range(5):
        await conversation(stage.store, stage.clock())
        stage.clock.move(minutes=10)
        await stage.post("/queue/take-next", key="admin")
    for _ in range(3):
        await conversation(stage.store, stage.clock())
    queue = await ask(stage, type="queue")
    told = [(one["position"], one["told_position"], one["expected_wait_seconds"]) for one in queue["items"]]
    assert told == [(1, 1, 600), (2, 2, 1200), (3, 3, 1800)]
    assert queue["expected_wait_seconds"] == 2400


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"type": "dance"},
        {"type": None},
        {"type": "auto_reply"},
        {"type": "auto_reply", "text": ""},
        {"type": "auto_reply", "text": "x" * 4097},
        {"type": "auto_reply", "text": "x", "customer_id": "1"},
        {"type": "recommend"},
        {"type": "recommend", "customer_id": 1, "limit": 0},
        {"type": "queue", "text": "x"},
        {"type": "schedule", "conversation_id": -1},
    ],
)
async def test_what_is_no_service(stage: Stage, body: dict[str, Any]) -> None:
    answer = await stage.ask("POST", "/api/v1/customer_service", json=body)
    assert answer.status == 422, answer.body


async def test_hostile_texts_get_a_decision(stage: Stage) -> None:
    stage.shelf.fill(*ARTICLES)
    for text in ("🙂" * 4096, "\u202e" * 100, "a\u0301" * 2000, "\ufdfa" * 4000, "<script>", "%s%n", " "):
        found = await ask(stage, type="auto_reply", text=text)
        assert found["decision"] in ("answer", "list", "handoff")


async def test_auto_reply_lists_what_helped_too_few_as_the_bot_does(stage: Stage) -> None:
    stage.shelf.fill(*ARTICLES)
    stage.shelf.listed_only = frozenset({("shipping", "en"), ("returns", "zh")})
    found = await ask(stage, type="auto_reply", text="When will my parcel arrive?")
    assert (found["decision"], found["answer"], found["reason"]) == ("list", None, "helped_too_few")
    assert found["articles"][0]["key"] == "shipping"
    english = await ask(stage, type="auto_reply", text="send back an item")
    assert english["decision"] == "answer", "it is the Chinese one that did not help"
    chinese = await ask(stage, type="auto_reply", text="怎么退货")
    assert (chinese["decision"], chinese["reason"]) == ("list", "helped_too_few")
