"""The hours that waits are counted by in the queue, kept as the settings say; session first, nothing here commits.

A conversation is ranked deep within other work, by any process, so those hours stand in the store (`queue_rules`). The
timekeeper looks whether the settings say others by now, and whether time has passed for some who wait and not for
others; then everybody is ranked anew, so many in a transaction that nobody who takes the next waits long for it. What
was begun stands with the hours: whoever looks next goes on with it. Meanwhile the order is mixed, some as of the new
moment and others as of the one before; after that it is exact between those of one calendar, but for who was being
ranked just then by other work, until it settles.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import key_values, queue_rules, ranking, turns
from crm_store.calendars import Calendars
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation
from crm_store.queue_rules import HOURS_KEY, CountedHours
from crm_store.turns import Turn
from crm_store.working_hours import WorkingHours

log = structlog.get_logger(__name__)
AT_ONCE = 200
"""So many are ranked in one transaction."""
APART = timedelta(minutes=5)
"""While one calendar is open and another closed, so far may its people's waits be off beside the others'."""
OLDEST = timedelta(days=1)
"""No more time is to be counted for each who is ranked."""
SETTLED_AFTER = timedelta(seconds=10)
"""By then all work is committed that was begun under the hours before."""
CHANGED_AFTER = timedelta(minutes=1)
"""So long what one process kept stands against another's settings: those may not be read anew yet."""
DISPUTED_WITHIN = timedelta(minutes=10)
"""Who is overruled that soon has other settings, which somebody has to put right."""


async def are_due(session: AsyncSession, wanted: Calendars, *, now: datetime, by: str = "") -> bool:
    """Whether somebody has to be ranked anew for the hours; a look that takes no write lock."""
    return await _due(session, wanted, now, by) is not None


async def keep(session: AsyncSession, wanted: Calendars, *, now: datetime, by: str = "") -> bool:
    """Count waits by these hours, and rank the next `AT_ONCE` by them where that changes anything; whether it did.

    It is done with everybody once nothing `are_due`. `by` is the process whose settings these are: its own change
    counts at once, and what another kept a moment ago it lets stand for `CHANGED_AFTER`.
    """
    await turns.take(session, Turn.QUEUE_HOURS)
    kept = await queue_rules.counted_hours(session)
    found = await _due(session, wanted, now, by)
    if found is None:
        return False
    if _is_other(kept, found.calendars) and kept.by != by and now - kept.changed_at < DISPUTED_WITHIN:
        log.warning(
            "two processes count waits by different hours; give them the same settings", other=kept.by
        )
    # Ranked by what is kept, so that stands first.
    await key_values.keep(session, HOURS_KEY, found.written())
    ranked_to = await ranking.rank_some(session, after=found.ranked_to or 0, limit=AT_ONCE)
    await key_values.keep(session, HOURS_KEY, replace(found, ranked_to=ranked_to).written())
    return True


async def _due(session: AsyncSession, wanted: Calendars, now: datetime, by: str) -> CountedHours | None:
    """The hours to be kept and ranked by, from where it was left; None where everybody stands right."""
    kept = await queue_rules.counted_hours(session)
    if _is_other(kept, wanted) and not _is_held(kept, now, by):
        return CountedHours(wanted, now, now + SETTLED_AFTER, 0, now, by)
    if kept.ranked_to is not None:
        return kept
    if _is_other(kept, wanted) or not kept.is_readable:
        return None
    return await _refreshed(session, kept, now)


def _is_other(kept: CountedHours, wanted: Calendars) -> bool:
    if not kept.is_readable:
        return True
    return kept.calendars != wanted and not (kept.calendars.never_close and wanted.never_close)


def _is_held(kept: CountedHours, now: datetime, by: str) -> bool:
    """Whether another process kept these a moment ago; a moment that lies ahead is one of a clock set back."""
    return kept.by != by and kept.changed_at <= now < kept.changed_at + CHANGED_AFTER


async def _refreshed(session: AsyncSession, kept: CountedHours, now: datetime) -> CountedHours | None:
    """The same hours as of now, or to be ranked by once more; None where neither is needed."""
    hours = kept.calendars
    if not hours.never_close:
        # The moment lies ahead where the clock was set back.
        if not kept.as_of <= now < kept.as_of + OLDEST:
            return replace(kept, as_of=now, settles_at=now + SETTLED_AFTER, ranked_to=0)
        if _are_apart(hours.all_hours, kept.as_of, now):
            teams = await session.scalars(
                select(Conversation.team).where(Conversation.status == Status.QUEUED).distinct()
            )
            if _are_apart({hours.hours_of(team) for team in teams}, kept.as_of, now):
                # The next of these settles it; after the last of them it is done once.
                return replace(kept, as_of=now, settles_at=now + 2 * APART, ranked_to=0)
    if kept.settles_at is not None and now >= kept.settles_at:
        return replace(kept, settles_at=None, ranked_to=0)
    return None


def _are_apart(all_hours: Iterable[WorkingHours], since: datetime, now: datetime) -> bool:
    """Whether for some of these more time has passed than for others."""
    passed = [hours.open_time(since, now) for hours in all_hours]
    return bool(passed) and max(passed) - min(passed) >= APART
