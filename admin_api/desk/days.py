"""Days as a reader means them, and the moments they begin and end at. Pure."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo

_DATE_LENGTH = len("2026-01-31")
_A_DAY = timedelta(days=1)
_YEARS = range(1900, 2200)


def begins(text: str, zone: tzinfo) -> datetime:
    """When the day begins in this zone, or the moment the text tells; raises ValueError."""
    return _moment(text, zone, timedelta(0))


def is_over(text: str, zone: tzinfo) -> datetime:
    """The first moment after the day in this zone, or the moment the text tells; raises ValueError."""
    return _moment(text, zone, _A_DAY)


def _moment(text: str, zone: tzinfo, after: timedelta) -> datetime:
    if len(text) == _DATE_LENGTH:
        day = date.fromisoformat(text)
        at = datetime.combine(day + after if day.year in _YEARS else day, time(), zone)
    else:
        at = datetime.fromisoformat(text)
    if at.year not in _YEARS:
        raise ValueError("far from any day that a shop is open")
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def first_day(since: datetime | None, zone: tzinfo) -> str:
    """The day a time beginning then begins on, as a date field takes it; empty for None."""
    return since.astimezone(zone).date().isoformat() if since else ""


def last_day(until: datetime | None, zone: tzinfo) -> str:
    """The last day of a time that is over then; empty for None."""
    return first_day(until - timedelta(microseconds=1) if until else None, zone)
