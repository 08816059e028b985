"""Response targets: which length is promised to whom, and how the clocks run. Pure.

    first 30m, next 1h, resolution 2d; priority 2: first 10m; segment Champions: first 15m, resolution 1d

Rules by semicolons; one without a condition is for everybody. A rule for a priority is for all of that priority or
higher. Of several that apply, the shortest length counts. Clocks stand still outside working hours, while the customer
is waited for, and while the conversation is snoozed.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from crm_store.errors import InvalidValue
from crm_store.lifecycle import Change, Status
from crm_store.working_hours import WorkingHours

WARN_AT = 0.75
"""Warned when so much of a length has passed."""
_HOW = "write it like: first 30m, next 1h, resolution 2d; priority 2: first 10m; segment Champions: first 15m"
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_LENGTH = re.compile(r"(first|next|resolution)\s+([1-9][0-9]{0,4})\s*([mhd])")
_CONDITION = re.compile(r"priority\s+(-?[0-3])|segment\s+(.{1,64})")


class Kind(StrEnum):
    """What is promised."""

    FIRST = "first"
    NEXT = "next"
    RESOLUTION = "resolution"


@dataclass(frozen=True, slots=True)
class Rule:
    """Lengths for those it is about; without priority and segment for everybody."""

    lengths: Mapping[Kind, timedelta]
    priority: int | None = None
    segment: str | None = None

    def applies(self, priority: int, segment: str | None) -> bool:
        """Whether it is about such a conversation."""
        if self.segment is not None:
            return segment is not None and self.segment.casefold() == segment.casefold()
        return self.priority is None or priority >= self.priority


@dataclass(frozen=True, slots=True)
class Targets:
    """All rules."""

    rules: tuple[Rule, ...] = ()

    def of(self, priority: int, segment: str | None) -> dict[Kind, timedelta]:
        """What is promised to such a conversation."""
        found: dict[Kind, timedelta] = {}
        for rule in self.rules:
            if rule.applies(priority, segment):
                for kind, length in rule.lengths.items():
                    found[kind] = min(length, found.get(kind, length))
        return found


@lru_cache(maxsize=64)
def parse_targets(text: str) -> Targets:
    """The rules; raises InvalidValue saying how to write them."""
    return Targets(tuple(_rule(part.strip()) for part in text.split(";") if part.strip()))


def _rule(part: str) -> Rule:
    condition, colon, lengths = part.rpartition(":")
    found = _CONDITION.fullmatch(condition.strip()) if colon else None
    if colon and found is None:
        raise InvalidValue(f"'{condition.strip()}' names no priority (-2 to 3) or segment; {_HOW}")
    told: dict[Kind, timedelta] = {}
    for each in lengths.split(","):
        length = _LENGTH.fullmatch(each.strip())
        if length is None:
            raise InvalidValue(f"'{each.strip()}' is no target; {_HOW}")
        told[Kind(length[1])] = int(length[2]) * _UNITS[length[3]]
    if found is None:
        return Rule(told)
    return Rule(told, int(found[1]) if found[1] else None, found[2].strip() if found[2] else None)


@dataclass(frozen=True, slots=True)
class Moved:
    """A change of holder, as it was written down."""

    change: str
    before: str
    after: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise's clock."""

    kind: Kind
    started_at: datetime
    runs: tuple[tuple[datetime, datetime | None], ...]
    """From and to; the last has no end while it runs."""
    ended_at: datetime | None = None
    is_void: bool = False
    """It ended without an answer being owed any more: the customer went."""

    def spent(self, hours: WorkingHours, now: datetime) -> timedelta:
        """How much time has counted."""
        return sum((hours.open_time(begin, end or now) for begin, end in self.runs), timedelta())

    def reaches(self, length: timedelta, hours: WorkingHours) -> datetime | None:
        """When so much has counted; None while it stands still before that, or ended before."""
        left = length
        for begin, end in self.runs:
            run = None if end is None else hours.open_time(begin, end)
            if run is None or run >= left:
                return hours.after(begin, left)
            left -= run
        return None

    def _halted(self, at: datetime) -> "Clock":
        *before, (begin, end) = self.runs
        return replace(self, runs=(*before, (begin, end or at)))

    def _resumed(self, at: datetime) -> "Clock":
        return self if self.runs[-1][1] is None else replace(self, runs=(*self.runs, (at, None)))

    def _ended(self, at: datetime, *, is_void: bool = False) -> "Clock":
        return replace(self._halted(at), ended_at=at, is_void=is_void)

    def moved(self, move: Moved) -> "Clock":
        """After this change of holder."""
        if self.ended_at is not None:
            return self
        if move.after in (Status.RESOLVED, Status.BOT):
            return self._ended(move.at, is_void=move.change in (Change.CANCEL, Change.EXPIRE))
        if move.change == Change.REPLY and self.kind is not Kind.RESOLUTION:
            return self._ended(move.at)
        stands = move.after in (Status.WAITING_CUSTOMER, Status.SNOOZED)
        return self._halted(move.at) if stands else self._resumed(move.at)


@dataclass
class _Tale:
    clocks: list[Clock] = field(default_factory=list)
    before_reply: list[Clock] = field(default_factory=list)

    def tell(self, move: Moved) -> None:
        """What the next change does to the clocks, and which clocks it starts."""
        if move.change == Change.TAKE_BACK:  # the reply was never sent
            self.clocks = [
                clock._resumed(move.at) if clock.ended_at is None else clock for clock in self.before_reply
            ]
            return
        if move.change == Change.REPLY:
            self.before_reply = list(self.clocks)
        self.clocks = [clock.moved(move) for clock in self.clocks]
        begins = move.before in (Status.BOT, Status.RESOLVED) and move.after in (
            Status.QUEUED,
            Status.ASSIGNED,
        )
        if begins and move.after == Status.QUEUED:
            self.clocks.append(Clock(Kind.FIRST, move.at, ((move.at, None),)))
        if begins:
            self.clocks.append(Clock(Kind.RESOLUTION, move.at, ((move.at, None),)))
        elif move.change == Change.CUSTOMER_SAYS and move.before == Status.WAITING_CUSTOMER:
            self.clocks.append(Clock(Kind.NEXT, move.at, ((move.at, None),)))


def clocks(moves: Iterable[Moved]) -> list[Clock]:
    """Every clock that these changes started, in their order; the moves of one conversation, the oldest first."""
    tale = _Tale()
    for move in moves:
        tale.tell(move)
    return tale.clocks
