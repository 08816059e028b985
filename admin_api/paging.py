"""Lists in pages: what a query may ask, and a page with the address of the next one."""

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from admin_api.contract import Context, Reply
from admin_api.cursors import Position

M = TypeVar("M", bound=BaseModel)
R = TypeVar("R")
MAX_LIMIT = 100


class PageQuery(BaseModel):
    """Which part of a list."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(50, ge=1, le=MAX_LIMIT, description="How many at most")
    cursor: str | None = Field(
        None, max_length=1024, description="Where to go on: from `next` of the page before"
    )


class Page(BaseModel, Generic[M]):
    """Part of a list."""

    items: list[M]
    next: str | None = Field(description="The address of the next page; null on the last one")

    @classmethod
    def model_parametrized_name(cls, params: tuple[type[BaseModel], ...]) -> str:
        """CustomerPage, for the OpenAPI document."""
        return f"{params[0].__name__}Page"


def position(context: Context, query: PageQuery) -> Position | None:
    """Where the page before ended; None for the first page. ApiError 422 for a cursor that is not ours."""
    return context.cursors.read(context.action, query.cursor) if query.cursor is not None else None


def last_id(context: Context, query: PageQuery) -> int | None:
    """The id at which the page before ended, for lists in the order of ids."""
    found = position(context, query)
    return int(found[0]) if found else None


def paged(
    context: Context,
    query: PageQuery,
    rows: Sequence[R],
    show: Callable[[R], M],
    place: Callable[[R], Position],
) -> Reply[Page[M]]:
    """A page of `rows`, which were asked for with one more than `query.limit` to see whether a next page exists."""
    shown = rows[: query.limit]
    following: str | None = None
    headers: dict[str, str] = {}
    if len(rows) > query.limit:
        cursor = context.cursors.sign(context.action, place(shown[-1]))
        following = str(context.request.rel_url.update_query(cursor=cursor))
        headers["Link"] = f'<{following}>; rel="next"'
    # Not validated again: `show` gives models already.
    page: Page[M] = Page.model_construct(items=[show(row) for row in shown], next=following)
    return Reply(page, headers)
