"""Articles, their versions, files of them, and gaps, through the API."""

from datetime import timedelta
from typing import Any

import pytest

from crm_store.models.conversations import Handoff
from crm_store.models.knowledge import Gap
from tests.admin_stage import Stage
from tests.admin_world import conversation, gap

SHIPPING = {
    "key": "shipping",
    "question": "How long does shipping take?",
    "answer": "Three days.",
    "phrasings": ["when will it arrive", "delivery time"],
    "tags": ["orders"],
}


async def test_an_article_and_its_versions(both_stage: Stage) -> None:
    stage = both_stage
    made = await stage.ask("POST", "/api/v1/articles", key="supervisor", json=SHIPPING)
    assert (made.status, made.headers["ETag"]) == (201, '"1"')
    path = made.headers["Location"]
    assert (await stage.ask("POST", "/api/v1/articles", json=SHIPPING)).status == 409
    changed = await stage.ask("PATCH", path, json={"answer": "Two days."}, headers={"If-Match": '"1"'})
    assert (changed.status, changed.body["version"], changed.body["tags"]) == (200, 2, ["orders"])
    stale = await stage.ask("PATCH", path, json={"answer": "One day."}, headers={"If-Match": '"1"'})
    assert stale.status == 412
    past = await stage.get(f"/articles/{made.body['id']}/versions", key="analyst")
    assert [one["content"]["answer"] for one in past["items"]] == ["Two days.", "Three days."]
    assert past["items"][0]["changed_by"].endswith("admin")
    assert (await stage.ask("DELETE", path)).status == 204
    assert (await stage.ask("GET", path)).status == 404
    gone = await stage.get("/articles/versions?key=shipping")
    assert [one["content"] is None for one in gone["items"]] == [True, False, False]
    back = await stage.post("/articles/restore", {"key": "shipping", "version": 1})
    assert (back["answer"], back["version"]) == ("Three days.", 4)
    assert (await stage.ask("GET", "/api/v1/articles/versions?key=unheard-of")).status == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "two words"},
        {"key": ""},
        {"question": " "},
        {"answer": ""},
        {"answer": "x" * 4097},
        {"phrasings": [""]},
        {"phrasings": "text"},
        {"language": "english please"},
        {"valid_from": "2026-03-02", "valid_until": "2026-03-01"},
        {"valid_from": "soon"},
        {"version": 7},
    ],
)
async def test_what_is_no_article(stage: Stage, wrong: dict[str, Any]) -> None:
    answer = await stage.ask("POST", "/api/v1/articles", json=SHIPPING | wrong)
    assert answer.status == 422, answer.body
    assert answer.body["errors"]
    assert (await stage.get("/articles"))["items"] == []


async def test_lists_by_language_tag_and_words(both_stage: Stage) -> None:
    stage = both_stage
    for n in range(3):
        await stage.post("/articles", SHIPPING | {"key": f"a{n}", "tags": [f"t{n}"]})
    await stage.post("/articles", SHIPPING | {"key": "运费", "language": "zh", "question": "运费多少？"})
    for query, keys in (
        ({"language": "zh"}, ["运费"]),
        ({"tag": "t1"}, ["a1"]),
        ({"text": "DELIVERY", "language": "en"}, ["a0", "a1", "a2"]),
        ({"text": "运费"}, ["运费"]),
        ({"text": "%"}, []),
    ):
        found = await stage.get("/articles", params=query)
        assert [one["key"] for one in found["items"]] == keys, query
    first = await stage.get("/articles?limit=3")
    second = await stage.ask("GET", first["next"])
    assert len(first["items"] + second.body["items"]) == 4


async def test_a_file_is_taken_whole_or_not_at_all(both_stage: Stage) -> None:
    stage = both_stage
    good = "text,article,answer\nwhere is it,tracking,Look here.\nfind my parcel,tracking,\n"
    done = await stage.post("/articles/import", {"format": "csv", "data": good})
    assert (done["added"], done["changed"]) == (1, 0)
    bad = good + "no article here,,\n"
    refused = await stage.ask("POST", "/api/v1/articles/import", json={"format": "csv", "data": bad})
    assert refused.status == 422
    assert refused.body["errors"][0]["field"] == "data, line 4"
    for name in ("csv", "jsonl", "yaml"):
        file = (await stage.ask("GET", f"/api/v1/articles/export?format={name}")).body
        text = file if isinstance(file, str) else ""
        assert "find my parcel" in (text or str(file)), name
        if text:
            again = await stage.post("/articles/import", {"format": name, "data": text, "replace": True})
            assert (again["added"], again["changed"], again["removed"]) == (0, 0, 0), name


