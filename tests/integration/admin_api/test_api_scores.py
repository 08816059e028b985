"""CRM.md's worked examples through the API, and scores and segments of customers in the store."""

from typing import Any

import pytest

from tests.admin_stage import Stage
from tests.admin_world import order, visitor

RATINGS = [[90, 80, 85], [70, 75, 80], [95, 90, 95]]
EXAMPLES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {"score": "satisfaction", "rows": RATINGS, "weights": [0.3, 0.3, 0.4]},
        {"raw": [85.0, 75.5, 93.5], "overall": 84.6667},
    ),
    (
        {"score": "satisfaction", "scale": "stars", "rows": [[4, 5, 4], [3, 4, 3]]},
        {"raw": [4.3333, 3.3333], "index": [83.3333, 58.3333]},
    ),
    ({"score": "loyalty", "rows": [[10, 1000, 5], [5, 500, 3]]}, {"raw": [338.3333, 169.3333]}),
    ({"score": "value", "rows": [[1000, 200, 100], [500, 100, 50]]}, {"raw": [433.3333, 216.6667]}),
    (
        {"score": "spend", "rows": [[100, 1], [200, 2], [300, 3], [400, 4]]},
        {"raw": [100, 400, 900, 1600], "rank": [4, 3, 2, 1]},
    ),
]


@pytest.mark.parametrize(("body", "expected"), EXAMPLES)
async def test_worked_examples(stage: Stage, body: dict[str, Any], expected: dict[str, Any]) -> None:
    found = await stage.post("/scores/preview", body, key="analyst")
    for name, value in expected.items():
        assert found[name] == pytest.approx(value, abs=5e-5), name
    assert found["score"] == body["score"]
    assert len(found["index"]) == len(body["rows"])


async def test_the_worked_example_of_segments(stage: Stage) -> None:
    body = {"score": "segments", "rows": [[1, 2], [2, 3], [3, 4], [4, 5]], "k": 2}
    first, second, third, fourth = (await stage.post("/scores/preview", body))["labels"]
    assert first == second != third == fourth


@pytest.mark.parametrize(
    "body",
    [
        {"score": "charm", "rows": [[1]]},
        {"score": "satisfaction", "rows": []},
        {"score": "satisfaction", "rows": [[]]},
        {"score": "satisfaction", "rows": [[90, 80], [70]]},
        {"score": "satisfaction", "rows": [[900]]},
        {"score": "satisfaction", "rows": [["90"]]},
        {"score": "satisfaction", "rows": [[90]], "weights": [0]},
        {"score": "satisfaction", "rows": [[90]], "weights": [1, 2]},
        {"score": "satisfaction", "rows": [[90]], "scale": "moons"},
        {"score": "loyalty", "rows": [[1, 2]]},
        {"score": "segments", "rows": [[1], [2]], "k": 0},
        {"score": "segments", "rows": [[1], [2]], "k": 10**9},
        {"score": "segments", "rows": [[1], [None]]},
    ],
)
async def test_what_cannot_be_computed_is_refused_with_a_reason(stage: Stage, body: dict[str, Any]) -> None:
    answer = await stage.ask("POST", "/api/v1/scores/preview", json=body)
    assert answer.status == 422, answer.body
    assert answer.body["detail"]


@pytest.mark.parametrize("score", ["satisfaction", "loyalty", "value", "spend", "segments"])
async def test_numbers_at_the_edge_are_computed_or_refused(stage: Stage, score: str) -> None:
    for rows in ([[1e308] * 3] * 2, [[5e-324] * 3, [0] * 3], [[1e308] * 2, [-1e308] * 2], [[0.0]] * 3):
        answer = await stage.ask("POST", "/api/v1/scores/preview", json={"score": score, "rows": rows})
        assert answer.status in (200, 422), (rows, answer.body)


async def test_scores_of_customers_with_why(both_stage: Stage) -> None:
    stage = both_stage
    people = [await visitor(stage.store, stage.clock(), f"c{n}") for n in range(5)]
    for n, person in enumerate(people[:4]):
        for _ in range(n + 1):
            await order(stage.store, person, stage.clock(), "tea", "cup", amount=str(10 * (n + 1)))
    assert (await stage.ask("GET", "/api/v1/scores")).status == 404
    run = await stage.post("/scores/run", {"k": 2}, key="supervisor")
    listed = await stage.get("/scores?limit=2", key="analyst")
    assert [row["customer_id"] for row in listed["items"]] == people[:2]
    spend = [row["scores"]["spend"]["raw"] for row in listed["items"]]
    assert spend == [10.0, 80.0]
    rest = await stage.ask("GET", listed["next"])
    assert [row["customer_id"] for row in rest.body["items"]] == people[2:4]
    explained = await stage.get(f"/customers/{people[3]}/scores")
    by_name = {one["score"]: one for one in explained["scores"]}
    assert by_name["spend"]["raw"] == 40.0 * 4 * 4
    assert by_name["loyalty"]["as_of"] == run["as_of"]
    assert by_name["loyalty"]["version"] == "loyalty-1"
    assert {part["name"] for part in by_name["spend"]["parts"]} >= {"amount"}


async def test_segments_have_names_members_and_centroids(stage: Stage) -> None:
    people = [await visitor(stage.store, stage.clock(), f"c{n}") for n in range(4)]
    for n, person in enumerate(people):
        await order(stage.store, person, stage.clock(), "tea", amount="5000" if n > 1 else "5")
    await stage.post("/scores/run", {"k": 2})
    found = await stage.get("/segments")
    assert found["k"] == 2
    assert sorted(one["size"] for one in found["segments"]) == [2, 2]
    members = set()
    for one in found["segments"]:
        assert one["centroid"]["amount"] > 0
        listed = await stage.get(f"/segments/{one['name']}/members?limit=1")
        following = await stage.ask("GET", listed["next"])
        members |= {row["customer_id"] for row in listed["items"] + following.body["items"]}
    assert members == set(people)
    assert (await stage.ask("GET", "/api/v1/segments/nobody/members")).status == 404


async def test_yesterdays_scores_stay_yesterdays(stage: Stage) -> None:
    ada = await visitor(stage.store, stage.clock())
    await order(stage.store, ada, stage.clock(), "tea", amount="10", days_ago=40)
    await stage.post("/scores/run", {"as_of": "2026-02-01"})
    await order(stage.store, ada, stage.clock(), "cup", amount="90", days_ago=1)
    await stage.post("/scores/run")
    then = await stage.get("/scores?as_of=2026-02-01")
    now = await stage.get("/scores")
    assert [rows["items"][0]["scores"]["spend"]["raw"] for rows in (then, now)] == [10.0, 200.0]
    assert (await stage.ask("GET", "/api/v1/scores?as_of=2020-01-01")).status == 404
    assert (await stage.ask("GET", "/api/v1/scores?as_of=2026-02-01T00:00:00")).status == 422


async def test_who_objects_is_not_scored(stage: Stage) -> None:
    ada = await visitor(stage.store, stage.clock())
    await order(stage.store, ada, stage.clock(), "tea")
    await stage.post("/scores/run")
    assert len((await stage.get("/scores"))["items"]) == 1
    await stage.post(f"/customers/{ada}", {"profiling_allowed": False}, method="PATCH")
    assert (await stage.get("/scores"))["items"] == []
    await stage.post("/scores/run")
    assert (await stage.get("/scores"))["items"] == []
