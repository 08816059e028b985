"""What customers thought: of an answer, and of a resolved conversation aspect by aspect."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.models.base import Base, Id


class AnswerFeedback(Base):
    """'Did this help?' under one of the bot's answers; the last word counts."""

    __tablename__ = "answer_feedback"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), unique=True)
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    article_key: Mapped[str | None] = mapped_column(String(128), index=True)
    helped: Mapped[bool]
    created_at: Mapped[datetime]


class RatingRequest(Base):
    """One asking for stars, after one resolve; ratings belong to the resolution, not the conversation."""

    __tablename__ = "rating_request"
    __table_args__ = (
        Index("ix_rating_request_state_asked_at", "state", "asked_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id", ondelete="SET NULL"), index=True)
    state: Mapped[str] = mapped_column(String(16), default="asked")
    """'asked', 'rating' (some stars given), 'commenting', 'done', 'skipped', 'expired'."""
    aspects: Mapped[list[Any]] = mapped_column(default=list)
    """What it asks for stars for, in this order, as the settings were then."""
    comment: Mapped[str | None] = mapped_column(Text)
    asked_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]


class Rating(Base):
    """One aspect's stars as 0-100."""

    __tablename__ = "rating"
    __table_args__ = (UniqueConstraint("request_id", "aspect"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    request_id: Mapped[int | None] = mapped_column(ForeignKey("rating_request.id", ondelete="CASCADE"))
    conversation_id: Mapped[int | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    aspect: Mapped[str] = mapped_column(String(64))
    score: Mapped[float]
    rated_at: Mapped[datetime] = mapped_column(index=True)
