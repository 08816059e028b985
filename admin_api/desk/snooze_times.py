"""When a snoozed conversation may come back: times one is likely to mean, and a time as it was typed. Pure."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from crm_store.errors import InvalidValue

MORNING = time(9)
EVENING = time(18)
SOON = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Preset:
    """A time with the key of its name; `until` is how a form sends it."""

    key: str
    at: datetime

    @property
    def until(self) -> str:
        """The time as text."""
        return self.at.isoformat()


def presets(now: datetime, zone: tzinfo) -> list[Preset]:
    """What is offered now in the reader's zone, soonest first, each once; this evening only while it is ahead."""
    here = now.astimezone(zone)
    in_an_hour = (now + SOON).replace(second=0, microsecond=0)
    monday = here.date() + timedelta(days=7 - here.weekday())
    found = [
        Preset("hour", in_an_hour),
        Preset("three_hours", in_an_hour + timedelta(hours=2)),
        Preset("evening", datetime.combine(here.date(), EVENING, zone)),
        Preset("tomorrow", datetime.combine(here.date() + timedelta(days=1), MORNING, zone)),
        Preset("monday", datetime.combine(monday, MORNING, zone)),
    ]
    ahead = [preset for preset in found if preset.at > now and not _is_evening_too_near(preset, now)]
    return list({preset.at: preset for preset in reversed(ahead)}.values())[
        ::-1
    ]  # on Sundays tomorrow is Monday


def _is_evening_too_near(preset: Preset, now: datetime) -> bool:
    return preset.key == "evening" and preset.at < now + 2 * SOON


def typed_time(text: str, zone: tzinfo) -> datetime:
    """The time a form sent, meant in the reader's zone where it names none; raises InvalidValue."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise InvalidValue("write a date and a time, such as 2026-01-31T12:00", kind="no_time") from None
    if not 1900 <= at.year <= 2200:
        raise InvalidValue("this is no year to come back in", kind="no_time")
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
