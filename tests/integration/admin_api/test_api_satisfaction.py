"""How content customers are, through the API and under Insights: with its interval, its rules, and who was silent."""

import pytest

from crm_store import conversations, queue, ratings, staff
from crm_store.models.ratings import RatingRequest
from tests.admin_stage import Stage
from tests.admin_world import conversation
from tests.desk_stage import agent_browser


async def resolved(stage: Stage, agent: str, **stars: int) -> None:
    """A conversation the agent served, rated so (or not at all)."""
    number = await conversation(stage.store, stage.clock())
    async with stage.store.write() as session:
        by = await staff.get_agent(session, stage.agents[agent])
        await conversations.reply(session, number, by, "Hello!", now=stage.clock())
        await queue.resolve(session, number, by, now=stage.clock(), settings=stage.settings.current)
        request = await session.get_one(RatingRequest, number)
        for aspect, given in stars.items():
            score = ratings.score_of(given)
            await ratings.record(
                session, request.customer_id, aspect, score, now=stage.clock(), request=request
            )


async def test_agents_weeks_and_aspects(both_stage: Stage) -> None:
    stage = both_stage
    await resolved(stage, "agent", price=5, service_quality=4)
    await resolved(stage, "agent")
    stage.clock.move(days=7)
    await resolved(stage, "supervisor", price=1)
    stage.clock.move(minutes=1)
    told = await stage.get("/reports/satisfaction", "analyst")
    assert (told["shrinkage"], told["confidence"], told["weights"]["price"]) == (5.0, 0.9, 1.0)
    assert (told["team"]["asked"], told["team"]["rated"], told["team"]["mean"]) == (3, 2, 43.75)
    by_agent = {one["agent_id"]: one for one in told["agents"]}
    own = by_agent[stage.agents["agent"]]
    assert (own["asked"], own["rated"], own["mean"]) == (2, 1, 87.5)
    assert own["satisfaction"] == pytest.approx((87.5 + 5 * 43.75) / 6)
    assert own["low"] < own["satisfaction"] < own["high"]
    assert [one["begins_on"] for one in told["periods"]] == ["2026-03-02", "2026-03-09"]
    assert [one["rated"] for one in told["aspects"]] == [0, 1, 2]
    summary = await stage.get("/reports/summary", "analyst")
    assert summary["ratings"]["satisfaction"] == 43.75
    bad = await stage.ask("GET", "/api/v1/reports/satisfaction?period=year")
    assert bad.status == 422


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "Satisfaction, 0–100",
                "1 of 2 asked answered",
                "as if 5 ratings more",
                "in 90% of cases",
                "price 1",
            ),
        ),
        ("zh", ("满意度（0–100）", "2 人被邀请，1 人评价", "相当于另有 5 个", "90%")),
    ],
)
async def test_insights_state_weights_shrinkage_and_interval(
    stage: Stage, language: str, words: tuple[str, ...]
) -> None:
    await resolved(stage, "agent", price=5)
    await resolved(stage, "agent")
    stage.clock.move(minutes=1)
    seen = await (await agent_browser(stage)).visit("/insights", **{"Accept-Language": language})
    for said in words:
        assert said.casefold() in seen.text.casefold(), said


async def test_silence_is_told_as_silence(stage: Stage) -> None:
    await resolved(stage, "agent")
    stage.clock.move(minutes=1)
    seen = await (await agent_browser(stage)).visit("/insights")
    assert "1 was asked; nobody has answered yet." in seen.text


async def test_nobody_was_asked_for_an_aspect_that_is_new(both_stage: Stage) -> None:
    stage = both_stage
    await resolved(stage, "agent", price=5)
    for name, value in (("rating_aspects", "speed,price"), ("rating_weights", "speed 2, elegance 3")):
        await stage.post(f"/settings/{name}", {"value": value}, method="PUT")
    await stage.settings.load()
    stage.clock.move(minutes=1)

    async def asked() -> dict[str, int]:
        told = await stage.get("/reports/satisfaction", "analyst")
        return {one["aspect"]: one["asked"] for one in told["aspects"]}

    assert await asked() == {"price": 1, "product_quality": 1, "service_quality": 1}
    await resolved(stage, "agent", price=5, speed=4)
    stage.clock.move(minutes=1)
    assert await asked() == {"speed": 1, "price": 2, "product_quality": 1, "service_quality": 1}
