"""Articles with their phrasings and versions, and the questions nobody could answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, LargeBinary, String, Text, UniqueConstraint
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
    category: Mapped[str] = mapped_column(String(64), default="", index=True)
    phrasings: Mapped[list[Any]] = mapped_column(default=list)
    attachments: Mapped[list[Any]] = mapped_column(default=list)
    """Keys of the files that go along with the answer, in their order (`article_files`)."""
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


class TrainedModel(Base):
    """What was learned of the articles, so that no other process and no restart has to learn it again."""

    __tablename__ = "trained_model"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    content: Mapped[str] = mapped_column(String(64), unique=True)
    """Names what it learned, and the code that did."""
    family: Mapped[str] = mapped_column(String(64), index=True)
    """The same for models that can stand in for each other."""
    stage: Mapped[int] = mapped_column(default=0)
    """How far it is: 0 nothing yet, 1 answers, 2 its evidence is gathered."""
    holder: Mapped[str] = mapped_column(String(64))
    held_until: Mapped[datetime | None]
    """Null once nobody learns any more; past when its process is gone and another may go on."""
    learned_at: Mapped[datetime | None]


class TrainedModelPart(Base):
    """A piece of a stored model's bytes: small, so that writing one holds up no customer."""

    __tablename__ = "trained_model_part"

    model_id: Mapped[int] = mapped_column(
        ForeignKey("trained_model.id", ondelete="CASCADE"), primary_key=True
    )
    stage: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    data: Mapped[bytes] = mapped_column(LargeBinary)


NOT_CHOSEN = "not_chosen"


class Gap(Base):
    """A question the bot could not answer, or whose answer did not help; it never expires by itself.

    One that got a list is a gap from then on, however the customer goes on, until they choose from the list.
    """

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
    """'unknown', 'none_of_these', 'not_helpful', or 'not_chosen': it got a list, and nothing was chosen from it yet."""
    candidates: Mapped[list[Any]] = mapped_column(default=list)
    """[{article_key, score, confidence}], best first, as they were."""
    state: Mapped[str] = mapped_column(String(16), default="open", index=True)
    """'open', 'closed' by a person, or 'answered': what was published since answers it (`gaps.mark_answered`)."""
    answered_by: Mapped[str | None] = mapped_column(String(128))
    """Key of the article that does; of an open one, which somebody of the staff said does not."""
    created_at: Mapped[datetime]
