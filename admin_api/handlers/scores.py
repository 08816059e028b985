"""Scores: previews from values in the body, everybody's scores, and why each is what it is."""

import asyncio
from datetime import datetime, timedelta

from admin_api.contract import Context, Reply
from admin_api.paging import Page, last_id, paged
from admin_api.problems import ApiError
from admin_api.schemas.base import IdPath
from admin_api.schemas.scores import (
    ExplainedShown,
    PreviewBody,
    PreviewShown,
    RunBody,
    RunQuery,
    RunShown,
    ScoresQuery,
    ScoresShown,
    WhyShown,
)
from admin_api.score_runs import explain_stored, rules_of, run_scores
from admin_api.scoring.formulas import SCORES
from admin_api.scoring.preview import preview as preview_score
from crm_store import scores
from crm_store.models.scores import ScoreRun
from crm_store.scores import ScoreRow
from crm_store.session import Session


async def preview(context: Context, body: PreviewBody) -> Reply[PreviewShown]:
    """Compute one score from values in the body. Nothing is stored."""
    found = await asyncio.to_thread(preview_score, **body.model_dump())
    return Reply(PreviewShown.model_validate(found))


async def run(context: Context, body: RunBody) -> Reply[RunShown]:
    """Score and segment all customers as of a moment, and keep the result."""
    as_of = body.as_of or context.now
    settings = context.services.rules
    rules = rules_of(settings, timedelta(days=body.window_days))
    await context.take_name()
    found = await run_scores(context.services.store, as_of=as_of, now=context.now, rules=rules, k=body.k)
    async with context.write() as session:
        await context.audit(session, f"score_run:{found.id}", as_of=as_of.isoformat())
    return Reply(RunShown.model_validate(found))


async def kept_run(session: Session, as_of: datetime | None) -> ScoreRun:
    """The newest run, of that moment if one is named; ApiError 404 says how to get one."""
    found = await scores.latest_run(session, as_of=as_of)
    if found is None:
        what = f"nobody computed scores as of {as_of.isoformat()}" if as_of else "nobody computed scores yet"
        raise ApiError(404, f"{what}; do it by POST /api/v1/scores/run")
    return found


async def read_run(context: Context, query: RunQuery) -> Reply[RunShown]:
    """When and how the scores were computed."""
    async with context.read() as session:
        return Reply(RunShown.model_validate(await kept_run(session, query.as_of)))


def shown(row: ScoreRow) -> ScoresShown:
    """A customer's scores as they were kept."""
    return ScoresShown(customer_id=row.customer_id, segment=row.segment, scores=row.values)


async def listing(context: Context, query: ScoresQuery) -> Reply[Page[ScoresShown]]:
    """Everybody's scores from the newest computation, or from that of a moment."""
    after = last_id(context, query) or 0
    async with context.read() as session:
        found = await kept_run(session, query.as_of)
        rows = await scores.customer_scores(
            session, found.id, after_customer_id=after, limit=query.limit + 1, segment=query.segment
        )
    return paged(context, query, rows, shown, lambda row: [row.customer_id])


async def explain(context: Context, path: IdPath, query: RunQuery) -> Reply[ExplainedShown]:
    """One customer's scores, each with its inputs, as-of time, version, and what moved it most."""
    async with context.read() as session:
        found = await kept_run(session, query.as_of)
        row = await scores.customer_score(session, found.id, path.id)
    told = [WhyShown.model_validate(explain_stored(found, row, name)) for name in SCORES]
    return Reply(ExplainedShown(customer_id=row.customer_id, segment=row.segment, scores=told))
