"""Validity dates as files write them."""

from datetime import UTC, date, datetime


class BadMoment(ValueError):
    """The text is no ISO 8601 date or time."""


def moment_of(value: object) -> datetime | None:
    """The moment in UTC; a date alone means its first instant, a time without zone is UTC. Raises BadMoment."""
    if value is None:
        return None
    if isinstance(value, str):
        value = _from_iso(value)
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=UTC)
    if not isinstance(value, datetime):
        raise BadMoment(f"{value!r} is no date: write it like 2026-01-31 or 2026-01-31T09:00:00+00:00.")
    if value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise BadMoment(f"{value!s} lies outside the calendar: choose a date between 1 and 9999.") from None


def _from_iso(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadMoment(
            f"{text[:40]!r} is no date: write it like 2026-01-31 or 2026-01-31T09:00:00+00:00."
        ) from None
