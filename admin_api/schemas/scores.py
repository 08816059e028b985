"""Scores and segments."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from admin_api.paging import PageQuery
from admin_api.schemas.base import Asked, Moment, Shown, Written
from admin_api.scoring.preview import MOST_ROWS
from admin_api.scoring.segments import DEFAULT_K, MOST_SEGMENTS

K = Annotated[int, Field(ge=1, le=MOST_SEGMENTS)] | Literal["auto"]


class PreviewBody(Written):
    """Values to compute a score from, by the same code that scores customers."""

    score: Literal["satisfaction", "loyalty", "value", "spend", "segments"]
    rows: list[list[float | None]] = Field(max_length=MOST_ROWS, description="One list of numbers a customer")
    weights: list[float] | None = Field(None, max_length=100, description="Of satisfaction: one per aspect")
    scale: str = Field("0-100", max_length=16, description="Of satisfaction: 0-100, or stars (1-5)")
    k: K | None = Field(None, description="Of segments: how many, or auto")


class PreviewShown(Shown):
    """raw and index per row, overall, and by score: parts, rank, labels, names, sizes, centroids, silhouette."""

    model_config = ConfigDict(extra="allow")

    score: str
    version: str


class RunBody(Written):
    """What to compute."""

    as_of: Moment | None = Field(None, description="The moment to look from; now, if not given")
    window_days: int = Field(365, ge=1, le=36_500, description="How far back it counts")
    k: K = Field(DEFAULT_K, description="How many segments, or auto")


class RunQuery(Asked):
    """Which computation; the newest, if nothing is said."""

    as_of: Moment | None = None


class ScoresQuery(PageQuery, RunQuery):
    """Whose scores of which computation."""

    segment: str | None = Field(None, max_length=64)


class RunShown(Shown):
    """One computation over all customers."""

    id: int
    as_of: datetime
    window_days: int
    computed_at: datetime
    versions: dict[str, Any]
    context: dict[str, Any]


class ScoresShown(Shown):
    """All scores of one customer, raw and index."""

    customer_id: int
    segment: str | None
    scores: dict[str, Any]


class PartShown(Shown):
    """One input, and by how many points of the index it lies above or below the middle customer."""

    name: str
    value: float | None
    moved: float


class WhyShown(Shown):
    """A score with its reasons, the strongest first."""

    score: str
    raw: float | None
    index: float | None
    as_of: datetime
    window_days: int
    version: str
    formula: str
    parts: list[PartShown]
    flags: list[str]


class ExplainedShown(Shown):
    """A customer's scores with why."""

    customer_id: int
    segment: str | None
    scores: list[WhyShown]


class SegmentShown(Shown):
    """Customers alike."""

    name: str
    size: int
    centroid: dict[str, Any] | list[Any]


class SegmentsShown(Shown):
    """The segments of one computation."""

    run: RunShown
    k: int | None
    silhouette: float | None
    segments: list[SegmentShown]


class MemberShown(Shown):
    """A customer in a segment."""

    customer_id: int
