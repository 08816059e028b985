"""Conversations, what is said in them, and the queue."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from admin_api.paging import PageQuery
from admin_api.schemas.base import Asked, RowId, Shown, Written
from admin_api.schemas.finding import MAX_ASKED, Sought
from crm_store.conversations import MAX_TEXT
from crm_store.filters import Filters
from crm_store.lifecycle import Status

Blanks = list[Annotated[str, Field(min_length=1, max_length=64)]]
BLANKS = (
    """What prepared words left open, as a suggestion tells it: refused as long as it stands in the text"""
)
MOST_BLANKS = 20
Text = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]


class ConversationQuery(PageQuery, Sought):
    """Which conversations."""

    q: str | None = Field(None, min_length=1, max_length=MAX_ASKED, description="Words in its messages")
    customer_id: RowId | None = None

    def filters(self) -> Filters:
        """All that is asked."""
        return Filters(**self.model_dump(exclude_none=True, exclude={"limit", "cursor"}))


class TextBody(Written):
    """Words."""

    text: Text


def blanks_in(lines: str) -> Blanks:
    """Those of a form, one a line."""
    signs = (line.strip()[:64] for line in lines.splitlines())
    return [sign for sign in signs if sign][:MOST_BLANKS]


class TransferBody(Written):
    """To a person or into the queue of a team, and what they should know."""

    agent_id: RowId | None = None
    team: str | None = Field(None, min_length=1, max_length=64)
    note: Text | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.agent_id is None) is (self.team is None):
            raise ValueError("name either agent_id or team")
        return self


class TakeOverBody(Written):
    """From whom it is taken: who holds it by now may be somebody else."""

    from_agent_id: RowId


class ReasonShown(Shown):
    """Something that speaks for a waiting conversation."""

    reason: str = Field(
        description="waiting, overdue or target (of a first reply), overdue_next or target_next (of a next one), "
        "priority, mood, repeat or value; skill (it waits for who has it) or skill_open (whoever is free may take it)"
    )
    points: int = Field(description="The minutes of waiting it counts as much as")
    value: float | None = Field(None, description="The figure behind it, such as the step of priority")
    about: str | None = Field(None, description="The skill that is needed")


class QueueQuery(Asked):
    """How much of the queue."""

    limit: int = Field(200, ge=1, le=1000)


class ConversationShown(Shown):
    """One matter of one customer."""

    id: int
    customer_id: int
    identity_id: int
    channel: str
    status: Status
    agent_id: int | None
    team: str | None
    priority: int
    language: str
    handoff_reason: str | None
    queued_at: datetime | None
    ranked_at: datetime | None = Field(description="The queue's order; the earliest is next")
    why_next: list[ReasonShown] = Field(
        description="What speaks for it in the queue, its wait first; empty while it is not queued"
    )
    meant_for_id: int | None = Field(
        description="The agent it was handed on to while they were not online: it waits in the queue, for them first"
    )
    meant_until: datetime | None = Field(
        description="Until then it waits for them alone, then for whoever is free"
    )
    skill: str | None = Field(description="A skill that is needed, by the rules of the setting needed_skills")
    skill_until: datetime | None = Field(
        description="Until then it waits for who has the skill, then for whoever is free"
    )
    skill_why: str | None = Field(description="The condition of the rule that applies")
    taken_at: datetime | None
    first_reply_at: datetime | None
    snoozed_until: datetime | None
    resolved_at: datetime | None
    resolved_by: str | None
    tags: list[Any]
    attributes: dict[str, Any]
    created_at: datetime
    last_message_at: datetime


class MessageShown(Shown):
    """What was said, by whom, and whether it arrived."""

    id: int
    conversation_id: int
    author: str
    agent_id: int | None
    is_note: bool
    kind: str
    text: str
    intent: dict[str, Any] | None
    attachment: dict[str, Any] | None
    article_key: str | None
    confidence: float | None
    decision: str | None
    reply_to_id: int | None = Field(description="The message it answers; of a button, the one it stood below")
    created_at: datetime
    edited_at: datetime | None
    deleted_at: datetime | None
    delivery: str | None
    sent_at: datetime | None
    error: str | None


class ConversationWithMessages(ConversationShown):
    """A conversation with its last messages, oldest first."""

    messages: list[MessageShown]


class QueueEntryShown(Shown):
    """Who waits, at which place, and why there."""

    position: int = Field(description="In the whole queue, from 1")
    told_position: int = Field(
        description="What the customer is told: among those whom an agent who would serve them could take, from 1"
    )
    expected_wait_seconds: float | None = Field(
        description="What the customer is told to expect, of time in which people are there; null while unknown"
    )
    points: float
    why_next: list[ReasonShown]
    conversation: ConversationShown


class QueueShown(Shown):
    """The queue, next first."""

    length: int = Field(description="Of the whole queue, however many are listed")
    expected_wait_seconds: float | None = Field(
        description="What somebody who came now would be told to expect (where that depends on who comes, the longest "
        "of it), as the waits of the last seven days were for each place; null while unknown"
    )
    items: list[QueueEntryShown]


class OverdueShown(Shown):
    """A promise that is broken and still owed."""

    conversation_id: int
    kind: str = Field(description="first, next or resolution")
    started_at: datetime
    target_s: int
    breached_at: datetime
    overdue_s: int = Field(
        description="Seconds by the promise's own clock, which stands still outside working hours"
    )


class OverdueList(Shown):
    """What is overdue now, the longest first."""

    items: list[OverdueShown]


class TakenShown(Shown):
    """What was taken; null when nothing waits that the agent can take."""

    conversation: ConversationShown | None
