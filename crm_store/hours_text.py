"""Calendars as the settings write them, made of what a form gives. Pure; `working_hours.parse` reads them again."""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import groupby

from crm_store.working_hours import DAYS, MIDNIGHT, Span

MOST_SPANS = 10
"""A day has in a form."""
MOST_HOLIDAYS, LONGEST_NAME = 200, 60
LONGEST_WEEK = 1000
"""Characters: a week of days of MOST_SPANS, no two of them alike, fits in."""
LONGEST_HOLIDAYS = MOST_HOLIDAYS * len("2026-12-25 , ") + MOST_HOLIDAYS * LONGEST_NAME
MOST_TEAMS = 100
"""May keep something of their own."""


def week_text(week: Sequence[Sequence[Span]]) -> str:
    """Seven days of spans as text, days alike together: "mon-fri 09:00-17:00; sat 10:00-14:00"; closed days are left
    out."""
    parts = []
    for spans, days in groupby(range(len(DAYS)), key=lambda day: tuple(week[day])):
        names = [DAYS[day] for day in days]
        if spans:
            which = names[0] if len(names) == 1 else f"{names[0]}-{names[-1]}"
            parts.append(f"{which} {' '.join(span_text(span) for span in spans)}")
    return "; ".join(parts)


def span_text(span: Span) -> str:
    """As 09:00-17:00; over midnight as 22:00-06:00."""
    begin, end = span
    return f"{clock_text(begin)}-{clock_text(end)}"


def clock_text(minute: int) -> str:
    """A minute of the day as 09:05; the end of the day is 24:00, what is after it the next morning's time."""
    shown = minute if minute <= MIDNIGHT else minute - MIDNIGHT
    return f"{shown // 60:02}:{shown % 60:02}"


def holidays_text(days: Iterable[tuple[date, str]]) -> str:
    """Dates, with their names where they have any, in their order: "2026-12-25 Christmas, 2026-12-26"."""
    return ", ".join(f"{day.isoformat()} {name}".strip() for day, name in sorted(days))
