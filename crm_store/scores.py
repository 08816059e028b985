"""Scores as they were computed: a run over all customers, and what it found for each.

Who objected to profiling after a run, or works here since, is not shown in it any more.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Select, delete, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.colleagues import is_customer
from crm_store.errors import NotFound
from crm_store.models.base import table_of
from crm_store.models.customers import Customer
from crm_store.models.scores import CustomerScore, ScoreRun

MAX_PAGE = 200
_ROWS_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class RunDraft:
    """A computation over all customers, to be kept."""

    as_of: datetime
    window: timedelta
    versions: Mapping[str, str]
    """Formula name to its version."""
    context: Mapping[str, Any] = field(default_factory=dict)
    """What they were computed with, as JSON values."""
    segments: list[dict[str, Any]] | None = None
    """[{name, size, centroid}] when the run clustered."""


class ScoreRow(NamedTuple):
    """All scores of one customer in one run."""

    customer_id: int
    values: dict[str, Any]
    segment: str | None = None


VALUED = ("order_count", "return_count", "amount", "referral", "information")
"""The inputs that a customer's value is made of."""


def known_value(values: Mapping[str, Any]) -> float | None:
    """The value index, 0-100, among the scores of a customer; None for one of whom nothing went into it.

    As a percentile their index says where all of those stand together, near the middle, and nothing of them.
    """
    inputs = values.get("inputs")
    if inputs and not any(inputs.get(name) for name in VALUED):
        return None
    found: float | None = (values.get("value") or {}).get("index")
    return found


async def save_run(
    session: AsyncSession, draft: RunDraft, rows: Iterable[ScoreRow], *, now: datetime
) -> ScoreRun:
    """The kept run with the scores of all its customers."""
    run = ScoreRun(
        as_of=draft.as_of,
        window_days=draft.window.days,
        computed_at=now,
        versions=dict(draft.versions),
        context=dict(draft.context),
        segments=draft.segments,
    )
    session.add(run)
    await session.flush()
    for some in _parts(rows):
        await session.execute(
            insert(table_of(CustomerScore)),
            [
                {
                    "run_id": run.id,
                    "customer_id": row.customer_id,
                    "values": row.values,
                    "segment": row.segment,
                }
                for row in some
            ],
        )
    return run


def _parts(rows: Iterable[ScoreRow]) -> Iterator[list[ScoreRow]]:
    remaining = iter(rows)
    while some := list(islice(remaining, _ROWS_AT_ONCE)):
        yield some


async def latest_run(
    session: AsyncSession, *, as_of: datetime | None = None, window: timedelta | None = None
) -> ScoreRun | None:
    """The newest run; with `as_of` or `window`, the newest of exactly that moment or length."""
    wanted = select(ScoreRun).order_by(ScoreRun.id.desc()).limit(1)
    if as_of is not None:
        wanted = wanted.where(ScoreRun.as_of == as_of)
    if window is not None:
        wanted = wanted.where(ScoreRun.window_days == window.days)
    found: ScoreRun | None = await session.scalar(wanted)
    return found


async def customer_scores(
    session: AsyncSession,
    run_id: int,
    *,
    after_customer_id: int = 0,
    limit: int = 50,
    segment: str | None = None,
) -> list[ScoreRow]:
    """The next customers' scores of this run by customer id, of one segment only when one is named."""
    wanted = _shown(run_id).where(CustomerScore.customer_id > after_customer_id)
    if segment is not None:
        wanted = wanted.where(CustomerScore.segment == segment)
    rows = await session.execute(
        wanted.order_by(CustomerScore.customer_id).limit(max(1, min(limit, MAX_PAGE)))
    )
    return [ScoreRow._make(row) for row in rows]


async def customer_score(session: AsyncSession, run_id: int, customer_id: int) -> ScoreRow:
    """One customer's scores of this run; raises NotFound where the run has none."""
    row = (
        await session.execute(_shown(run_id).where(CustomerScore.customer_id == customer_id))
    ).one_or_none()
    if row is None:
        raise NotFound(f"customer {customer_id} has no scores in this run")
    return ScoreRow._make(row)


def _shown(run_id: int) -> Select[tuple[int, dict[str, Any], str | None]]:
    return (
        select(CustomerScore.customer_id, CustomerScore.values, CustomerScore.segment)
        .join(Customer, Customer.id == CustomerScore.customer_id)
        .where(CustomerScore.run_id == run_id, Customer.profiling_allowed, is_customer(Customer.id))
    )


async def forget_runs(session: AsyncSession, keep: int) -> None:
    """Delete all but the newest `keep` runs; any of them can be computed again."""
    kept = select(ScoreRun.id).order_by(ScoreRun.id.desc()).limit(keep)
    await session.execute(delete(ScoreRun).where(ScoreRun.id.not_in(kept)))
