"""Canned replies."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from admin_api.schemas.base import Asked, RowId, Shown, Written
from admin_api.schemas.conversations import BLANKS, MOST_BLANKS, Blanks, TextBody
from crm_store.conversations import MAX_TEXT

Shortcode = Annotated[str, Field(min_length=1, max_length=33, description="Letters, digits, - and _")]
Prepared = Annotated[
    str,
    Field(
        max_length=MAX_TEXT,
        description="With blanks such as {customer.first_name|there}; a name nobody knows is asked for",
    ),
]
Category = Annotated[str, Field(max_length=64)]
BlankValues = dict[
    Annotated[str, Field(min_length=1, max_length=40)], Annotated[str, Field(max_length=MAX_TEXT)]
]


class CannedQuery(Asked):
    """Which canned replies."""

    q: str = Field("", max_length=128, description="Part of a shortcode, a text or a category")


class NewCanned(Written):
    """A canned reply to make."""

    shortcode: Shortcode
    text: Prepared = ""
    category: Category = ""
    personal: bool = Field(False, description="Only for oneself; shared ones are written by supervisors")


class CannedChange(Written):
    """What is to change."""

    shortcode: Shortcode | None = None
    text: Prepared | None = None
    category: Category | None = None


class RenderBody(Written):
    """For which conversation, and what nobody else knows."""

    conversation_id: RowId
    values: BlankValues = Field(default_factory=dict, max_length=20)


class ReplyBody(TextBody):
    """Words to the customer."""

    canned_reply_ids: list[RowId] = Field(
        default_factory=list, max_length=10, description="Those used in it: counted, and their files sent too"
    )
    reply_to_id: RowId | None = Field(None, description="The message of the conversation that it answers")
    blanks: Blanks = Field(default_factory=list, max_length=MOST_BLANKS, description=BLANKS)


class CannedShown(Shown):
    """A canned reply."""

    id: int
    shortcode: str
    text: str
    category: str
    personal: bool
    file: str | None = Field(description="The name of the file that goes with it")
    uses: int
    last_used_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


class CannedList(Shown):
    """Canned replies, the most used first."""

    items: list[CannedShown]


class RenderedShown(Shown):
    """The words for this conversation; `missing` names blanks that still stand in them."""

    text: str
    missing: list[str]


class CannedForConversation(RenderedShown):
    """A canned reply as it would be said in a conversation."""

    id: int
    shortcode: str
    category: str
    file: str | None


class CannedChoices(Shown):
    """What can be said in a conversation, the most used first."""

    items: list[CannedForConversation]
