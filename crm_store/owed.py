"""What staff owe customers at this moment: promised replies and resolutions that are due soon, or overdue.

The clocks are read anew from the changes of holder: what is written down of a promise is older than the last reply.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import promises
from crm_store.models.conversations import Conversation, Promise
from crm_store.settings import StoreSettings
from crm_store.targets import WARN_AT, Clock
from crm_store.working_hours import WorkingHours

LOOKED_AT = 1000
"""So many broken promises are looked at for those that no reply has settled since."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A promise whose end is near, or past."""

    promise: Promise
    due_at: datetime
    left: timedelta
    """Of the promised length, as its clock counts: not outside working hours, nor while the customer is waited for.
    Negative by how much it is overdue."""

    @property
    def is_overdue(self) -> bool:
        """Whether the whole length has passed."""
        return self.left <= timedelta()


async def of(
    session: AsyncSession, conversations: Sequence[Conversation], *, now: datetime, settings: StoreSettings
) -> dict[int, tuple[Owed, ...]]:
    """By conversation what is owed there, the most urgent first; who is owed nothing urgent is left out.

    Nothing is once the targets are switched off, whatever is written down of what they promised before.
    """
    if not conversations or not settings.targets.rules:
        return {}
    query = select(Promise).where(
        Promise.conversation_id.in_([one.id for one in conversations]), Promise.ended_at.is_(None)
    )
    rows = list(await session.scalars(query.order_by(Promise.id)))
    if not rows:
        return {}
    started = await promises.clocks_of(session, {row.conversation_id for row in rows})
    hours = {one.id: settings.hours_of(one.team) for one in conversations}
    running = {number: _by_start(some) for number, some in started.items()}
    found: dict[int, list[Owed]] = {}
    for row in rows:
        clock = running.get(row.conversation_id, {}).get((row.kind, row.started_at))
        owed = None if clock is None else standing(row, clock, hours[row.conversation_id], now)
        if owed is not None:
            found.setdefault(row.conversation_id, []).append(owed)
    return {number: tuple(sorted(some, key=lambda one: one.left)) for number, some in found.items()}


def standing(promise: Promise, clock: Clock, hours: WorkingHours, now: datetime) -> Owed | None:
    """The promise if its end is near or past; None with time left, while the clock stands still, or once kept."""
    length = timedelta(seconds=promise.target_s)
    due_at, warn_at = clock.reaches(length, hours), clock.reaches(length * WARN_AT, hours)
    if clock.ended_at is not None or due_at is None or warn_at is None or warn_at > now:
        return None
    return Owed(promise, due_at, length - clock.spent(hours, now))


async def overdue(
    session: AsyncSession, *, now: datetime, settings: StoreSettings, limit: int = 100
) -> list[tuple[Conversation, Owed]]:
    """What is overdue and still owed, the longest first."""
    ids = {row.conversation_id for row in await promises.overdue(session, limit=LOOKED_AT)}
    late = list(await session.scalars(select(Conversation).where(Conversation.id.in_(ids))))
    by_id = {one.id: one for one in late}
    found = await of(session, late, now=now, settings=settings)
    all_late = [(by_id[number], one) for number, some in found.items() for one in some if one.is_overdue]
    return sorted(all_late, key=lambda pair: pair[1].left)[:limit]


def _by_start(started: Iterable[Clock]) -> dict[tuple[str, datetime], Clock]:
    return {(clock.kind.value, clock.started_at): clock for clock in started}
