"""Finding conversations and messages, and acting on many."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from admin_api.paging import PageQuery
from admin_api.schemas.base import Moment, RowId, Shown, Written
from crm_store.bulk import MOST
from crm_store.filters import Filters
from crm_store.lifecycle import Status
from crm_store.queueing import PRIORITIES

MAX_ASKED = 200
Name = Annotated[str, Field(max_length=64)]
Step = Annotated[int, Field(ge=min(PRIORITIES), le=max(PRIORITIES))]


ATTRIBUTE_HOW = "name: value, or the name alone for any; the conversation's own or its customer's"
SINCE_HOW = "Something was said from then on; with words, the message that holds them was"


class Sought(BaseModel):
    """What conversations must be; what is left out asks nothing."""

    status: Status | None = Field(None, strict=False)
    agent_id: int | None = Field(None, ge=0, le=2**63 - 1, description="0: held by nobody")
    team: Name | None = None
    tag: Name | None = None
    channel: Name | None = None
    priority: Step | None = Field(None, description="At least this")
    attribute: str | None = Field(None, min_length=1, max_length=MAX_ASKED, description=ATTRIBUTE_HOW)
    segment: Name | None = Field(None, description="The customer's, by the newest scores")
    since: Moment | None = Field(None, description=SINCE_HOW)
    until: Moment | None = Field(None, description="The same, before then")


class SearchQuery(PageQuery, Sought):
    """Words, beginnings of words, or Chinese; and what the conversations they stand in must be.

    Four digits or more are found inside a longer number, too, fewer at its beginning. Codes with signs in them, such as
    SKU-12/3 or C++, are found as they are written, with other signs or none ("SKU12.3"), but not with spaces.
    """

    q: str = Field("", max_length=MAX_ASKED)

    def filters(self) -> Filters:
        """All that is asked."""
        return Filters(**self.model_dump(exclude_none=True, exclude={"limit", "cursor"}))


class FilterFields(Sought, Written):
    """A filter over conversations."""

    q: str | None = Field(None, min_length=1, max_length=MAX_ASKED, description="Words in its messages")

    def filters(self) -> Filters:
        """All that is asked."""
        return Filters(**self.model_dump(exclude_none=True))


class NewView(Written):
    """A filter to save."""

    name: str = Field(min_length=1, max_length=64)
    filters: FilterFields
    personal: bool = Field(True, description="Only for oneself; shared ones are saved by supervisors")


VALUE_HOW = (
    "agent:NUMBER or team:NAME to assign, a time with its zone to snooze, the tag, the step of priority"
)


class BulkBody(Written):
    """One act on many conversations. Who waits is told of what becomes of their wait."""

    conversation_ids: list[RowId] = Field(min_length=1, max_length=MOST)
    action: Literal["resolve", "assign", "snooze", "tag", "priority"]
    value: str = Field("", max_length=80, description=VALUE_HOW)


class PartShown(Shown):
    """A piece of a text."""

    text: str
    is_hit: bool


class HitShown(Shown):
    """A message that holds what was asked for."""

    message_id: int
    conversation_id: int
    customer_id: int
    customer_name: str | None
    status: str
    author: str
    is_note: bool
    created_at: datetime
    parts: list[PartShown]


class ViewShown(Shown):
    """A saved filter."""

    id: int
    name: str
    personal: bool
    filters: dict[str, Any]


class ViewList(Shown):
    """Saved filters, by name."""

    items: list[ViewShown]


class RefusedShown(Shown):
    """Who was left out, and why."""

    conversation_id: int
    why: str = Field(description="gone, held, state, went_on or other")
    reason: str


class BulkShown(Shown):
    """What became of it; `id` is for undoing, within ten minutes."""

    id: int
    changed: list[int]
    refused: list[RefusedShown]
    waiting: list[int] = Field(
        description="Of those changed, the ones handed on to somebody not online: they wait in the queue for them first"
    )
