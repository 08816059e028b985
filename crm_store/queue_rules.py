"""What the stored order of the queue is made by: the policy in force, and the hours that count, as they are kept.

Both are read from the store, in one look, each time somebody is ranked: every process ranks alike.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import Connection, bindparam, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import key_values, queue_policy
from crm_store.calendars import OPEN, Calendars
from crm_store.models.base import table_of
from crm_store.models.plumbing import KeyValue
from crm_store.queue_policies import Policy
from crm_store.queueing import Reason, Waiting
from crm_store.statements import Statement

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
    is_settled: bool = True
    """Whether who was being ranked by other hours meanwhile is ranked by these, too."""

    def counted(self, waiting: Waiting) -> Waiting:
        """The same with what its wait counts from."""
        if self.calendars.hours_of(waiting.skill).never_closes:
            return waiting
        begins_at = self.calendars.counted_from(waiting.skill, waiting.queued_at, self.as_of)
        return replace(waiting, counted_from=begins_at)

    def written(self) -> str:
        """As it is kept."""
        told = {"as_of": self.as_of.isoformat(), "is_settled": self.is_settled}
        return json.dumps({**told, "calendars": asdict(self.calendars)}, ensure_ascii=False)


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


def _hours(kept: str | None) -> CountedHours:
    if kept is None:
        return CountedHours()
    told = json.loads(kept)
    return CountedHours(
        Calendars(**told["calendars"]), datetime.fromisoformat(told["as_of"]), told["is_settled"]
    )


async def counted_hours(session: AsyncSession) -> CountedHours:
    """The hours that waits are counted by now."""
    return _hours(await key_values.known(session, HOURS_KEY))
