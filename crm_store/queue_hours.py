"""The hours that waits are counted by in the queue, kept as the settings say; session first, nothing here commits.

A conversation is ranked deep within other work, by any process, so those hours stand in the store (`queue_rules`). The
timekeeper looks whether the settings say others by now, and whether time has passed for some who wait and not for
others; then everybody is ranked anew. Between those of one calendar the order is exact all the time.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import key_values, queue_rules, ranking, turns
from crm_store.calendars import Calendars
from crm_store.queue_rules import HOURS_KEY, CountedHours
from crm_store.turns import Turn

APART = timedelta(minutes=5)
"""While one calendar is open and another closed, so far may its people's waits be off beside the others'."""
OLDEST = timedelta(days=1)
"""No more time is to be counted for each who is ranked."""
SETTLED_AFTER = timedelta(seconds=10)
"""By then all work is committed that was begun under the hours before."""


async def are_due(session: AsyncSession, wanted: Calendars, *, now: datetime) -> bool:
    """Whether the queue has to be ranked anew for its hours; a look that takes no write lock."""
    return _as_due(await queue_rules.counted_hours(session), wanted, now) is not None


async def keep(session: AsyncSession, wanted: Calendars, *, now: datetime) -> bool:
    """Count waits by these hours, and rank everybody by them where that changes anything; whether it did."""
    await turns.take(session, Turn.QUEUE_HOURS)
    found = _as_due(await queue_rules.counted_hours(session), wanted, now)
    if found is None:
        return False
    await key_values.keep(session, HOURS_KEY, found.written())
    await ranking.rank_all(session)
    return True


def _as_due(kept: CountedHours, wanted: Calendars, now: datetime) -> CountedHours | None:
    """The hours to be kept instead of these; None where they are right still."""
    anew = CountedHours(wanted, now, is_settled=False)
    if kept.calendars != wanted:
        return None if kept.calendars.never_close and wanted.never_close else anew
    is_settling = not kept.is_settled and now >= kept.as_of + SETTLED_AFTER
    settled = replace(kept, is_settled=True) if is_settling else None
    if wanted.never_close:
        return settled
    passed = [hours.open_time(kept.as_of, now) for hours in wanted.all_hours]
    is_off = max(passed) - min(passed) >= APART
    # The moment lies ahead where the clock was set back.
    return anew if is_off or not kept.as_of <= now < kept.as_of + OLDEST else settled
