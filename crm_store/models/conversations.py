"""Conversations, their messages (a message row is the outbox), and who held them when."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.lifecycle import Status
from crm_store.models.base import Base, Id

UNSENT = text("delivery IN ('pending', 'sending')")
PENDING = text("delivery = 'pending'")
OPEN_ONLY = text("status <> 'resolved'")


class Conversation(Base):
    """One matter of one customer at one address, from the first word until it is resolved."""

    __tablename__ = "conversation"
    __table_args__ = (
        # At most one open conversation per address: the store itself refuses a second.
        Index(
            "uq_conversation_open",
            "identity_id",
            unique=True,
            sqlite_where=OPEN_ONLY,
            postgresql_where=OPEN_ONLY,
        ),
        # The queue in its order: the next is the first entry that an agent can serve.
        Index("ix_conversation_status_ranked_at", "status", "ranked_at", "queued_at", "id"),
        Index("ix_conversation_agent_id_status", "agent_id", "status"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    identity_id: Mapped[int] = mapped_column(ForeignKey("identity.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(32))
    status: Mapped[str] = mapped_column(String(32), default=Status.BOT)
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id", ondelete="SET NULL"))
    team: Mapped[str | None] = mapped_column(String(64))
    priority: Mapped[int] = mapped_column(default=0)
    language: Mapped[str] = mapped_column(String(16), default="en")
    memory: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """What the bot remembers until the holder changes: misses, offered articles."""
    handoff_reason: Mapped[str | None] = mapped_column(String(64))
    queued_at: Mapped[datetime | None]
    """When the present wait began, or the one before; kept through a release, so that the place in the queue is, unless
    a person has written since (`owed_since`). Null where nobody has waited, or was put aside while they waited for
    nothing."""
    ranked_at: Mapped[datetime | None]
    """`queued_at` less what speaks for it (see `queueing`): the queue is ordered by this, the earliest first."""
    ranked_for: Mapped[list[Any]] = mapped_column("why_next", default=list)
    """[{reason, points, value}]: what spoke for it, besides its wait, when it was last ranked; it stays when the wait
    is over. Why it is next is told by `queue.why_next` alone."""
    away_told_at: Mapped[datetime | None]
    """When its customer was told that nobody is there; that is said once a case."""
    meant_for_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id", ondelete="SET NULL"))
    """To whom it was handed on while they were not there: it waits, for them first."""
    meant_until: Mapped[datetime | None]
    """Until then it waits for them alone; then whoever is free gets it."""
    skill: Mapped[str | None] = mapped_column(String(64))
    """What whoever serves it has to know besides its team (see `needs`)."""
    skill_until: Mapped[datetime | None]
    """Until then it waits for who has the skill alone; null: not decided yet, so nobody else gets it."""
    skill_why: Mapped[str | None] = mapped_column(String(600))
    """The condition of the rule by which it is needed."""
    taken_at: Mapped[datetime | None]
    first_reply_at: Mapped[datetime | None]
    snoozed_until: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[str | None] = mapped_column(String(32))
    """'agent', 'bot', 'customer' or 'system'."""
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    tags: Mapped[list[Any]] = mapped_column(default=list)
    created_at: Mapped[datetime]
    last_message_at: Mapped[datetime]


class Message(Base):
    """What was said, by whom; an outgoing one carries the state of its own delivery."""

    __tablename__ = "message"
    __table_args__ = (
        Index("ix_message_conversation_id_id", "conversation_id", "id"),
        Index("ix_message_lane_platform_id", "lane", "platform_id"),
        Index("ix_message_unsent", "lane", "id", sqlite_where=UNSENT, postgresql_where=UNSENT),
        # Found in their order without sorting what is waiting; answers sent at once never enter it.
        Index("ix_message_pending", "id", sqlite_where=PENDING, postgresql_where=PENDING),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    author: Mapped[str] = mapped_column(String(16))
    """'customer', 'bot', 'agent' or 'system'."""
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id", ondelete="SET NULL"))
    is_note: Mapped[bool] = mapped_column(default=False)
    kind: Mapped[str] = mapped_column(String(16), default="text")
    """'text', 'photo', 'file', 'voice', 'video', 'audio', 'sticker', 'location', 'contact', 'button', ..."""
    text: Mapped[str] = mapped_column(Text, default="")
    intent: Mapped[dict[str, Any] | None]
    """What is meant beyond the text: choices, a rating request. The channel draws it."""
    attachment: Mapped[dict[str, Any] | None]
    article_key: Mapped[str | None] = mapped_column(String(128), index=True)
    confidence: Mapped[float | None]
    decision: Mapped[str | None] = mapped_column(String(16))
    """How the bot understood a customer's text: 'answer', 'suggest', 'unknown', 'command', ..."""
    reply_to_id: Mapped[int | None] = mapped_column(Id)
    settled_at: Mapped[datetime | None]
    """When one of this message's choices was taken; a choice counts once."""
    created_at: Mapped[datetime]
    edited_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]
    """When it was taken back: the customer does not see it any more, staff do."""
    delivery: Mapped[str | None] = mapped_column(String(16))
    """Null for what is not to be delivered; else 'pending', 'sending', 'sent', 'ambiguous', 'dead'."""
    lane: Mapped[str | None] = mapped_column(String(192))
    """channel:address; messages of one lane leave in the order of their ids."""
    attempts: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[int | None]
    """Which process sends it or sent it, where there may be several (presence.py)."""
    next_try_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    doubted_at: Mapped[datetime | None]
    """When a sending ended without an answer: the message may have arrived, and is sent once more at most."""
    platform_id: Mapped[str | None] = mapped_column(String(64))
    error: Mapped[str | None] = mapped_column(String(256))


