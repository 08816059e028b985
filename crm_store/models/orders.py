"""Orders and their lines."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.models.base import Base, Id


class Order(Base):
    """A purchase, or a return (kind 'return', its amount negative)."""

    __tablename__ = "order"
    __table_args__ = (
        UniqueConstraint("source", "number"),
        # Holds all that facts and counters ask for, so that they never touch the table.
        Index(
            "ix_order_customer_id_placed_at",
            "customer_id",
            "placed_at",
            "kind",
            "amount",
            "status",
            "updated_at",
        ),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customer.id", ondelete="CASCADE"))
    source: Mapped[str] = mapped_column(String(64), default="")
    number: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16), default="purchase")
    status: Mapped[str] = mapped_column(String(32), default="placed")
    currency: Mapped[str] = mapped_column(String(3), default="EUR")
    amount: Mapped[Decimal]
    placed_at: Mapped[datetime] = mapped_column(index=True)
    updated_at: Mapped[datetime]
    tracking: Mapped[str | None] = mapped_column(String(256))
    attributes: Mapped[dict[str, Any]] = mapped_column(default=dict)


class OrderLine(Base):
    """One line of an order."""

    __tablename__ = "order_line"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("order.id", ondelete="CASCADE"), index=True)
    sku: Mapped[str] = mapped_column(String(64))
    description: Mapped[str | None] = mapped_column(String(256))
    quantity: Mapped[int]
    unit_price: Mapped[Decimal]
