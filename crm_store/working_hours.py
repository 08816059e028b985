"""When people are there: spans of local time by weekday, and the days they are not. Pure.

Whatever counts minutes for people (reminders, silent holders, promised replies) counts open ones only. A shift over
midnight belongs to the day it begins on: on a holiday it does not begin, and one that began before goes on into it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crm_store.errors import InvalidValue

MIDNIGHT = 1440
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LOOKED_AHEAD = timedelta(days=400)
"""A calendar without an opening within this is closed for good."""
_PART = re.compile(r"(?P<days>[a-z]{3}(?:\s*[-,]\s*[a-z]{3})*)\s+(?P<spans>\d.*)")
_SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_HOW = "write it like: mon-fri 09:00-12:30 13:30-18:00; sat 22:00-06:00"

Span = tuple[int, int]
"""Minutes of the day: from, and up to but not including; 24:00 is 1440, 06:00 of the next morning 1800."""


@dataclass(frozen=True, slots=True)
class WorkingHours:
    """Open at these spans; without any span always."""

    zone: ZoneInfo
    week: tuple[tuple[Span, ...], ...] = ()
    """Seven days from Monday; empty: always open, but for the holidays."""
    holidays: frozenset[date] = field(default_factory=frozenset)

    @property
    def never_closes(self) -> bool:
        """Whether people are there at every moment."""
        return not self.week and not self.holidays

    def is_open(self, at: datetime) -> bool:
        """Whether people are there at this moment."""
        return any(begin <= at < end for begin, end in self._openings(at, at))

    def opens_at(self, at: datetime) -> datetime | None:
        """`at` itself when open, else the next opening; None when there is none within 400 days."""
        for begin, end in self._openings(at, at + LOOKED_AHEAD):
            if at < end:
                return max(at, begin)
        return None

    def open_time(self, start: datetime, end: datetime) -> timedelta:
        """How much of the time between the two people were there."""
        parts = (min(end, until) - max(start, begin) for begin, until in self._openings(start, end))
        return sum((part for part in parts if part > timedelta()), timedelta())

    def after(self, start: datetime, length: timedelta) -> datetime | None:
        """When so much open time will have passed since `start`; None when that is not within 400 days."""
        left = length
        for begin, end in self._openings(start, start + LOOKED_AHEAD):
            begin = max(begin, start)
            if end - begin >= left > timedelta():
                return begin + left
            left -= max(end - begin, timedelta())
        return None

    def _openings(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """The spans that may touch the time between the two, in order, in the zone of `start`."""
        if self.never_closes:
            yield start, max(end, start) + LOOKED_AHEAD
            return
        day = start.astimezone(self.zone).date() - timedelta(days=1)
        last = end.astimezone(self.zone).date()
        while day <= last:
            for begin, until in self._spans(day):
                yield self._moment(day, begin, start), self._moment(day, until, start)
            day += timedelta(days=1)

    def _spans(self, day: date) -> tuple[Span, ...]:
        if day in self.holidays:
            return ()
        return self.week[day.weekday()] if self.week else ((0, 1440),)

    def _moment(self, day: date, minute: int, like: datetime) -> datetime:
        """That minute of the local day; where clocks are put forward over it, the moment they are."""
        day += timedelta(days=minute // 1440)
        local = datetime.combine(day, time(minute % 1440 // 60, minute % 60), self.zone)
        return local.astimezone(like.tzinfo)


ALWAYS = WorkingHours(ZoneInfo("UTC"))


@lru_cache(maxsize=256)
def parse(hours: str, zone: str, holidays: str) -> WorkingHours:
    """From "mon-fri 09:00-18:00; sat 22:00-06:00", a zone's name and dates by commas; raises InvalidValue."""
    try:
        where = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidValue(f"there is no time zone '{zone}'; write it like Europe/Berlin") from None
    days: list[list[Span]] = [[] for _ in DAYS]
    parts = [part.strip().lower() for part in hours.split(";") if part.strip()]
    for part in parts:
        found = _PART.fullmatch(part)
        if found is None:
            raise InvalidValue(f"'{part}' names no working hours; {_HOW}")
        for day in _days(found["days"]):
            days[day] += _parse_spans(found["spans"])
    _refuse_overlaps(days, hours)
    return WorkingHours(
        where, tuple(map(tuple, days)) if parts else (), frozenset(day for day, _ in named_days(holidays))
    )


def _refuse_overlaps(days: list[list[Span]], hours: str) -> None:
    """No minute of the week twice; what is open after Sunday's midnight is Monday's."""
    week = [
        (n * 1440 + begin, n * 1440 + end) for n, spans in enumerate(days) for begin, end in sorted(spans)
    ]
    again = [(begin + 7 * 1440, end + 7 * 1440) for begin, end in week[:1]]
    for spans in days:
        spans.sort()
    if any(before[1] > after[0] for before, after in pairwise([*week, *again])):
        raise InvalidValue(f"two spans overlap in '{hours}'")


def _days(text: str) -> Iterator[int]:
    for each in text.split(","):
        names = [name.strip() for name in each.split("-")]
        if len(names) > 2 or not set(names) <= set(DAYS):
            raise InvalidValue(f"'{each.strip()}' names no days; use {', '.join(DAYS)}")
        first, last = DAYS.index(names[0]), DAYS.index(names[-1])
        yield from (day % 7 for day in range(first, last + 1 + (7 if last < first else 0)))


def _parse_spans(text: str) -> list[Span]:
    spans = []
    for each in re.split(r"[,\s]+", re.sub(r"\s*-\s*", "-", text.strip())):
        found = _SPAN.fullmatch(each)
        if found is None:
            raise InvalidValue(f"'{each}' is no span of time; {_HOW}")
        begin, end = (int(found[n]) * 60 + int(found[n + 1]) for n in (1, 3))
        if begin == end or max(begin, end) > 1440 or int(found[2]) > 59 or int(found[4]) > 59:
            raise InvalidValue(f"'{each}' is no span of time (00:00-24:00)")
        spans.append((begin, end if end > begin else end + 1440))
    return spans


def named_days(text: str) -> Iterator[tuple[date, str]]:
    """The dates of "2026-12-25 Christmas, 2026-12-26", each with its name, which may be empty; raises InvalidValue."""
    for each in filter(None, (part.strip() for part in text.split(","))):
        day, _, name = each.partition(" ")
        try:
            yield date.fromisoformat(day), name.strip()
        except ValueError:
            raise InvalidValue(
                f"'{each}' is no date; write holidays like 2026-12-25 Christmas, 2026-12-26"
            ) from None