SAID_BY_CUSTOMER = (Message.author == "customer") & (Message.kind != "button")
"""Words and files of theirs; a press of a button wants no reply."""
ANSWERS = (Message.author == "agent") & Message.is_note.is_(False) & Message.delivery.is_distinct_from("dead")
"""An agent's reply that reached the customer, or still may."""
IS_HEARD = Message.decision.is_(None) | Message.decision.not_in(("shadowed", "unchecked"))
"""Not what a shadow-banned customer says, or a stranger who has not pressed the button yet."""


class MessageLink(Base):
    """Where a message also stands: one row per copy, so that replies and edits find their twin."""

    __tablename__ = "message_link"
    __table_args__ = (
        UniqueConstraint("channel", "chat", "platform_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    side: Mapped[str] = mapped_column(String(16))
    """'customer', 'desk', 'history', 'card' for one that was the customer's once, 'notice' for what tells of them."""
    channel: Mapped[str] = mapped_column(String(32))
    chat: Mapped[str] = mapped_column(String(64))
    platform_id: Mapped[str] = mapped_column(String(64))


class MessageEdit(Base):
    """What a message said before it was edited; history is append-only."""

    __tablename__ = "message_edit"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    old_text: Mapped[str] = mapped_column(Text)
    edited_at: Mapped[datetime]


class MessageRequest(Base):
    """The name of a request of staff's that led to a message: the same request again says nothing anew."""

    __tablename__ = "message_request"
    __table_args__ = (UniqueConstraint("agent_id", "name"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    """Of what was asked for: a name is for one request."""
    message_id: Mapped[int | None] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), index=True)
    """Null only while it is being written, which nobody sees."""
    asked_at: Mapped[datetime] = mapped_column(index=True)


class StatusChange(Base):
    """One change of the holder: who, when, why. Reports of human times are computed from these."""

    __tablename__ = "status_change"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    change: Mapped[str] = mapped_column(String(32))
    from_status: Mapped[str] = mapped_column(String(32))
    to_status: Mapped[str] = mapped_column(String(32))
    actor: Mapped[str] = mapped_column(String(32))
    """'customer', 'bot', 'system' or 'agent:ID'."""
    reason: Mapped[str | None] = mapped_column(String(256))
    changed_at: Mapped[datetime] = mapped_column(index=True)


class Handoff(Base):
    """A hand-over from the bot to the queue, with its reason and how it ended."""

    __tablename__ = "handoff"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    reason: Mapped[str] = mapped_column(String(64))
    queued_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None] = mapped_column(String(16))
    """'taken', 'cancelled' (by the customer), 'resolved', 'snoozed', 'undone'."""
    reminders: Mapped[int] = mapped_column(default=0)
    """How often it was found unanswered so far."""


class Assignment(Base):
    """An agent held this conversation from then until then."""

    __tablename__ = "assignment"
    __table_args__ = (
        # Whom a desk shows what they gave back: asked for whoever is away, at every refresh.
        Index("ix_assignment_agent_id_ended_at", "agent_id", "ended_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        ForeignKey("conversation.id", ondelete="CASCADE"), index=True
    )
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"))
    reason: Mapped[str] = mapped_column(String(32))
    """'take', 'transfer', 'dispatch' or 'reply'."""
    assigned_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Promise(Base):
    """A reply or a resolution that was due within a time: what was promised when, and whether it was kept."""

    __tablename__ = "promise"
    __table_args__ = (
        UniqueConstraint("conversation_id", "kind", "started_at"),
        Index("ix_promise_started_at_kind", "started_at", "kind"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversation.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    """'first', 'next' or 'resolution'."""
    started_at: Mapped[datetime]
    target_s: Mapped[int]
    """Of time in which people are there and the customer is not waited for; as priority and segment have it, or had it
    when it ended."""
    due_at: Mapped[datetime | None]
    """Null while the clock stands still."""
    warned_at: Mapped[datetime | None]
    breached_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    was_kept: Mapped[bool | None]
    """Null while it is open, and where the customer went, or it was closed unserved, before it was due."""
