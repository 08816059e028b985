"""Response targets: which length is promised to whom, and how the clocks run. Pure.

    first 30m, next 1h, resolution 2d; priority 2: first 10m; segment Champions: first 15m, resolution 1d

Rules by semicolons; one without a condition is for everybody. A rule for a priority is for all of that priority or
higher. Of several that apply, the shortest length counts. Clocks stand still outside working hours, while the customer
is waited for, and while the conversation is snoozed.
"""

import re
from collections import deque
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
UNDONE = "undone"
"""The reason of a change that undoes an act on many."""
CAME_TO_NOTHING = "undelivered"
"""The reason of a reply that did not reach the customer, and of what relied on it."""
MOVED_OUT = "moved_out"
"""The reason of a reply that stands in another conversation, since a merge was taken apart."""
_UNDOES = {
    (Change.SNOOZE, Change.WAKE),
    (Change.RESOLVE, Change.REOPEN),
    (Change.CUSTOMER_SAYS, Change.TAKEN_APART),
}
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

    def to_all(self) -> dict[Kind, timedelta]:
        """What is promised to everybody, whatever their labels."""
        of_all = tuple(rule for rule in self.rules if rule.priority is None and rule.segment is None)
        return Targets(of_all).of(0, None)


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
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """One promise's clock."""

    kind: Kind
    started_at: datetime
    runs: tuple[tuple[datetime, datetime | None], ...]
    """From and to; the last has no end while it runs."""
    ended_at: datetime | None = None
    is_void: bool = False
    """It ended without being kept by anybody: the customer went, or it was closed before a person had written."""

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

    def moved(self, move: Moved, *, was_served: bool) -> "Clock":
        """After this change of holder; `was_served`: a person had written in this case."""
        if self.ended_at is not None:
            return self
        if move.after in (Status.RESOLVED, Status.BOT):
            is_void = not was_served or move.change in (Change.CANCEL, Change.EXPIRE)
            return self._ended(move.at, is_void=is_void)
        if move.change == Change.REPLY and self.kind is not Kind.RESOLUTION:
            return self._ended(move.at)
        stands = move.after in (Status.WAITING_CUSTOMER, Status.SNOOZED)
        return self._halted(move.at) if stands else self._resumed(move.at)


@dataclass
class _Tale:
    clocks: list[Clock] = field(default_factory=list)
    status: str = Status.BOT
    has_replied: bool = False
    """Whether a person has written in this case: what the customer says then wants a next reply."""

    def tell(self, move: Moved) -> None:
        """What the next change does to the clocks, and which clocks it starts."""
        self.clocks = [clock.moved(move, was_served=self.has_replied) for clock in self.clocks]
        begins = move.before in (Status.BOT, Status.RESOLVED) and move.after in (
            Status.QUEUED,
            Status.ASSIGNED,
        )
        if begins and move.after == Status.QUEUED:
            self.clocks.append(Clock(Kind.FIRST, move.at, ((move.at, None),)))
        if begins:
            self.clocks.append(Clock(Kind.RESOLUTION, move.at, ((move.at, None),)))
        self.has_replied |= move.change == Change.REPLY
        self.has_replied &= move.after not in (Status.BOT, Status.RESOLVED)
        self.status = move.after
        if move.change == Change.CUSTOMER_SAYS:
            self.hear(move.at)

    def hear(self, at: datetime) -> None:
        """The customer writes to people: a reply is owed from now on, unless one is already."""
        is_owed = any(one.ended_at is None and one.kind is not Kind.RESOLUTION for one in self.clocks)
        if self.has_replied and not is_owed and self.status in (Status.QUEUED, Status.ASSIGNED):
            self.clocks.append(Clock(Kind.NEXT, at, ((at, None),)))


def _that_count(moves: Iterable[Moved]) -> list[Moved]:
    """Without replies that were taken back before they left, did not arrive, or stand elsewhere, and acts on many that
    were undone: they never were."""
    kept: list[Moved] = []
    for move in moves:
        if move.reason in (CAME_TO_NOTHING, MOVED_OUT):
            continue
        if move.change == Change.TAKE_BACK:
            replies = [n for n, one in enumerate(kept) if one.change == Change.REPLY]
            if replies:
                del kept[replies[-1]]
        elif move.reason == UNDONE and kept and _is_undoing(move, kept[-1]):
            kept.pop()
            move = replace(move, change=UNDONE, before=move.after)
        kept.append(move)
    return kept


def _is_undoing(move: Moved, act: Moved) -> bool:
    """Whether it takes away what the act did to the clocks: from the bot it began them."""
    return (act.change, move.change) in _UNDOES or act.before == Status.BOT


def clocks(moves: Iterable[Moved], said: Iterable[datetime] = ()) -> list[Clock]:
    """Every clock that one conversation's changes started, in their order; changes and customer's words oldest first.

    What is said counts where no change of holder tells of it: to a person who holds the conversation already.
    """
    tale, words = _Tale(), deque(said)
    for move in _that_count(moves):
        while words and words[0] <= move.at:
            tale.hear(words.popleft())
        tale.tell(move)
    for at in words:
        tale.hear(at)
    return tale.clocks
