"""Scores of everybody, end to end: the store's facts, scored and grouped, kept as a run.

The arithmetic is `admin_api.scoring`'s and knows no store; the SQL is the store's and knows no score. Here the one's
rows become the other's frames, and its results rows again.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pandas as pd

from admin_api.scoring.customer_segments import CustomerSegments, segment_customers
from admin_api.scoring.customers import Scores, ScoringContext, ScoringRules, score_customers
from admin_api.scoring.explanations import Explanation, explain_row
from admin_api.scoring.facts import ASPECT_PREFIX, HISTORY_COLUMNS, facts_frame
from admin_api.scoring.formulas import SCORES, VERSIONS
from admin_api.scoring.satisfaction import ASPECTS
from admin_api.scoring.segments import DEFAULT_K
from crm_store import facts, promises, ranking, rescoring, scores
from crm_store.engine import Store
from crm_store.facts import AspectRating, CustomerFacts
from crm_store.models.scores import ScoreRun
from crm_store.scores import RunDraft, ScoreRow
from crm_store.session import Session
from crm_store.settings import StoreSettings

KEPT_RUNS: Final = 30
_INPUTS: Final = "inputs"
_EVER: Final = ("purchases_ever", "returns_ever")
"""Kept beside the inputs: who has only returned in the window may have bought before it."""


def rules_of(settings: StoreSettings, window: timedelta | None = None) -> ScoringRules:
    """The rules as the owner set them: which aspects count how much."""
    weights = {aspect: settings.weights.get(aspect, 1.0) for aspect in settings.aspects or ASPECTS}
    return ScoringRules(window or ScoringRules().window, weights)


async def run_scores(
    store: Store,
    *,
    as_of: datetime,
    now: datetime,
    rules: ScoringRules | None = None,
    k: object = DEFAULT_K,
) -> ScoreRun:
    """The kept run of everybody's scores and segments as of that moment; raises ScoringError for unusable rules.

    Facts are read from one state of the store; they are scored beside the event loop; only the writing holds the
    store's lock.
    """
    rules = rules or ScoringRules()
    async with store.read() as session:
        frame = await read_facts(session, as_of, rules)
        newest = await rescoring.newest_order(session)
    scored, grouped = await asyncio.to_thread(_score, frame, as_of, rules, k)
    ever = {name: frame[name] for name in _EVER}
    draft = RunDraft(
        as_of=as_of,
        window=rules.window,
        versions=VERSIONS,
        context=_told(scored, grouped) | {rescoring.ORDERS_SEEN: newest},
        segments=[
            {"name": each.name, "size": each.size, "centroid": each.centroid} for each in grouped.segments
        ],
    )
    async with store.write() as session:
        run = await scores.save_run(session, draft, _rows(scored.frame.assign(**ever), grouped), now=now)
        await scores.forget_runs(session, KEPT_RUNS)
        await ranking.rank_all(session)  # what a customer is worth moves them in the queue
        await promises.look_at_regrouped(session, now=now)
    return run


def _score(
    frame: pd.DataFrame, as_of: datetime, rules: ScoringRules, k: object
) -> tuple[Scores, CustomerSegments]:
    scored = score_customers(frame, as_of, rules)
    return scored, segment_customers(scored, k)


async def read_facts(session: Session, as_of: datetime, rules: ScoringRules) -> pd.DataFrame:
    """The frame `score_customers` takes: everybody's facts in the window before `as_of`."""
    rows = await facts.facts(session, as_of, rules.window)
    ratings = await facts.aspect_ratings(session, as_of, rules.window)
    frame = facts_frame(rows, CustomerFacts._fields)
    frame["survey_count"] = 0.0  # the store keeps no surveys yet
    return frame.assign(**_aspect_columns(frame["customer_id"], ratings, rules.aspects))


def _aspect_columns(
    customer_ids: "pd.Series[int]", ratings: Sequence[AspectRating], aspects: Sequence[str]
) -> dict[str, "pd.Series[float]"]:
    """One column an aspect, NaN where the customer did not rate it."""
    found: dict[str, dict[int, float]] = {aspect: {} for aspect in aspects}
    for rating in ratings:
        if rating.aspect in found:
            found[rating.aspect][rating.customer_id] = rating.score
    return {
        ASPECT_PREFIX + aspect: customer_ids.map(means).astype("float64") for aspect, means in found.items()
    }


async def read_history(session: Session, as_of: datetime) -> pd.DataFrame:
    """The frame lifetime value takes: everybody's orders from the first on."""
    frame = facts_frame(await facts.facts(session, as_of, None), CustomerFacts._fields)
    return frame[list(HISTORY_COLUMNS)]


def _rows(frame: pd.DataFrame, grouped: CustomerSegments) -> Iterator[ScoreRow]:
    """Everybody's scores by name of the score, what is no score's own under 'inputs'; unknown figures are None."""
    names = {name: _place(str(name)) for name in frame.columns if name != "customer_id"}
    columns = [_plain(frame[name]) for name in names]
    segments = grouped.members["segment"].tolist()
    customer_ids = frame["customer_id"].tolist()
    for customer_id, segment, *cells in zip(customer_ids, segments, *columns, strict=True):
        values: dict[str, Any] = {place: {} for place in (*SCORES, _INPUTS)}
        for (place, part), cell in zip(names.values(), cells, strict=True):
            values[place][part] = cell
        yield ScoreRow(customer_id, values, segment)


def _place(column: str) -> tuple[str, str]:
    score, _, part = column.partition("_")
    return (score, part) if score in SCORES else (_INPUTS, column)


def _plain(column: "pd.Series[Any]") -> list[Any]:
    return column.astype(object).where(column.notna(), None).tolist()


def _told(scored: Scores, grouped: CustomerSegments) -> dict[str, Any]:
    rules = scored.context.rules
    return {
        "weights": dict(rules.weights),
        "worth": dict(rules.worth),
        "aspect_means": dict(scored.context.aspect_means),
        "overall_satisfaction": scored.overall_satisfaction,
        "k": grouped.k,
        "silhouette": grouped.silhouette,
    }


def explain_stored(run: ScoreRun, row: ScoreRow, score: str) -> Explanation:
    """Why a customer has this score in a kept run; raises ScoringError for an unknown score."""
    cells: dict[str, object] = {"customer_id": row.customer_id, **row.values[_INPUTS]}
    for name in SCORES:
        cells |= {f"{name}_{part}": cell for part, cell in row.values[name].items()}
    return explain_row(cells, score, _context(run))


def _context(run: ScoreRun) -> ScoringContext:
    told: Mapping[str, Any] = run.context
    rules = ScoringRules(timedelta(days=run.window_days), told["weights"], told["worth"])
    return ScoringContext(run.as_of.astimezone(UTC), rules, told["aspect_means"])
