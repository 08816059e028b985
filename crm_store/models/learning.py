"""What is learned from conversations: labels of questions, drafts of articles, and who wants to hear of an answer."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.models.base import Base, Id

DOUBTING = text("source IN ('not_helpful', 'agent')")
"""What is looked through twice a minute for what may not answer alone; few beside all that helped somebody."""


class QuestionLabel(Base):
    """Somebody said whether an article answers a question: the gold set, and where new phrasings come from."""

    __tablename__ = "question_label"
    __table_args__ = (
        Index("ix_question_label_article_key_language", "article_key", "language"),
        Index(
            "ix_question_label_doubting",
            "article_key",
            "language",
            sqlite_where=DOUBTING,
            postgresql_where=DOUBTING,
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id", ondelete="SET NULL"))
    """Who corrected it; null where the customer said so."""
    question: Mapped[str] = mapped_column(Text)
    normal: Mapped[str] = mapped_column(Text)
    """The question as the knowledge base compares texts."""
    language: Mapped[str] = mapped_column(String(16))
    article_key: Mapped[str] = mapped_column(String(128))
    agrees: Mapped[bool]
    source: Mapped[str] = mapped_column(String(16))
    """'choice', 'none_of_these', 'helped', 'not_helpful' or 'agent' (somebody of the staff, in either direction)."""
    was_alone: Mapped[bool] = mapped_column(default=False)
    """Whether the bot had given this answer by itself, without a list."""
    created_at: Mapped[datetime]


class PhrasingDecision(Base):
    """What became of a proposed phrasing, by its digest: the text itself stays with its customers."""

    __tablename__ = "phrasing_decision"
    __table_args__ = (UniqueConstraint("article_key", "language", "digest"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    article_key: Mapped[str] = mapped_column(String(128))
    language: Mapped[str] = mapped_column(String(16))
    digest: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    """'accepted', 'rejected', or 'held': agreed on, but left to the desk."""
    decided_by: Mapped[str] = mapped_column(String(128))
    decided_at: Mapped[datetime]


class ArticleProposal(Base):
    """An article not yet published; one made of a conversation goes with it."""

    __tablename__ = "article_draft"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    """The agent's reply it was made of."""
    content: Mapped[dict[str, Any]]
    """The article as it would be published."""
    gap_ids: Mapped[list[Any]] = mapped_column(default=list)
    """The unanswered questions that publishing it closes."""
    state: Mapped[str] = mapped_column(String(16), default="open", index=True)
    """'open', 'published' or 'dismissed'."""
    version: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[str] = mapped_column(String(128))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class AnswerWish(Base):
    """A customer who got no answer wants to be told, once, when there is one."""

    __tablename__ = "answer_wish"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    gap_id: Mapped[int] = mapped_column(ForeignKey("gap.id", ondelete="CASCADE"), unique=True)
    state: Mapped[str] = mapped_column(String(16), default="waiting", index=True)
    """'waiting', 'due' (the article is there), 'told' or 'withdrawn'."""
    article_key: Mapped[str | None] = mapped_column(String(128))
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
