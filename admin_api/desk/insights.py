"""How the service did, what customers think, and who they are."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Literal

import orjson
from aiohttp import web
from pydantic import BaseModel

from admin_api.contract import Context
from admin_api.desk.forms import filled, see
from admin_api.desk.pages import page
from admin_api.desk.through import through
from admin_api.handlers import reports, scores
from admin_api.schemas.reports import AspectReport, ReportQuery, SatisfactionQuery
from admin_api.schemas.scores import RunBody
from crm_store import scores as kept_scores

SPANS = (7, 30, 90, 365)


class SpanQuery(BaseModel):
    """How many days back."""

    days: Literal["7", "30", "90", "365"] = "30"


async def show(context: Context, query: SpanQuery) -> web.Response:
    """The figures of the last days, and the newest segments."""
    days = int(query.days)
    start = context.now - timedelta(days=days)
    asked = filled(ReportQuery, {"start": start.isoformat(), "end": context.now.isoformat()})
    told = (await through(reports.summary, context, asked)).body
    period = "day" if days <= 7 else "week" if days <= 90 else "month"
    wanted = filled(SatisfactionQuery, {**asked.model_dump(mode="json"), "period": period})
    content = (await through(reports.satisfaction, context, wanted)).body
    async with context.read() as session:
        run = await kept_scores.latest_run(session)
    segments = segments_of(run.segments if run else None)
    return page(
        context,
        "insights.html",
        told=told,
        days=days,
        spans=SPANS,
        content=content,
        plotted_aspects=sorted({row.aspect for row in told.ratings_by_day}),
        series=orjson.dumps(plotted(told.ratings_by_day)).decode(),
        run=run,
        scores_at=context.services.rules.scores_at,
        segments=segments,
        bars=orjson.dumps(shares_of(segments)).decode(),
    )


async def score(context: Context) -> web.Response:
    """Score and segment all customers as of now."""
    await through(scores.run, context, RunBody())
    return see("/insights?done=scored")


def plotted(rows: Sequence[AspectReport]) -> dict[str, Any]:
    """For the plot: days, and for each aspect a value (or null) a day."""
    days = sorted({row.day for row in rows})
    aspects = sorted({row.aspect for row in rows})
    known = {(row.aspect, row.day): round(row.mean, 1) for row in rows}
    return {
        "days": days,
        "series": [{"name": name, "values": [known.get((name, day)) for day in days]} for name in aspects],
    }


def segments_of(segments: Sequence[Any] | None) -> list[dict[str, Any]]:
    """The segments of a run, each with its share of all members."""
    total = sum(segment["size"] for segment in segments or ())
    return [{**segment, "share": segment["size"] / total} for segment in segments or () if total]


def shares_of(segments: Sequence[dict[str, Any]]) -> list[list[float]]:
    """For the plot, in per cent by segment: its share of the customers, and of what all have bought where known."""
    customers = [round(100 * segment["share"], 1) for segment in segments]
    bought = [segment["size"] * (segment["centroid"].get("amount") or 0.0) for segment in segments]
    total = sum(bought)
    return [customers, [round(100 * each / total, 1) for each in bought]] if total > 0 else [customers]
