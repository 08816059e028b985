"""Replays of the queue under two policies."""

from datetime import datetime

from pydantic import Field

from admin_api.schemas.base import Shown, Written
from admin_api.schemas.reports import ReportQuery

POLICY_HOW = (
    "standard, first_come, or factors such as 'priority 2, mood 0' (0-10, of what each counts as delivered)"
)


class NewPolicy(Written):
    """How the queue is to be ordered."""

    policy: str = Field(min_length=1, max_length=200, description=POLICY_HOW)


class PolicyShown(Shown):
    """How the queue is ordered."""

    policy: str = Field(description="As it is written")
    factors: dict[str, float] = Field(description="Of every reason")
    changed_by: str | None = Field(description="Null while the queue is as delivered")
    changed_at: datetime | None
    previous: str | None = Field(description="The policy before it, for putting it back")


class ReplayQuery(ReportQuery):
    """From when until when, and which two policies."""

    policy: str = Field(
        "first_come",
        max_length=200,
        description=f"{POLICY_HOW}; or present, the one in force",
    )
    against: str = Field("present", max_length=200, description="What it is compared with")


class FiguresShown(Shown):
    """How those who waited fared; seconds, null where nobody was taken or nothing promised."""

    waited: int
    taken: int
    median: float | None = Field(description="Of those taken")
    p90: float | None
    longest: float | None = Field(description="Of all, taken or not")
    promised: int = Field(description="Those with a target for the first reply")
    kept_share: float | None = Field(description="Of the promised: taken within the target")


class ReplayGroup(Shown):
    """Those for whom one thing speaks; mean waits in seconds."""

    reason: str = Field(description="none: nothing but their wait")
    waited: int
    before: float
    after: float


class ReplayChange(Shown):
    """Somebody who would have been taken at another time; seconds of waiting."""

    conversation_id: int
    reasons: list[str]
    before: float
    after: float


class ReplayReport(Shown):
    """The hand-overs of a span as they were, under `against` and under `policy`."""

    against: str
    policy: str
    stored: FiguresShown
    before: FiguresShown
    after: FiguresShown
    groups: list[ReplayGroup]
    changed: int
    changes: list[ReplayChange] = Field(description="The 50 that change most")
