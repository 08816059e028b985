"""Customers, their addresses on channels, and what links them."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.models.base import Base, Id


class Customer(Base):
    """A person. The order counters are kept by `orders` in the transaction that records an order."""

    __tablename__ = "customer"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    external_id: Mapped[str | None] = mapped_column(String(128), unique=True)
    name: Mapped[str | None] = mapped_column(String(256))
    email: Mapped[str | None] = mapped_column(String(320), index=True)
    phone: Mapped[str | None] = mapped_column(String(64), index=True)
    age: Mapped[int | None]
    gender: Mapped[str | None] = mapped_column(String(32))
    address: Mapped[str | None] = mapped_column(String(512))
    language: Mapped[str | None] = mapped_column(String(16))
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)
    profiling_allowed: Mapped[bool] = mapped_column(default=True)
    is_demo: Mapped[bool] = mapped_column(default=False)
    banned_at: Mapped[datetime | None]
    """Since when what they write is not answered, nor kept unless `ban_is_shadow`."""
    banned_by: Mapped[str | None] = mapped_column(String(128))
    ban_reason: Mapped[str | None] = mapped_column(String(256))
    banned_until: Mapped[datetime | None]
    """When the ban ends by itself; null where it does not."""
    ban_is_shadow: Mapped[bool | None]
    """They are told nothing of the ban: what they write is kept, marked, and nobody hears of it. Null without a ban."""
    referred_by_id: Mapped[int | None] = mapped_column(
        ForeignKey("customer.id", ondelete="SET NULL"), index=True
    )
    merged_into_id: Mapped[int | None] = mapped_column(
        ForeignKey("customer.id", ondelete="SET NULL"), index=True
    )
    order_count: Mapped[int] = mapped_column(default=0)
    order_amount: Mapped[Decimal] = mapped_column(default=Decimal(0))
    last_order_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    last_seen_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class Identity(Base):
    """A customer's address on a channel; replies to a conversation go to its identity."""

    __tablename__ = "identity"
    __table_args__ = (UniqueConstraint("channel", "address"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(32))
    address: Mapped[str] = mapped_column(String(128))
    display_name: Mapped[str | None] = mapped_column(String(256))
    username: Mapped[str | None] = mapped_column(String(128))
    language: Mapped[str | None] = mapped_column(String(16))
    """The language the customer chose, else what the channel says of them."""
    is_reachable: Mapped[bool] = mapped_column(default=True)
    secret_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """SHA-256 of a web visitor's token; null on channels that authenticate by themselves."""
    unchecked_since: Mapped[datetime | None]
    """Since when a stranger owes the press of a button before anybody answers (first contact)."""
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]


class CustomerLink(Base):
    """An invitation to go on in another channel as the same customer: a token that works once, until it expires.

    A used one whose `used_by_id` differs from `customer_id` was opened from an address that already was another
    customer's: evidence that the two may be one person, for somebody to judge.
    """

    __tablename__ = "customer_link"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_by: Mapped[str] = mapped_column(String(128))
    """The caller's name as in the audit, or 'visitor'."""
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    used_by_id: Mapped[int | None] = mapped_column(ForeignKey("customer.id", ondelete="SET NULL"), index=True)


class CustomerMerge(Base):
    """One merge of two records of a person, with what is needed to undo it."""

    __tablename__ = "customer_merge"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    kept_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    merged_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"), index=True)
    moved: Mapped[dict[str, Any]]
    """Table name to the ids of the rows that moved."""
    merged_at: Mapped[datetime]
    merged_by: Mapped[str] = mapped_column(String(128))
    undone_at: Mapped[datetime | None]


class Erasure(Base):
    """A tombstone of an erased person, so that a restored backup can be cleaned again."""

    __tablename__ = "erasure"
    __table_args__ = (Index("ix_erasure_customer_id", "customer_id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = mapped_column(Id)  # no foreign key: the customer is gone
    erased_at: Mapped[datetime]
    erased_by: Mapped[str] = mapped_column(String(128))
