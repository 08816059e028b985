"""Telephone numbers in the database as they are compared: 0049… and +49… are one number."""

from typing import Any

from sqlalchemy import ColumnElement, String, case, func, literal_column

from crm_store.models.customers import Customer

# Written out, not bound: PostgreSQL takes an expression in GROUP BY for the selected one only where both say the same.
_ABROAD, _PLUS = literal_column("'00'", String), literal_column("'+'", String)
_is_abroad = func.substr(Customer.phone, literal_column("1"), literal_column("2")) == _ABROAD
_rest = func.substr(Customer.phone, literal_column("3"), type_=String)

SAME_PHONE: ColumnElement[Any] = case((_is_abroad, _PLUS.concat(_rest)), else_=Customer.phone)
"""What `customer_fields.international` makes of a number, for those that were stored before it did."""
