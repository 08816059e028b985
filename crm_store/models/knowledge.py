"""Articles with their phrasings and versions, and the questions nobody could answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.models.base import Base, Id


class ArticleRow(Base):
    """The published state of an article; key and language together name it."""

    __tablename__ = "article"
    __table_args__ = (UniqueConstraint("key", "language"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(128))
    question: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(16), default="en", index=True)
    tags: Mapped[list[Any]] = mapped_column(default=list)
    phrasings: Mapped[list[Any]] = mapped_column(default=list)
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]
    enabled: Mapped[bool] = mapped_column(default=True)
    version: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class ArticleVersion(Base):
    """What an article was at each version, deleted ones included; any can be restored."""

    __tablename__ = "article_version"
    __table_args__ = (UniqueConstraint("key", "language", "version"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(128))
    language: Mapped[str] = mapped_column(String(16))
    version: Mapped[int]
    snapshot: Mapped[dict[str, Any] | None]
    """Null where this version is the deletion."""
    changed_by: Mapped[str] = mapped_column(String(128))
    changed_at: Mapped[datetime]


class Publication(Base):
    """The knowledge base changed; a running bot rebuilds when it sees a newer one."""

    __tablename__ = "publication"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    published_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(String(128))
    summary: Mapped[str] = mapped_column(String(256), default="")


class Gap(Base):
    """A question the bot could not answer, or whose answer did not help; it never expires by itself."""

    __tablename__ = "gap"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    question: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(16))
    """'unknown', 'none_of_these' or 'not_helpful'."""
    candidates: Mapped[list[Any]] = mapped_column(default=list)
    """[{article_key, score, confidence}], best first, as they were."""
    state: Mapped[str] = mapped_column(String(16), default="open", index=True)
    created_at: Mapped[datetime]
