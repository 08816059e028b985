"""Who is known on a channel and works here: their linked Telegram account says so, and they are no customers.

Nothing is written down about it and nothing they said is touched: once a link ends they are customers again.
"""

from sqlalchemy import ColumnElement, Select, String, cast, select
from sqlalchemy.orm import InstrumentedAttribute

from crm_store.models.customers import Identity
from crm_store.models.staff import Agent

_TELEGRAM = "telegram"


def is_customer(customer_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether a record is none of somebody on the staff."""
    return customer_id.not_in(_staffs(Identity.customer_id))


def is_customers(identity_id: InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether an address is none of somebody on the staff."""
    return identity_id.not_in(_staffs(Identity.id))


def _staffs(column: InstrumentedAttribute[int]) -> Select[int]:
    """Of the staff's addresses; who was shut out works here no more.

    Few work here: the list is made once for a statement, by the index on channel and address.
    """
    linked = Identity.address == cast(Agent.telegram_user_id, String)
    return (
        select(column)
        .join(Agent, (Identity.channel == _TELEGRAM) & linked)
        .where(Agent.disabled_at.is_(None))
        .correlate(None)
    )
