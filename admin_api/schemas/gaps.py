"""Questions nobody could answer, one by one and grouped."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from admin_api.paging import PageQuery
from admin_api.schemas.articles import Language
from admin_api.schemas.base import Asked, RowId, Shown, Written

GapIds = Annotated[list[RowId], Field(min_length=1, max_length=500)]


class GapQuery(PageQuery):
    """Which unanswered questions."""

    state: str | None = Field(
        "open", max_length=16, description="open, closed, or answered by an article since"
    )
    language: Language | None = None


class GapChange(Written):
    """What became of it."""

    state: Literal["open", "closed"]


class GapShown(Shown):
    """A question the bot could not answer, or whose answer did not help."""

    id: int
    conversation_id: int
    message_id: int | None
    question: str
    language: str
    reason: str
    candidates: list[dict[str, Any]]
    state: str
    """open; closed by somebody; or answered by what was published since, until it does no more."""
    answered_by: str | None
    """Key of that article; of an open one, which somebody said does not answer it."""
    created_at: datetime


class GroupsQuery(Asked):
    """Which unanswered questions are grouped."""

    language: Language | None = None


class OfferedShown(Shown):
    """An article that was offered or given for some of the questions, and did not do."""

    article_id: int | None
    """Null when the article is gone."""
    article_key: str
    question: str
    times: int


class GroupedGap(Shown):
    """One question of a group."""

    id: int
    question: str
    conversation_id: int
    created_at: datetime


class GapGroupShown(Shown):
    """Questions that ask the same: an article somebody could write, or phrasings one lacks."""

    question: str
    """The most typical of them."""
    language: str
    gaps: list[GroupedGap]
    customers: int
    handed_off: int
    """In how many of their conversations a person was needed afterwards."""
    waited_s: float
    """For a person, all of them together, in seconds."""
    mean_score: float | None
    """Of the ratings their conversations got, 0-100."""
    offered: list[OfferedShown]


class GapGroupsShown(Shown):
    """The groups, the largest first."""

    items: list[GapGroupShown]
    grouped: int
    """How many open questions were looked at: the newest, 2,000 a language at most."""


class CloseGapsBody(Written):
    """Which ones are settled."""

    gap_ids: GapIds
    article_id: RowId | None = Field(
        None, description="The article that answers them: who wished to hear is told"
    )


class ClosedShown(Shown):
    """How many of them were still open."""

    closed: int


class TeachBody(Written):
    """These questions are what this article answers."""

    gap_ids: GapIds
    article_id: RowId
