"""What agents do with a conversation besides talking in it."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from admin_api.schemas.base import Moment, RowId, Shown, Written
from crm_store.labels import MAX_ATTRIBUTES, MAX_TAGS, MAX_TEAM
from crm_store.queueing import PRIORITIES

Tag = Annotated[str, Field(min_length=1, max_length=64)]
Value = str | int | float | bool | None


class SnoozeBody(Written):
    """Until when."""

    until: Moment


class LabelsBody(Written):
    """What is to be set; a list replaces what was there, of the attributes those named are set."""

    priority: int | None = Field(
        None, ge=min(PRIORITIES), le=max(PRIORITIES), description="-2 (low) to 3 (urgent)"
    )
    team: str | None = Field(None, max_length=MAX_TEAM, description="Whose it is; empty: anybody's")
    tags: list[Tag] | None = Field(None, max_length=MAX_TAGS)
    attributes: dict[str, Value] | None = Field(
        None,
        max_length=2 * MAX_ATTRIBUTES,
        description="Names of your own; null or an empty value removes one, the others stay",
    )


class MergeConversationBody(Written):
    """Which conversation of the same customer becomes part of this one."""

    conversation_id: RowId


class ConversationMergeShown(Shown):
    """A conversation that became part of another."""

    id: int
    kept_id: int
    merged_id: int
    merged_at: datetime
    undone_at: datetime | None


class ConversationMerges(Shown):
    """Merges that stand, the newest first."""

    items: list[ConversationMergeShown]


class TakenFile(Shown):
    """A file of a reply that was taken back."""

    file: str = Field(description="Its key, for POST /conversations/{id}/attachments/again")
    name: str
    size: int = Field(description="In bytes")


class TakenBackShown(Shown):
    """What was not sent."""

    conversation_id: int
    text: str
    reply_to_id: int | None = Field(description="The message it would have answered")
    files: list[TakenFile] = Field(description="They wait for a day to be sent again")
