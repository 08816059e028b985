"""The form of a calendar: what stands in it, what was typed, and what is wrong with that, field by field. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise, zip_longest
from typing import Literal
from zoneinfo import available_timezones

from crm_store.errors import InvalidValue
from crm_store.hours_text import (
    LONGEST_NAME,
    MOST_HOLIDAYS,
    MOST_SPANS,
    clock_text,
    holidays_text,
    week_text,
)
from crm_store.working_hours import DAYS, MIDNIGHT, Span, named_days, parse

Kind = Literal["same", "always", "week"]
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::00)?")
_WEEK = 7 * MIDNIGHT

Fields = Mapping[str, Sequence[str]]
"""What a form brings: the values of each name, in their order."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar as the form shows it; texts as they were typed."""

    zone: str
    """Empty: as for everybody."""
    kind: Kind
    days: tuple[tuple[tuple[str, str], ...], ...]
    """By weekday from Monday, the spans: from, to."""
    own_holidays: bool
    holidays: tuple[tuple[str, str], ...]
    """Date and name."""
    wrong: Mapping[str, str] = field(default_factory=dict)
    """By field ('zone', 'mon' ... 'sun', 'week', 'holidays') the name of what is wrong there."""


@dataclass(frozen=True, slots=True)
class Written:
    """The same as the settings hold it; None: as for everybody."""

    hours: str | None
    zone: str | None
    holidays: str | None


def zones(chosen: str) -> list[str]:
    """The time zones to choose from, by continent and city; the one chosen among them."""
    known = {
        name
        for name in available_timezones()
        if "/" in name and not name.startswith(("Etc/", "posix/", "right/"))
    }
    return ["UTC", *sorted({*known, *([chosen] if chosen else [])} - {"UTC"})]


def shown(hours: str | None, zone: str | None, holidays: str | None) -> Calendar:
    """The form filled with a calendar as the settings hold it; None: as for everybody."""
    read = parse(hours or "", "UTC", "")
    days = tuple(tuple((clock_text(begin), _to(end)) for begin, end in spans) for spans in read.week)
    kind: Kind = "same" if hours is None else "week" if read.week else "always"
    named = tuple((day.isoformat(), name) for day, name in sorted(named_days(holidays or "")))
    return Calendar(zone or "", kind, days or ((),) * len(DAYS), holidays is not None, named)


def _to(end: int) -> str:
    """A field for times knows no 24:00."""
    return clock_text(end % MIDNIGHT)


def typed(fields: Fields) -> Calendar:
    """What the form brings; rows left empty are left out."""
    [kind] = [one for one in _texts(fields, "hours")[:1] if one in ("same", "week")] or ["always"]
    days = tuple(tuple(_rows(fields, f"{day}_from", f"{day}_to")) for day in DAYS)
    return Calendar(
        "".join(_texts(fields, "zone")[:1]),
        "same" if kind == "same" else "week" if kind == "week" else "always",
        days,
        _texts(fields, "own_holidays")[:1] != ["no"],
        tuple(_rows(fields, "holiday_date", "holiday_name")),
    )


def _texts(fields: Fields, name: str) -> list[str]:
    return [one.strip() for one in fields.get(name, ())]


def _rows(fields: Fields, first: str, second: str) -> Iterator[tuple[str, str]]:
    for row in zip_longest(_texts(fields, first), _texts(fields, second), fillvalue=""):
        if any(row):
            yield row


def checked(form: Calendar, *, is_team: bool) -> tuple[Written, dict[str, str]]:
    """What the settings are to hold, and what is wrong, by field; with anything wrong, nothing of it counts."""
    wrong: dict[str, str] = {}
    hours = (
        _week(form, wrong) if form.kind == "week" else "" if form.kind == "always" or not is_team else None
    )
    holidays = _holidays(form, wrong) if form.own_holidays or not is_team else None
    if form.zone or not is_team:
        try:
            parse("", form.zone, "")
        except InvalidValue:
            wrong["zone"] = "zone"
    return Written(hours, form.zone if form.zone or not is_team else None, holidays), wrong


def _week(form: Calendar, wrong: dict[str, str]) -> str:
    week: list[list[Span]] = []
    for day, rows in zip(DAYS, form.days, strict=True):
        spans: list[Span] = []
        for row in rows:
            found = _span(*row)
            if isinstance(found, str):
                wrong.setdefault(day, found)
            else:
                spans.append(found)
        if len(rows) > MOST_SPANS:
            wrong.setdefault(day, "many_spans")
        week.append(sorted(spans))
    if not any(form.days):
        wrong["week"] = "no_span"
    for day in _overlapping(week):
        wrong.setdefault(day, "overlap")
    return week_text(week)


def _span(begin: str, end: str) -> Span | str:
    """The span, or what is wrong with it."""
    if not begin or not end:
        return "half"
    times = [_minute(begin), _minute(end)]
    if None in times:
        return "time"
    start, stop = (minute or 0 for minute in times)
    if start == MIDNIGHT or (start == stop and start):
        return "empty"
    return start, stop if stop > start else stop + MIDNIGHT


def _minute(text: str) -> int | None:
    found = _CLOCK.fullmatch(text)
    if found is None or int(found[2]) > 59:
        return None
    minute = int(found[1]) * 60 + int(found[2])
    return minute if minute <= MIDNIGHT else None


def _overlapping(week: Sequence[Sequence[Span]]) -> Iterator[str]:
    """The days of which a span begins before the one before it has ended; Sunday's night reaches into Monday."""
    spans = [(n * MIDNIGHT + a, n * MIDNIGHT + b, day) for n, day in enumerate(DAYS) for a, b in week[n]]
    again = [(a + _WEEK, b + _WEEK, day) for a, b, day in spans[:1]]
    for before, after in pairwise([*spans, *again]):
        if before[1] > after[0]:
            yield after[2]


def _holidays(form: Calendar, wrong: dict[str, str]) -> str:
    found: dict[date, str] = {}
    for written, name in form.holidays:
        try:
            day = date.fromisoformat(written)
        except ValueError:
            wrong.setdefault("holidays", "date")
            continue
        if day in found:
            wrong.setdefault("holidays", "twice")
        if "," in name or len(name) > LONGEST_NAME:
            wrong.setdefault("holidays", "name")
        found[day] = name
    if len(found) > MOST_HOLIDAYS:
        wrong.setdefault("holidays", "many")
    return holidays_text(found.items())
