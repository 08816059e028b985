"""What agents work with beside the conversations themselves: prepared words, views, marks, and after-sales cases."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.models.base import Base, Id

SHARED = text("agent_id IS NULL")
OPEN_CASES = text("closed_at IS NULL")


class CannedReply(Base):
    """A prepared reply that agents call by its shortcode; `agent_id` is its only user, null where all may use it."""

    __tablename__ = "canned_reply"
    __table_args__ = (
        Index(
            "uq_canned_reply_shared", "shortcode", unique=True, sqlite_where=SHARED, postgresql_where=SHARED
        ),
        UniqueConstraint("agent_id", "shortcode"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"))
    shortcode: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Text, default="")
    category: Mapped[str] = mapped_column(String(64), default="")
    attachment: Mapped[dict[str, Any] | None]
    """As a message's; every reply sends a copy of the file of its own."""
    uses: Mapped[int] = mapped_column(default=0)
    last_used_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class SavedView(Base):
    """A filter over conversations under a name; `agent_id` is its only user, null where all have it."""

    __tablename__ = "saved_view"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(64))
    filters: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]


class BulkAction(Base):
    """One act on many conversations, with what each was before, so that it can be undone."""

    __tablename__ = "bulk_action"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id", ondelete="SET NULL"))
    action: Mapped[str] = mapped_column(String(16))
    before: Mapped[list[Any]]
    """For each conversation that changed: its number and the old values of what changed."""
    refused: Mapped[list[Any]] = mapped_column(default=list)
    """[{id, why, reason, ...}]: who was left out when it was done, or last when it was undone (`bulk.Refused`)."""
    done_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class DeskMark(Base):
    """How far an agent has read a conversation, on whichever device, and when they last typed in it."""

    __tablename__ = "desk_mark"
    __table_args__ = (UniqueConstraint("conversation_id", "agent_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"), index=True)
    seen_message_id: Mapped[int] = mapped_column(Id, default=0)
    typing_at: Mapped[datetime | None]


class ConversationMerge(Base):
    """One conversation made part of another of the same customer, with what is needed to undo it."""

    __tablename__ = "conversation_merge"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    merged_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"), index=True)
    moved: Mapped[dict[str, Any]]
    """The ids of the messages that moved, and how the merged conversation was held."""
    merged_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]


class ServiceCase(Base):
    """A case: something a customer gives back, is paid back or has repaired, or a customer to be followed up."""

    __tablename__ = "service_case"
    __table_args__ = (
        Index("ix_service_case_due_at", "due_at", sqlite_where=OPEN_CASES, postgresql_where=OPEN_CASES),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    number: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(16))
    """'return', 'refund', 'repair' or 'follow_up'."""
    state: Mapped[str] = mapped_column(String(16))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    conversation_id: Mapped[int | None] = mapped_column(
        ForeignKey("conversation.id", ondelete="SET NULL"), index=True
    )
    order_id: Mapped[int | None] = mapped_column(ForeignKey("order.id", ondelete="SET NULL"), index=True)
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id", ondelete="SET NULL"), index=True)
    team: Mapped[str | None] = mapped_column(String(64))
    """Whose it is while it has no owner."""
    rating_request_id: Mapped[int | None] = mapped_column(
        ForeignKey("rating_request.id", ondelete="SET NULL"), unique=True
    )
    """The low rating that a follow-up is about."""
    reason: Mapped[str] = mapped_column(String(512), default="")
    told: Mapped[str] = mapped_column(String(512), default="")
    """What the customer is told beside the state, in the agent's words."""
    amount: Mapped[Decimal | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    due_at: Mapped[datetime | None]
    stood_since: Mapped[datetime | None]
    """Since when its clock stands, waiting for the customer."""
    created_at: Mapped[datetime] = mapped_column(index=True)
    updated_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class CaseChange(Base):
    """One step of a case: who, when, from which state to which."""

    __tablename__ = "case_change"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("service_case.id", ondelete="CASCADE"), index=True)
    from_state: Mapped[str | None] = mapped_column(String(16))
    to_state: Mapped[str] = mapped_column(String(16))
    actor: Mapped[str] = mapped_column(String(32))
    note: Mapped[str] = mapped_column(String(512), default="")
    changed_at: Mapped[datetime]
