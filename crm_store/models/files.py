"""Files that customers and agents sent through us, and those of articles; their bytes lie beside the database."""

from datetime import datetime

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.models.base import Base, Id


class StoredFile(Base):
    """One file. `key` is its name in the folder and in `message.attachment`; nothing of it comes from the sender."""

    __tablename__ = "stored_file"
    __table_args__ = (
        Index("ix_stored_file_lane_created_at", "lane", "created_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(32), unique=True)
    lane: Mapped[str] = mapped_column(String(192))
    """channel:address of the customer it came from or goes to; a visitor may send one before they are a customer.

    Or what of the business it belongs to: 'canned:ID', or 'article' (`article_files`).
    """
    name: Mapped[str] = mapped_column(String(128))
    mime: Mapped[str] = mapped_column(String(64))
    """Found out from the bytes: one of a few kinds of image, else application/octet-stream."""
    size: Mapped[int] = mapped_column(BigInteger)
    digest: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of the bytes in hexadecimal: an article's file that comes again is found by it."""
    claimed_by: Mapped[str | None] = mapped_column(String(64))
    """The sender's own id of the message it belongs to; a file that no message claims is deleted after a day."""
    created_at: Mapped[datetime]
