"""What keeps the machinery honest: seen updates, timers, posts to the staff group."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.models.base import Base, Id

UNSENT = text("delivery IN ('pending', 'sending')")
UNSENT_CALL = text("agent_id IS NOT NULL AND delivery IN ('pending', 'sending')")
ERRANDS = ("reword", "delete", "fetch")
"""Kinds of posts that are done outside the staff group (desk_errands.py)."""
DONE_ERRAND = text("kind IN ('reword', 'delete', 'fetch') AND delivery = 'sent'")
UNFIRED = text("fired_at IS NULL")


class SeenUpdate(Base):
    """A platform's update whose effects are committed; a repeat is a no-op.

    Telegram repeats an update until it is acknowledged, and its ids are only unique per bot.
    """

    __tablename__ = "seen_update"

    source: Mapped[str] = mapped_column(String(64), primary_key=True)
    update_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(index=True)


class ParkedUpdate(Base):
    """An update whose handling failed: set aside with its error so that it holds nobody up."""

    __tablename__ = "parked_update"
    __table_args__ = (UniqueConstraint("source", "update_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    source: Mapped[str] = mapped_column(String(64))
    update_id: Mapped[str] = mapped_column(String(64))
    body: Mapped[dict[str, Any]]
    error: Mapped[str] = mapped_column(String(512))
    parked_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    """When somebody wanted it to be handled again; a running bot does so."""
    replayed_at: Mapped[datetime | None]
    dismissed_at: Mapped[datetime | None]
    """When somebody decided that it needs no handling."""


class Timer(Base):
    """Something to do at a time: survives restarts, fires once."""

    __tablename__ = "timer"
    __table_args__ = (
        Index("ix_timer_due", "due_at", sqlite_where=UNFIRED, postgresql_where=UNFIRED),
        Index("ix_timer_kind_subject_id", "kind", "subject_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[int] = mapped_column(Id)
    due_at: Mapped[datetime]
    fired_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often it failed; then it is due again a little later."""
    error: Mapped[str | None] = mapped_column(String(64))
    """The kind of error it failed with the last time."""


class DeskTopic(Base):
    """A customer's topic in a staff group, and the card pinned in it."""

    __tablename__ = "desk_topic"
    __table_args__ = (
        UniqueConstraint("chat", "customer_id"),
        UniqueConstraint("chat", "thread"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    chat: Mapped[str] = mapped_column(String(64))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    thread: Mapped[str | None] = mapped_column(String(64))
    """Null until the platform made it."""
    card_platform_id: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]


class DeskPost(Base):
    """The outbox towards the staff group: a card to draw, or a message to copy into the topic."""

    __tablename__ = "desk_post"
    __table_args__ = (
        Index("ix_desk_post_unsent", "id", sqlite_where=UNSENT, postgresql_where=UNSENT),
        Index(
            "ix_desk_post_unsent_call",
            *("kind", "agent_id", "created_at"),
            sqlite_where=UNSENT_CALL,
            postgresql_where=UNSENT_CALL,
        ),
        Index(
            "ix_desk_post_done_errand", "created_at", sqlite_where=DONE_ERRAND, postgresql_where=DONE_ERRAND
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"))
    """Whom it calls; null where it is for all who read there."""
    kind: Mapped[str] = mapped_column(String(16))
    """'card' (draw or redraw it), 'message' (copy into the topic), 'notice' (text for the staff)."""
    text: Mapped[str] = mapped_column(Text, default="")
    delivery: Mapped[str] = mapped_column(String(16), default="pending")
    attempts: Mapped[int] = mapped_column(default=0)
    calls_done: Mapped[int] = mapped_column(default=0, server_default="0")
    """How many of the calls it takes were made: a new try goes on after them."""
    next_try_at: Mapped[datetime | None]
    platform_id: Mapped[str | None] = mapped_column(String(64))
    error: Mapped[str | None] = mapped_column(String(256))
    created_at: Mapped[datetime]


class KeptAnswer(Base):
    """The name of a request of staff's that changed something, and what it was answered: a repeat gets the same."""

    __tablename__ = "kept_answer"
    __table_args__ = (UniqueConstraint("sender", "name"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    sender: Mapped[str] = mapped_column(String(32))
    """'agent:ID' of who signed in, or 'key:ID'."""
    name: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    """Of what was asked for: a name is for one request."""
    status: Mapped[int | None]
    """Null while the request is being done, or was cut off; 0 where the answer is not kept."""
    headers: Mapped[dict[str, Any] | None]
    body: Mapped[str | None] = mapped_column(Text)
    """Null where there was none, or one that is not kept."""
    asked_at: Mapped[datetime] = mapped_column(index=True)


class KeyValue(Base):
    """Small facts of the installation: its secret, the demo's mark, stored models' fingerprints."""

    __tablename__ = "key_value"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(Text)
