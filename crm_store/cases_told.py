"""The cases a customer may be told of: their own returns, refunds and repairs, and nobody else's."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, case, false, func, or_, select, true

from crm_store.case_states import CaseKind, CaseTold, OwnCases
from crm_store.models.base import table_of
from crm_store.models.casework import CaseChange, ServiceCase
from crm_store.models.orders import Order

TOLD_AFTERWARDS = timedelta(days=30)
"""So long a customer who asks is also told of a case that is closed."""
TOLD_KINDS = (CaseKind.RETURN, CaseKind.REFUND, CaseKind.REPAIR)
_CASE, _STEP, _ORDER = table_of(ServiceCase).c, table_of(CaseChange).c, table_of(Order).c


def read(
    connection: Connection, customers: Collection[int], numbers: Collection[str], *, now: datetime
) -> dict[int, OwnCases]:
    """Of each of these customers: the open cases, those closed lately, those of these numbers; at most two queries."""
    if not customers:
        return {}
    is_told = or_(_CASE.closed_at.is_(None), _CASE.closed_at > now - TOLD_AFTERWARDS)
    is_named = _CASE.number.in_(sorted(numbers)) if numbers else false()
    told = (
        _CASE.customer_id,
        _CASE.kind,
        _CASE.number,
        _CASE.state,
        _CASE.told,
        _CASE.amount,
        _CASE.currency,
    )
    since = (
        select(func.max(_STEP.changed_at))
        .where(_STEP.case_id == _CASE.id, _STEP.to_state == _CASE.state)
        .where(_STEP.from_state.is_distinct_from(_STEP.to_state))
    )
    rows = connection.execute(
        select(*told, since.scalar_subquery(), case((is_told, false()), else_=true()))
        .where(_CASE.customer_id.in_(sorted(customers)), _CASE.kind.in_(TOLD_KINDS), or_(is_told, is_named))
        .order_by(_CASE.id.desc())
    )
    cases: dict[int, list[CaseTold]] = {}
    for row in rows:
        cases.setdefault(row[0], []).append(CaseTold(*row))
    orders = _orders(connection, customers, numbers) if numbers else {}
    return {one: OwnCases(tuple(cases.get(one, ())), frozenset(orders.get(one, ()))) for one in customers}


def _orders(
    connection: Connection, customers: Collection[int], numbers: Collection[str]
) -> dict[int, set[str]]:
    """Those of the numbers that are an order's of the customer, who may well number orders so."""
    forms = {form: number for number in numbers for form in (number, number.replace("-", ""))}
    found: dict[int, set[str]] = {}
    own = and_(_ORDER.customer_id.in_(sorted(customers)), func.upper(_ORDER.number).in_(sorted(forms)))
    for customer_id, number in connection.execute(select(_ORDER.customer_id, _ORDER.number).where(own)):
        found.setdefault(customer_id, set()).add(forms[number.upper()])
    return found
