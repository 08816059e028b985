"""Reports over a span of time."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from admin_api.schemas.base import Asked, Moment, Shown


class ReportQuery(Asked):
    """From when until (not including) when; the last 30 days, if nothing is said."""

    start: Moment | None = None
    end: Moment | None = None


class QuestionsReport(Shown):
    """What was asked of the bot, and what it made of it; shares are of 1 and null without questions."""

    asked: int
    answered: int
    suggested: int
    unknown: int
    answered_share: float | None


class ConversationsReport(Shown):
    """Conversations begun, and how many of those with a question needed a person."""

    begun: int
    with_question: int
    handed_off: int
    deflected: int
    handoff_share: float | None
    deflection_rate: float | None


class Times(Shown):
    """Seconds; null while nothing was measured."""

    measured: int
    median: float | None
    p90: float | None


class RatingsReport(Shown):
    """CSAT is the share of rated conversations whose mean is at least 4 stars."""

    asked: int
    rated: int
    response_rate: float | None
    csat: float | None
    satisfaction: float | None = Field(description="Mean of the rated conversations' weighted means, 0-100")


class FeedbackReport(Shown):
    """Answers to 'did this help?'."""

    helped: int
    not_helped: int
    helped_share: float | None


class ReasonReport(Shown):
    """How often conversations were handed over for one reason."""

    reason: str
    handoffs: int


class AgentReport(Shown):
    """What one agent did, and holds now."""

    agent_id: int
    name: str
    is_program: bool = Field(description="A key that acts by itself, not a person")
    taken: int
    replies: int
    resolved: int
    holding_now: int


class AspectReport(Shown):
    """One aspect's ratings of one day."""

    day: str
    aspect: str
    mean: float
    ratings: int


class PromiseReport(Shown):
    """What became of the replies and resolutions promised in the span."""

    kind: str = Field(description="first, next or resolution")
    made: int
    kept: int
    missed: int = Field(description="Too late, or overdue now")
    decided: int = Field(description="Kept or missed; the rest are open still, or ended unserved in time")
    share: float | None = Field(description="Kept of those that are decided")


class QueueReport(Shown):
    """The queue at this moment."""

    length: int
    oldest_queued_at: datetime | None
    longest_wait_seconds: float | None = Field(
        description="Of who has waited longest, in hours that somebody is there"
    )


class Summary(Shown):
    """How the service did."""

    start: datetime
    end: datetime
    questions: QuestionsReport
    conversations: ConversationsReport
    first_response: Times = Field(
        description="From queued to a person's first reply, in hours that somebody is there"
    )
    resolution: Times = Field(
        description="From the hand-over to resolved, of what a person served; the customer's own time does not count"
    )
    closed_unserved: int = Field(
        description="How often a person was needed and it ended before one had written: the customer went, or it was "
        "closed by hand. These count in no time and in no promise kept."
    )
    ratings: RatingsReport
    feedback: FeedbackReport
    handoff_reasons: list[ReasonReport]
    agents: list[AgentReport]
    ratings_by_day: list[AspectReport]
    promises: list[PromiseReport]
    queue: QueueReport


class SatisfactionQuery(ReportQuery):
    """From when until when, and how long the periods are that it is told by."""

    period: Literal["day", "week", "month"] = "week"


class EstimateShown(Shown):
    """How content customers are, 0-100; null where nobody rated."""

    asked: int
    rated: int
    response_rate: float | None = Field(description="Of those asked, how many answered")
    mean: float | None = Field(description="As it was given")
    satisfaction: float | None = Field(description="Drawn towards the team's mean")
    low: float | None
    high: float | None


class AgentSatisfaction(EstimateShown):
    """Of the customers one agent served; without agent and name those whose agent's record is gone."""

    agent_id: int | None
    name: str | None


class PeriodSatisfaction(EstimateShown):
    """Of those asked in one period, which begins on this day (UTC)."""

    begins_on: str


class AspectSatisfaction(EstimateShown):
    """Of one aspect alone; `satisfaction` is its mean."""

    aspect: str
    weight: float


class SatisfactionReport(Shown):
    """By agent, over time and by aspect; with what it is computed by."""

    version: str
    weights: dict[str, float] = Field(description="How much each aspect counts, over those answered")
    shrinkage: float = Field(description="As if so many ratings more had come in at the team's mean")
    confidence: float = Field(description="Of the interval from low to high")
    spread: float = Field(description="Standard deviation of all ratings of the span")
    team: EstimateShown
    agents: list[AgentSatisfaction]
    period: str
    periods: list[PeriodSatisfaction]
    aspects: list[AspectSatisfaction]
