"""How long customers waited for people, in the time that counts: never outside the hours in which somebody is there,
nor while the customer is waited for. The clocks are those of the promises (targets.py), so the two never disagree.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import parts, promises, service_reports
from crm_store.models.conversations import StatusChange
from crm_store.service_reports import needs_person, within
from crm_store.targets import Clock, Kind, clocks
from crm_store.working_hours import WorkingHours


class HumanTimes(NamedTuple):
    """One span for each time that somebody waited and was replied to, and that what was served was resolved."""

    first_responses: list[timedelta]
    resolutions: list[timedelta]
    unserved: int
    """How often it ended without that: the customer went, or it was closed without a word. That is nobody's time."""


async def measured(
    session: AsyncSession, start: datetime, end: datetime, hours_of: Callable[[str | None], WorkingHours]
) -> HumanTimes:
    """Of all that began to need a person in [start, end), whenever it ended; `hours_of` a team."""
    told = await _clocks(session, start, end)
    found = await service_reports.episodes(session, start, end)
    times = HumanTimes([], [], sum(one.ended_unserved for one in found))
    async for one in parts.of(found):
        hours = hours_of(one.team)
        ends = (
            (Kind.FIRST, one.first_reply_at if one.waited else None, times.first_responses),
            (Kind.RESOLUTION, None if one.ended_unserved else one.resolved_at, times.resolutions),
        )
        for kind, ended_at, spans in ends:
            clock = told.get((one.conversation_id, kind, one.started_at))
            if ended_at is not None and clock is not None:
                spans.append(_spent(clock, hours, ended_at))
    return times


def _spent(clock: Clock, hours: WorkingHours, until: datetime) -> timedelta:
    """What had counted by then; the clock may have run on, where a reply moved nothing."""
    runs = ((begin, min(end or until, until)) for begin, end in clock.runs if begin < until)
    return sum((hours.open_time(begin, end) for begin, end in runs), timedelta())


async def _clocks(
    session: AsyncSession, start: datetime, end: datetime
) -> dict[tuple[int, Kind, datetime], Clock]:
    """The clocks of every conversation that came to need a person in the range, by what they measure since when."""
    s = StatusChange
    needing = select(s.conversation_id).where(needs_person(s), within(s.changed_at, start, end))
    moves = await promises.moves_of(session, s.conversation_id.in_(needing), are_many=True)
    return {
        (conversation_id, clock.kind, clock.started_at): clock
        async for conversation_id, moved in parts.of(moves.items())
        for clock in clocks(moved)
    }
