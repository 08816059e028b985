"""Files that go along with articles' answers."""

from typing import Annotated, Self

from pydantic import BaseModel, Field

from admin_api.schemas.base import Asked, RowId, Shown
from crm_store.file_types import MAX_NAME
from crm_store.models.files import StoredFile
from knowledge_base.articles import MAX_ATTACHMENTS

FileId = Annotated[
    str, Field(pattern=r"^[0-9a-f]{32}$", description="The id a file got when it was handed in")
]
Attachments = Annotated[
    list[FileId],
    Field(max_length=MAX_ATTACHMENTS, description="Files that go along with the answer, in this order"),
]


class FilePath(BaseModel):
    """A file's id in the address."""

    file: FileId


class AttachedPath(FilePath):
    """What has the file, and the file."""

    id: RowId


class FileQuery(Asked):
    """What goes with a file that is sent as a raw body."""

    name: str | None = Field(
        None, max_length=MAX_NAME, description="The file's name, as the customer sees it"
    )


class FileShown(Shown):
    """A file that goes along with answers."""

    file: str = Field(description="Its id")
    name: str
    mime: str = Field(description="The kind of image the bytes show, else application/octet-stream")
    size: int = Field(description="In bytes")

    @classmethod
    def of(cls, row: StoredFile) -> Self:
        """The stored file."""
        return cls(file=row.key, name=row.name, mime=row.mime, size=row.size)


class FilesShown(Shown):
    """Files in the order they are sent."""

    items: list[FileShown]
