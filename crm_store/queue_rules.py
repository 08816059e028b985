"""What the stored order of the queue is made by: the policy in force, and the hours that count, as they are kept.

Both are read from the store, in one look, each time somebody is ranked: every process ranks alike.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import structlog
from sqlalchemy import Connection, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import key_values, queue_policy
from crm_store.calendars import OPEN, Calendars
from crm_store.errors import InvalidValue
from crm_store.models.base import table_of
from crm_store.models.plumbing import KeyValue
from crm_store.queue_policies import Policy
from crm_store.queueing import Reason, Waiting
from crm_store.statements import Statement

log = structlog.get_logger(__name__)
_NEVER = datetime.min.replace(tzinfo=UTC)
HOURS_KEY = "queue_hours"
_KV = table_of(KeyValue).c
_READ = Statement(
    lambda _: select(_KV.key, _KV.value).where(
        or_(_KV.key == bindparam("policy"), _KV.key == bindparam("hours"))
    )
)


@dataclass(frozen=True, slots=True)
class CountedHours:
    """The hours that waits are counted by, and the moment as of which everybody was ranked by them."""

    calendars: Calendars = OPEN
    as_of: datetime = _NEVER
    settles_at: datetime | None = None
    """When everybody is ranked by them once more, for who was ranked as before meanwhile; None: that is done."""
    ranked_to: int | None = None
    """Up to this conversation everybody is ranked as of that moment, the rest still as before; None: all are."""
    changed_at: datetime = _NEVER
    """Since when these calendars count."""
    by: str = ""
    """The process whose settings say so."""
    is_readable: bool = True
    """False: something else is kept, which this process cannot read; it counts every minute instead."""

    def counted(self, waiting: Waiting) -> Waiting:
        """The same with what its wait counts from."""
        if self.calendars.hours_of(waiting.skill).never_closes:
            return waiting
        begins_at = self.calendars.counted_from(waiting.skill, waiting.queued_at, self.as_of)
        return replace(waiting, counted_from=begins_at)

    def written(self) -> str:
        """As it is kept."""
        told = {
            "as_of": self.as_of.isoformat(),
            "settles_at": self.settles_at.isoformat() if self.settles_at else None,
            "ranked_to": self.ranked_to,
            "changed_at": self.changed_at.isoformat(),
            "by": self.by,
            "calendars": asdict(self.calendars),
        }
        return json.dumps(told, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class QueueRules:
    """Both."""

    policy: Policy
    hours: CountedHours

    def ranked(self, waiting: Waiting) -> tuple[datetime, tuple[Reason, ...]]:
        """What the queue is ordered by, the earliest first, and why."""
        return self.policy.ranked(self.hours.counted(waiting))


def read(connection: Connection) -> QueueRules:
    """As they are kept now."""
    rows = _READ.rows(connection, {"policy": queue_policy.KEY, "hours": HOURS_KEY})
    kept: Mapping[str, str] = dict(map(tuple, rows))
    policy = queue_policy.as_kept(kept.get(queue_policy.KEY)).policy
    return QueueRules(policy, _hours(kept.get(HOURS_KEY)))


# One text is read again and again; that it cannot be read is logged once.
@lru_cache(maxsize=8)
def _hours(kept: str | None) -> CountedHours:
    if kept is None:
        return CountedHours()
    told: dict[str, Any] = {}
    try:
        told = json.loads(kept)
        calendars = Calendars(**told["calendars"])
        _ = calendars.all_hours  # raises where a part cannot be understood
        settles_at = told.get("settles_at")
        return CountedHours(
            calendars,
            datetime.fromisoformat(told["as_of"]),
            datetime.fromisoformat(settles_at) if settles_at else None,
            told.get("ranked_to"),
            *_changed(told),
        )
    except (InvalidValue, ValueError, TypeError, KeyError, AttributeError) as error:
        log.error(
            "the kept hours of the queue cannot be read; every minute of a wait counts", why=repr(error)
        )
        return CountedHours(OPEN, _NEVER, None, None, *_changed(told), is_readable=False)


def _changed(told: Any) -> tuple[datetime, str]:
    """Since when, and by whom; told by what is unreadable otherwise, too, so that two do not fight over it."""
    try:
        return datetime.fromisoformat(told["changed_at"]), str(told["by"])
    except (ValueError, TypeError, KeyError):
        return _NEVER, ""


async def counted_hours(session: AsyncSession) -> CountedHours:
    """The hours that waits are counted by now."""
    return _hours(await key_values.known(session, HOURS_KEY))
