"""Whether a case is late is the same in a query as of a row that was read."""

from datetime import UTC, datetime, timedelta
from itertools import product

from sqlalchemy import select

from crm_store import case_lateness
from crm_store.engine import Store
from crm_store.models.casework import ServiceCase
from tests.admin_world import visitor

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
MOMENTS = (None, *(NOW + timedelta(hours=step) for step in (-2, -1, 0, 1)))
"""Each of due, standing since and closed; those that never come together do no harm."""


async def test_queries_and_rows_agree(store: Store) -> None:
    customer_id = await visitor(store, NOW)
    async with store.write() as session:
        for number, (due_at, stood_since, closed_at) in enumerate(product(MOMENTS, repeat=3)):
            case = ServiceCase(
                number=f"REF-{number}", kind="refund", state="requested", customer_id=customer_id,
                due_at=due_at, stood_since=stood_since, closed_at=closed_at, created_at=NOW, updated_at=NOW,
            )  # fmt: skip
            session.add(case)
    async with store.read() as session:
        rows = list(await session.scalars(select(ServiceCase)))
        found = set(await session.scalars(select(ServiceCase.id).where(case_lateness.is_overdue(NOW))))
    still = [row for row in rows if row.closed_at is None]
    assert found == {row.id for row in still if case_lateness.missed_at(row, NOW)}
    running = {row.due_at for row in still if row.id in found and row.stood_since is None}
    assert running == set(MOMENTS[1:3]), "late from its deadline on, not at it"


def test_a_closed_case_missed_its_deadline_or_kept_it() -> None:
    due = NOW - timedelta(hours=1)
    late = ServiceCase(due_at=due, stood_since=None, closed_at=NOW)
    kept = ServiceCase(due_at=due, stood_since=None, closed_at=due)
    assert [case_lateness.missed_at(case, NOW) for case in (late, kept)] == [due, None]