async def test_gaps_are_closed_when_somebody_wrote_the_answer(stage: Stage) -> None:
    talk = await conversation(stage.store, stage.clock())
    first = await gap(stage.store, stage.clock(), talk)
    listed = (await stage.get("/gaps"))["items"]
    assert [(one["id"], one["candidates"][0]["article_key"]) for one in listed] == [(first, "shipping")]
    await stage.post(f"/gaps/{first}", {"state": "closed"}, key="supervisor", method="PATCH")
    assert (await stage.get("/gaps"))["items"] == []
    assert len((await stage.get("/gaps?state=closed&language=en"))["items"]) == 1
    assert (await stage.ask("PATCH", f"/api/v1/gaps/{first}", json={"state": "lost"})).status == 422


QUESTIONS = (
    "do you ship to the moon", "can you ship to the moon please", "shipping to the moon",
    "do you repair broken kettles", "my kettle is broken, do you repair it",
    "is there parking near your office",
)  # fmt: skip


async def asked(stage: Stage) -> list[int]:
    """Gaps of six questions by two people, of whom the first then waited for a person."""
    talks = [await conversation(stage.store, stage.clock()) for _ in range(2)]
    stage.clock.move(minutes=1)
    numbers = []
    for at, question in enumerate(QUESTIONS):
        number = await gap(stage.store, stage.clock(), talks[at % 2])
        async with stage.store.write() as session:
            (await session.get_one(Gap, number)).question = question
        numbers.append(number)
    async with stage.store.write() as session:
        waits = {"queued_at": stage.clock(), "ended_at": stage.clock() + timedelta(minutes=4)}
        session.add(Handoff(conversation_id=talks[0], reason="not_understood", outcome="taken", **waits))
    return numbers


async def test_gaps_that_ask_the_same_come_together_with_what_followed(stage: Stage) -> None:
    numbers = await asked(stage)
    await stage.post("/articles", {"key": "shipping", "question": "Where do you ship?", "answer": "Europe."})
    found = await stage.get("/gaps/groups", key="analyst")
    moon, kettle, parking = found["items"]
    assert found["grouped"] == 6
    assert [sorted(one["id"] for one in group["gaps"]) for group in found["items"]] == [
        numbers[:3], numbers[3:5], numbers[5:],
    ]  # fmt: skip
    assert (moon["customers"], parking["handed_off"]) == (2, 0)
    # One wait, for the last question before it.
    assert (moon["handed_off"], kettle["handed_off"]) == (0, 1)
    assert (moon["waited_s"], kettle["waited_s"]) == (0, 240)
    assert [(one["article_key"], one["times"]) for one in moon["offered"]] == [("shipping", 3)]
    assert moon["offered"][0]["question"] == "Where do you ship?"
    assert (await stage.get("/gaps/groups?language=zh"))["items"] == []


async def test_an_article_learns_what_was_asked(stage: Stage) -> None:
    numbers = await asked(stage)
    body = {"key": "shipping", "question": "Where do you ship?", "answer": "Europe.",
            "phrasings": ["Shipping to the MOON"]}  # fmt: skip
    article = await stage.post("/articles", body)
    learned = await stage.post(
        "/gaps/teach", {"gap_ids": numbers[:3], "article_id": article["id"]}, "supervisor"
    )
    assert learned["phrasings"] == ["Shipping to the MOON", *QUESTIONS[:2]]
    assert learned["version"] == 2
    left = (await stage.get("/gaps/groups"))["items"]
    assert sorted(one["id"] for group in left for one in group["gaps"]) == numbers[3:]
    closed = await stage.post("/gaps/close", {"gap_ids": numbers}, key="supervisor")
    assert closed == {"closed": 3}
    for path, wrong, status in (
        ("teach", {"gap_ids": [999], "article_id": article["id"]}, 404),
        ("teach", {"gap_ids": numbers[:1], "article_id": 999}, 404),
        ("teach", {"gap_ids": [], "article_id": article["id"]}, 422),
        ("close", {"gap_ids": [numbers[0], 999]}, 404),
    ):
        answer = await stage.ask("POST", f"/api/v1/gaps/{path}", json=wrong)
        assert answer.status == status, wrong
