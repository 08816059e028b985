"""What another order of the queue would have meant, as a page."""

from datetime import timedelta
from typing import Literal

from aiohttp import web
from pydantic import BaseModel, Field

from admin_api.contract import Context
from admin_api.desk.forms import filled
from admin_api.desk.insights import SPANS
from admin_api.desk.pages import page
from admin_api.desk.through import through
from admin_api.handlers import replays
from admin_api.schemas.replays import ReplayQuery
from crm_store.queue_replay import MOST_FACTOR, REASONS

SHOWN = 10


class PolicyQuery(BaseModel):
    """How many days back, and which two policies."""

    days: Literal["7", "30", "90", "365"] = "30"
    policy: str = Field("first_come", max_length=200)
    against: str = Field("present", max_length=200)


async def show(context: Context, query: PolicyQuery) -> web.Response:
    """The hand-overs of the last days under the two policies."""
    start = context.now - timedelta(days=int(query.days))
    asked = {"start": start.isoformat(), "policy": query.policy, "against": query.against}
    told = await through(replays.read, context, filled(ReplayQuery, asked))
    return page(
        context,
        "queue_replay.html",
        told=told.body,
        query=query,
        shown=SHOWN,
        spans=SPANS,
        reasons=REASONS,
        most=MOST_FACTOR,
    )
