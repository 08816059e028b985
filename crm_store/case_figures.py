"""Read-only figures of after-sales cases: what was opened and closed, and how many were settled by their deadline."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from statistics import median
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.case_lateness import missed_at
from crm_store.case_states import CaseKind, CaseState
from crm_store.models.casework import ServiceCase


@dataclass(frozen=True, slots=True)
class CaseSum:
    """What the cases of one kind in one state come to in one currency."""

    state: str
    currency: str | None
    cases: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class CaseFigures:
    """How the cases of one kind did."""

    kind: str
    opened: int
    closed: int
    rejected: int
    closed_in_time: int
    median_hours: float | None
    """From opening to closing, of those closed in the span."""
    open_now: int
    overdue_now: int
    kept: int
    """Deadlines that were kept in the span: closed by then, and not because the customer wanted it no more."""
    missed: int
    """Deadlines that passed in the span over an open case, whether it was closed later or not."""
    sums: tuple[CaseSum, ...]
    """Of those closed in the span and those open now, as far as they have an amount."""

    @property
    def share_in_time(self) -> float | None:
        """Kept of the deadlines that were decided in the span; None while none was."""
        return self.kept / (self.kept + self.missed) if self.kept + self.missed else None


async def figures(
    session: AsyncSession, *, start: datetime, end: datetime, now: datetime
) -> list[CaseFigures]:
    """Per kind: what was opened, closed and due in the span, and what is open now."""
    case = ServiceCase
    closed = and_(case.closed_at >= start, case.closed_at < end)
    opened = and_(case.created_at >= start, case.created_at < end)
    due = and_(case.due_at >= start, case.due_at < end)
    moments = (case.created_at, case.closed_at, case.due_at, case.stood_since)
    rows = await session.execute(
        select(case.kind, case.state, case.amount, case.currency, *moments).where(
            or_(opened, closed, due, case.closed_at.is_(None))
        )
    )
    by_kind: dict[str, list[Any]] = {kind: [] for kind in CaseKind}
    for row in rows:
        by_kind[row.kind].append(row)
    return [_figures(kind, some, start, end, now) for kind, some in by_kind.items()]


def _figures(kind: str, rows: Sequence[Any], start: datetime, end: datetime, now: datetime) -> CaseFigures:
    done = [row for row in rows if row.closed_at is not None and start <= row.closed_at < end]
    hours = [(row.closed_at - row.created_at).total_seconds() / 3600 for row in done]
    still = [row for row in rows if row.closed_at is None]
    in_time = [row for row in done if row.due_at is None or row.closed_at <= row.due_at]
    return CaseFigures(
        kind=kind,
        opened=sum(start <= row.created_at < end for row in rows),
        closed=len(done),
        rejected=sum(row.state == CaseState.REJECTED for row in done),
        closed_in_time=len(in_time),
        median_hours=median(hours) if hours else None,
        open_now=len(still),
        overdue_now=sum(missed_at(row, now) is not None for row in still),
        kept=sum(row.due_at is not None and row.state != CaseState.CANCELLED for row in in_time),
        missed=sum((at := missed_at(row, now)) is not None and start <= at < end for row in rows),
        sums=_sums([*still, *done]),
    )


def _sums(rows: Sequence[Any]) -> tuple[CaseSum, ...]:
    """By state, in the order of the states, then by currency."""
    amounts: dict[tuple[str, str | None], list[Decimal]] = {}
    for row in rows:
        if row.amount is not None:
            amounts.setdefault((row.state, row.currency), []).append(row.amount)
    order = [state.value for state in CaseState]
    ranked = sorted(amounts, key=lambda each: (order.index(each[0]), each[1] or ""))
    return tuple(CaseSum(*each, len(amounts[each]), sum(amounts[each], Decimal())) for each in ranked)
