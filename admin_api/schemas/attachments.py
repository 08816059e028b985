"""Files in conversations."""

from pydantic import Field

from admin_api.schemas.base import Asked, RowId, Written
from admin_api.schemas.conversations import BLANKS, MOST_BLANKS, Blanks
from crm_store.conversations import MAX_TEXT
from crm_store.file_types import MAX_NAME

_ANSWERED = "The message of the conversation that it answers"


class AttachmentQuery(Asked):
    """What goes with a file that is sent as a raw body."""

    name: str | None = Field(
        None, max_length=MAX_NAME, description="The file's name, as the customer sees it"
    )
    text: str | None = Field(None, max_length=MAX_TEXT, description="Words to go with it")
    reply_to_id: RowId | None = Field(None, description=_ANSWERED)
    blanks: str = Field("", max_length=1000, description=f"{BLANKS}, one a line")


class AgainBody(Written):
    """A file that was taken back, and what goes with it now."""

    file: str = Field(pattern=r"^[0-9a-f]{32}$", description="Its key, as taking back told it")
    text: str = Field("", max_length=MAX_TEXT, description="Words to go with it")
    reply_to_id: RowId | None = Field(None, description=_ANSWERED)
    blanks: Blanks = Field(default_factory=list, max_length=MOST_BLANKS, description=BLANKS)


class ArticleFileBody(Written):
    """A file of an article, and what goes with it."""

    file: str = Field(pattern=r"^[0-9a-f]{32}$", description="Its id, as the article names it")
    text: str = Field("", max_length=MAX_TEXT, description="Words to go with it")
    reply_to_id: RowId | None = Field(None, description=_ANSWERED)
    blanks: Blanks = Field(default_factory=list, max_length=MOST_BLANKS, description=BLANKS)


class PartQuery(Asked):
    """Which file of a message is wanted."""

    part: int = Field(0, ge=0, le=99, description="Of an album: 0 the first, 1 the next, and so on")
