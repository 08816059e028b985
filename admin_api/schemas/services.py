"""The one endpoint for answering, recommending, queueing and scheduling (CRM.md row 11)."""

from typing import Annotated, Literal

from pydantic import Field, RootModel

from admin_api.schemas.articles import Language
from admin_api.schemas.base import RowId, Shown, Written
from admin_api.schemas.conversations import QueueShown, Text


class AutoReplyBody(Written):
    """A question to answer from the knowledge base."""

    type: Literal["auto_reply"]
    text: Text
    customer_id: RowId | None = None
    language: Language | None = None


class RecommendBody(Written):
    """For whom to recommend products, and how many."""

    type: Literal["recommend"]
    customer_id: RowId
    limit: int = Field(5, ge=1, le=50)


class QueueBody(Written):
    """The queue, please."""

    type: Literal["queue"]


class ScheduleBody(Written):
    """Which conversation somebody should take; the next one, if none is named."""

    type: Literal["schedule"]
    conversation_id: RowId | None = None


class ServiceBody(
    RootModel[
        Annotated[AutoReplyBody | RecommendBody | QueueBody | ScheduleBody, Field(discriminator="type")]
    ]
):
    """One of the four services."""


class MatchedArticle(Shown):
    """An article that may answer, with its confidence and the phrasing that came nearest."""

    key: str
    language: str
    question: str
    answer: str
    attachments: list[str] = Field(description="Ids of the files that go along with the answer")
    confidence: float
    phrasing: str


class AutoReplyShown(Shown):
    """What the bot would do: answer, offer a list, or hand over to a person."""

    type: Literal["auto_reply"] = "auto_reply"
    decision: Literal["answer", "list", "handoff"]
    confidence: float
    answer: str | None
    language: str
    articles: list[MatchedArticle]
    reason: str = Field(description="The rule that decided")


class RecommendationShown(Shown):
    """A product to recommend, and why."""

    sku: str
    description: str | None
    score: float
    source: Literal["similar_customers", "popular"]
    why: list[str]


class RecommendShown(Shown):
    """Products, best first."""

    type: Literal["recommend"] = "recommend"
    customer_id: int
    items: list[RecommendationShown]


class QueueServiceShown(QueueShown):
    """The queue with positions and reasons."""

    type: Literal["queue"] = "queue"


class ScheduledAgent(Shown):
    """The agent to take it."""

    id: int
    name: str


class ScheduleShown(Shown):
    """Which agent should take which conversation, and why; null when nobody can, or nobody waits."""

    type: Literal["schedule"] = "schedule"
    conversation_id: int | None
    agent: ScheduledAgent | None
    why: list[str]


class ServiceShown(
    RootModel[
        Annotated[
            AutoReplyShown | RecommendShown | QueueServiceShown | ScheduleShown, Field(discriminator="type")
        ]
    ]
):
    """The answer to one of the four services."""
