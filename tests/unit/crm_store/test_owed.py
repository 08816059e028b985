"""What of a promise is owed at a moment, by its clock."""

from datetime import UTC, datetime, timedelta

import pytest

from crm_store.lifecycle import Change, Status, next_status
from crm_store.models.conversations import Promise
from crm_store.owed import standing
from crm_store.targets import Moved, clocks
from crm_store.working_hours import ALWAYS

NINE = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ASKED, TOOK = (0, Change.HANDOFF), (1, Change.TAKE)


def minute(after: float) -> datetime:
    return NINE + timedelta(minutes=after)


@pytest.mark.parametrize(
    ("kind", "minutes_promised", "then", "at", "told"),
    [
        ("first", 20, (), 14.9, None),
        ("first", 20, (), 15, (20, False)),
        ("first", 20, (), 20, (20, True)),
        ("first", 20, ((16, Change.REPLY),), 17, None),
        ("first", 20, ((25, Change.REPLY),), 26, None),
        ("resolution", 60, ((30, Change.REPLY),), 500, None),
        ("resolution", 60, ((30, Change.REPLY), (100, Change.CUSTOMER_SAYS)), 116, (130, False)),
        ("resolution", 60, ((70, Change.REPLY),), 500, (60, True)),
    ],
)
def test_what_is_owed_follows_the_clock(
    kind: str,
    minutes_promised: int,
    then: tuple[tuple[float, Change], ...],
    at: float,
    told: tuple[float, bool] | None,
) -> None:
    status, moves = Status.BOT, []
    for after, change in (ASKED, TOOK, *then):
        moves.append(Moved(change, status, next_status(status, change), minute(after)))
        status = next_status(status, change)
    [clock] = [one for one in clocks(moves) if one.kind == kind]
    promise = Promise(conversation_id=1, kind=kind, started_at=NINE, target_s=minutes_promised * 60)
    found = standing(promise, clock, ALWAYS, minute(at))
    assert (found and (found.due_at, found.is_overdue)) == (told and (minute(told[0]), told[1]))
