"""The clock of a case: when it is due, and when its owner is warned. Pure.

It stands outside working hours, as all clocks do: a period of days counts those on which people are there. And it
stands while the customer's goods are awaited: who waited for them is not late.
"""

from datetime import datetime, timedelta

from crm_store.case_states import CaseKind, CaseState
from crm_store.targets import WARN_AT
from crm_store.working_hours import LOOKED_AHEAD, WorkingHours

AWAITS_CUSTOMER = frozenset({(CaseKind.RETURN, CaseState.APPROVED), (CaseKind.REPAIR, CaseState.APPROVED)})
"""The customer is to send the thing."""
_DAY = timedelta(days=1)
_STEP = LOOKED_AHEAD / 2


def due_after(start: datetime, days: int, hours: WorkingHours) -> datetime:
    """So many days with people later, at the same time of day, or when people are there next."""
    begun = hours.opens_at(start)
    if begun is None:  # nobody ever comes: no clock runs, but a case needs an end
        return start + days * _DAY
    local = begun.astimezone(hours.zone)
    day = local
    for _ in range(days):
        midnight = (day + _DAY).replace(hour=0, minute=0, second=0, microsecond=0)
        opening = hours.opens_at(midnight)
        if opening is None:
            return start + days * _DAY
        day = opening
    at = day.replace(hour=local.hour, minute=local.minute, second=local.second, microsecond=local.microsecond)
    return (hours.opens_at(at) or at).astimezone(start.tzinfo)


def warn_at(opened_at: datetime, due_at: datetime, days: int, hours: WorkingHours) -> datetime | None:
    """When a quarter of the period is left, of the kind's own or of a shorter one that was set; None for never."""
    length = hours.open_time(opened_at, due_at)
    usual = hours.open_time(opened_at, due_after(opened_at, days, hours))
    left = min(length, usual) * (1 - WARN_AT)
    # From not long before the deadline, since `hours` look ahead a year or so, and it may be many off.
    begin = max(opened_at, due_at - _STEP)
    while begin > opened_at and hours.open_time(begin, due_at) <= left:
        begin = max(opened_at, begin - _STEP)
    return hours.after(begin, hours.open_time(begin, due_at) - left)


def resumed(stood_since: datetime, due_at: datetime, now: datetime, hours: WorkingHours) -> datetime:
    """When a case is due whose clock stood since then and goes on now: as much time is left as was, if any was."""
    left = hours.open_time(stood_since, due_at)
    return (hours.after(now, left) or due_at + (now - stood_since)) if left else due_at
