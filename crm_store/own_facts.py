"""What a customer may be told of themselves: their name, and their orders and returns.

A customer is known by an address nobody else can write from (a Telegram account, or a web chat's secret), so that
what is recorded under their name is shown to them alone.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection, select

from crm_store.models.base import table_of
from crm_store.models.customers import Customer
from crm_store.models.orders import Order

_O, _C = table_of(Order).c, table_of(Customer).c


@dataclass(frozen=True, slots=True)
class OwnOrder:
    """An order, or (kind 'return') a return."""

    number: str
    kind: str
    status: str
    tracking: str | None
    placed_at: datetime
    amount: Decimal
    currency: str


@dataclass(slots=True)
class OwnFacts:
    """A customer's name, and their orders and returns, the newest first."""

    name: str | None = None
    orders: list[OwnOrder] = field(default_factory=list)


def read(connection: Connection, customers: Collection[int]) -> dict[int, OwnFacts]:
    """The facts of each of these customers; two queries."""
    names = connection.execute(select(_C.id, _C.name).where(_C.id.in_(customers)))
    found = {number: OwnFacts(name) for number, name in names}
    rows = connection.execute(
        select(_O.customer_id, *(getattr(_O, name) for name in OwnOrder.__slots__))
        .where(_O.customer_id.in_(customers))
        .order_by(_O.placed_at.desc(), _O.id.desc())
    )
    for customer_id, *values in rows:
        found.setdefault(customer_id, OwnFacts()).orders.append(OwnOrder(*values))
    return found
