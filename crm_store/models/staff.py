"""Agents, the ways they prove who they are, and what they did."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Index, String, case
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.models.base import Base, Id

UNDO_S = 15
"""How long a reply can be taken back, where its writer did not choose otherwise."""


class Agent(Base):
    """A member of staff (a person, never an AI)."""

    __tablename__ = "agent"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(128), unique=True)
    email: Mapped[str | None] = mapped_column(String(320), unique=True)
    role: Mapped[str] = mapped_column(String(16))
    """'admin', 'supervisor', 'agent' or 'analyst' (reads only)."""
    telegram_user_id: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    password_hash: Mapped[str | None] = mapped_column(String(256))
    presence: Mapped[str] = mapped_column(String(16), default="offline")
    """'online', 'away' or 'offline', as last said; online counts only until `present_until`."""
    seen_at: Mapped[datetime | None]
    present_until: Mapped[datetime | None]
    """Being there has to be said again before this: an open desk does so by itself."""
    came_at: Mapped[datetime | None]
    """When they last said themselves that they are online."""
    capacity: Mapped[int] = mapped_column(default=5)
    skills: Mapped[list[Any]] = mapped_column(default=list)
    languages: Mapped[list[Any]] = mapped_column(default=list)
    team: Mapped[str | None] = mapped_column(String(64))
    is_program: Mapped[bool] = mapped_column(default=False)
    """Made for a key that acts by itself: customers are not told its name."""
    undo_s: Mapped[int] = mapped_column(default=UNDO_S)
    """So many seconds a reply written at the desk is held back, in which its writer may take it back."""
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]

    @hybrid_property
    def public_name(self) -> str | None:
        """What customers are told of who serves them; None: no name. Nobody else decides that."""
        return None if self.is_program else self.name

    @public_name.inplace.expression
    @classmethod
    def _public_name(cls) -> ColumnElement[str | None]:
        return case((cls.is_program.is_(False), cls.name))


class OneTimeCode(Base):
    """A code that works once: the first sign-in, or linking a Telegram account. Only its hash is kept."""

    __tablename__ = "one_time_code"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"), index=True)
    purpose: Mapped[str] = mapped_column(String(16))
    """'sign_in' or 'telegram'."""
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ApiKey(Base):
    """A key for programs, shown once and kept as its SHA-256 (it is random, so no slow hash is needed)."""

    __tablename__ = "api_key"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(128))
    role: Mapped[str] = mapped_column(String(16))
    agent_id: Mapped[int | None] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"), index=True)
    """In whose name it acts; null for a program of its own."""
    prefix: Mapped[str] = mapped_column(String(16))
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class StaffSession(Base):
    """A signed-in browser; revocable, only the token's hash is kept."""

    __tablename__ = "staff_session"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    agent_id: Mapped[int] = mapped_column(ForeignKey("agent.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    device: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """Browser and system in words, such as "Firefox · Windows"."""
    by_code: Mapped[bool] = mapped_column(default=False)
    """Signed in by a one-time code: for a while a password may be set here without the one before."""
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime | None]
    """About the last time that it asked for anything."""
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SignInFailure(Base):
    """A failed sign-in, counted for the lock-out."""

    __tablename__ = "sign_in_failure"
    __table_args__ = (
        Index("ix_sign_in_failure_name_failed_at", "name", "failed_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(128))
    """What was guessed at: 'name:…' as it was typed, and whose it is: 'agent:2', or 'nobody:…'."""
    failed_at: Mapped[datetime]


class AuditEntry(Base):
    """Who changed what, when; never the customers' words."""

    __tablename__ = "audit_entry"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    actor: Mapped[str] = mapped_column(String(128))
    action: Mapped[str] = mapped_column(String(64))
    subject: Mapped[str] = mapped_column(String(128))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    happened_at: Mapped[datetime] = mapped_column(index=True)
