"""Whether a case is late: the one rule, of rows that were read and in queries.

It is late from its deadline on, while it is open; while it waits for its customer only if it was so before.
"""

from datetime import datetime
from typing import Protocol

from sqlalchemy import ColumnElement, and_, or_

from crm_store.models.casework import ServiceCase


class Dated(Protocol):
    """A case, or as much of one."""

    @property
    def due_at(self) -> datetime | None: ...
    @property
    def stood_since(self) -> datetime | None: ...
    @property
    def closed_at(self) -> datetime | None: ...


def missed_at(case: Dated, now: datetime) -> datetime | None:
    """The deadline, where it passed while the case was open and its clock ran; None where it did not, or not yet."""
    until = case.closed_at or case.stood_since or now
    return case.due_at if case.due_at is not None and case.due_at < until else None


def is_overdue(now: datetime) -> ColumnElement[bool]:
    """Open, and its deadline missed."""
    case = ServiceCase
    is_late = or_(
        and_(case.stood_since.is_(None), case.due_at < now),
        and_(case.stood_since.is_not(None), case.due_at < case.stood_since),
    )
    return and_(case.closed_at.is_(None), is_late)
