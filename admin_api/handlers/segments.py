"""Segments: customers alike, named after what sets them apart."""

from pydantic import BaseModel, Field

from admin_api.contract import Context, Reply
from admin_api.handlers.scores import kept_run
from admin_api.paging import Page, PageQuery, last_id, paged
from admin_api.problems import ApiError
from admin_api.schemas.scores import MemberShown, RunQuery, RunShown, SegmentShown, SegmentsShown
from crm_store import scores


class SegmentPath(BaseModel):
    """A segment by its name."""

    name: str = Field(min_length=1, max_length=64)


class MembersQuery(PageQuery, RunQuery):
    """Which part of a segment's members."""


async def listing(context: Context, query: RunQuery) -> Reply[SegmentsShown]:
    """The segments with their sizes and centroids."""
    async with context.read() as session:
        run = await kept_run(session, query.as_of)
    found = [SegmentShown.model_validate(each) for each in run.segments or []]
    return Reply(
        SegmentsShown(
            run=RunShown.model_validate(run),
            k=run.context.get("k"),
            silhouette=run.context.get("silhouette"),
            segments=found,
        )
    )


async def members(context: Context, path: SegmentPath, query: MembersQuery) -> Reply[Page[MemberShown]]:
    """The customers of one segment."""
    after = last_id(context, query) or 0
    async with context.read() as session:
        run = await kept_run(session, query.as_of)
        names = [each["name"] for each in run.segments or []]
        if path.name not in names:
            raise ApiError(404, f"there is no segment of that name; there are: {', '.join(names)}")
        rows = await scores.customer_scores(
            session, run.id, after_customer_id=after, limit=query.limit + 1, segment=path.name
        )
    return paged(
        context,
        query,
        rows,
        lambda row: MemberShown(customer_id=row.customer_id),
        lambda row: [row.customer_id],
    )
