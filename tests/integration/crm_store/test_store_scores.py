"""Score runs kept and read back, on both databases."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from crm_store import scores
from crm_store.engine import Store
from crm_store.errors import NotFound
from crm_store.models.customers import Customer
from crm_store.models.scores import CustomerScore
from crm_store.scores import RunDraft, ScoreRow

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
YEAR = timedelta(days=365)
DRAFT = RunDraft(
    NOW,
    YEAR,
    {"loyalty": "loyalty-1"},
    {"overall": 84.5},
    [{"name": "regular", "size": 2, "centroid": [1.5]}],
)
ROWS = [
    ScoreRow(1, {"loyalty": {"raw": 338.3333, "index": 75.0}}, "regular"),
    ScoreRow(2, {"loyalty": {"raw": None, "index": 25.0}}, "regular"),
    ScoreRow(3, {"loyalty": {"raw": 1.0, "index": 25.0}}, "new"),
]


async def save(store: Store, draft: RunDraft = DRAFT) -> int:
    async with store.write() as session:
        if not await session.scalar(select(func.count()).select_from(Customer)):
            session.add_all([Customer(id=row.customer_id, created_at=NOW, updated_at=NOW) for row in ROWS])
            await session.flush()
        return (await scores.save_run(session, draft, iter(ROWS), now=NOW)).id


async def test_a_run_comes_back(store: Store) -> None:
    run_id = await save(store)
    async with store.read() as session:
        run = await scores.latest_run(session)
        assert run is not None
        assert (run.id, run.as_of, run.window_days, run.versions) == (
            run_id,
            NOW,
            365,
            {"loyalty": "loyalty-1"},
        )
        assert (run.segments, run.context) == (DRAFT.segments, DRAFT.context)
        assert await scores.customer_scores(session, run_id) == ROWS
        assert await scores.customer_scores(session, run_id, after_customer_id=1, limit=1) == ROWS[1:2]
        assert await scores.customer_scores(session, run_id, segment="new") == ROWS[2:]
        assert await scores.customer_score(session, run_id, 2) == ROWS[1]
        with pytest.raises(NotFound):
            await scores.customer_score(session, run_id, 99)


async def test_the_latest_run_of_a_moment_or_window(store: Store) -> None:
    first = await save(store)
    month = await save(store, RunDraft(NOW, timedelta(days=30), {}))
    yesterday = await save(store, RunDraft(NOW - timedelta(days=1), YEAR, {}))
    async with store.read() as session:
        for wanted, expected in (
            ({}, yesterday),
            ({"as_of": NOW}, month),
            ({"as_of": NOW, "window": YEAR}, first),
            ({"window": YEAR}, yesterday),
            ({"as_of": NOW + YEAR}, None),
        ):
            run = await scores.latest_run(session, **wanted)  # type: ignore[arg-type]
            assert (run.id if run else None) == expected, wanted


async def test_who_objects_is_not_shown_any_more(store: Store) -> None:
    run_id = await save(store)
    async with store.write() as session:
        await session.execute(update(Customer).where(Customer.id == 2).values(profiling_allowed=False))
        assert [row.customer_id for row in await scores.customer_scores(session, run_id)] == [1, 3]
        with pytest.raises(NotFound):
            await scores.customer_score(session, run_id, 2)


async def test_old_runs_are_forgotten_with_their_scores(store: Store) -> None:
    runs = [await save(store) for _ in range(3)]
    async with store.write() as session:
        await scores.forget_runs(session, keep=2)
        left = await session.scalars(select(CustomerScore.run_id).distinct())
        assert sorted(left) == runs[1:]
