"""How times, spans, amounts and names are written on the desk. Pure."""

import zlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from admin_api.desk.texts import Words
from crm_store.amounts import decimals_of
from crm_store.case_lateness import Dated, missed_at

TONES = 8
_MEGABYTE = 1024 * 1024
_MINUTE = timedelta(minutes=1)
_UNITS = (("days", 86_400), ("hours", 3600), ("minutes", 60))


def zone_of(name: str | None) -> tzinfo:
    """The time zone of this IANA name; UTC where it is missing or unknown."""
    try:
        return ZoneInfo(name) if name else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


@dataclass(frozen=True, slots=True)
class Formats:
    """The writing of values for one reader."""

    words: Words
    zone: tzinfo
    now: datetime

    def clock(self, at: datetime) -> str:
        """The time of day, such as 14:05."""
        return at.astimezone(self.zone).strftime("%H:%M")

    def day(self, at: datetime) -> str:
        """Today, yesterday, or the date."""
        there, here = at.astimezone(self.zone).date(), self.now.astimezone(self.zone).date()
        if there == here:
            return self.words("time.today")
        if there == here - timedelta(days=1):
            return self.words("time.yesterday")
        return there.isoformat()

    def moment(self, at: datetime) -> str:
        """Day and time of day."""
        return f"{self.day(at)} {self.clock(at)}"

    def ahead(self, at: datetime) -> str:
        """A time to come: the time of day where it is today, else with weekday and date."""
        there, here = at.astimezone(self.zone), self.now.astimezone(self.zone)
        if there.date() == here.date():
            return self.clock(at)
        weekday = self.words(f"time.weekday_{there.weekday()}")
        return f"{weekday} {there.date().isoformat()} {self.clock(at)}"

    def brief(self, at: datetime) -> str:
        """The time where it was today, else the day: for lists."""
        same_day = at.astimezone(self.zone).date() == self.now.astimezone(self.zone).date()
        return self.clock(at) if same_day else self.day(at)

    def since(self, at: datetime) -> str:
        """How long ago that was."""
        return self.wait(self.now - at)

    def wait(self, length: timedelta) -> str:
        """How long somebody has waited, from a minute on."""
        return self.span(length) if length >= _MINUTE else self.words("time.just_now")

    def span(self, length: timedelta | float | None) -> str:
        """A span (or a number of seconds) in its largest fitting unit; a dash for None."""
        if length is None:
            return "–"
        seconds = length.total_seconds() if isinstance(length, timedelta) else length
        for unit, size in _UNITS:
            if seconds >= size:
                return self.words(f"time.{unit}", n=int(seconds // size))
        return self.words("time.seconds", n=max(0, round(seconds)))

    def is_late(self, case: Dated) -> bool:
        """Whether the case's deadline is missed."""
        return missed_at(case, self.now) is not None

    def money(self, amount: Decimal, currency: str = "") -> str:
        """The amount with its currency's decimals."""
        return f"{amount:,.{decimals_of(currency)}f} {currency}".strip()

    def size(self, count: int) -> str:
        """So many bytes in kilobytes or megabytes."""
        unit, value = ("MB", count / _MEGABYTE) if count >= _MEGABYTE else ("KB", count / 1024)
        return f"{max(value, 0.1):.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"

    def share(self, value: float | None) -> str:
        """A share of 1 in per cent; a dash for None."""
        return "–" if value is None else f"{value:.0%}"


def sureness(confidence: float) -> str:
    """A confidence in per cent with a tenth; never all of a hundred, which no evidence gives."""
    return "> 99.9 %" if confidence > 0.999 else f"{confidence * 100:.1f} %"


def initials(name: str) -> str:
    """One or two letters to stand for somebody."""
    parts = name.split()
    if not parts:
        return "?"
    if len(parts) == 1 or not parts[0].isascii():
        return parts[0][0].upper()
    return (parts[0][0] + parts[-1][0]).upper()


def tone(name: str) -> int:
    """The colour of somebody's initials, 0 to TONES - 1: the same for a name always."""
    return zlib.crc32(name.encode(errors="replace")) % TONES
