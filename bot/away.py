"""What a customer is told while nobody is there: that it is so, and when people are back."""

from datetime import datetime
from typing import Any

from bot.rendering import worded
from bot.texts import local_moment, render
from crm_store.working_hours import WorkingHours


def away(language: str, key: str, hours: WorkingHours, now: datetime) -> str:
    """The sentence `key`, with the next opening where there is one."""
    opens_at = hours.opens_at(now)
    if opens_at is None:
        return render(language, key, back="")
    when = local_moment(language, opens_at.astimezone(hours.zone), now)
    return render(language, key, back=render(language, "back_at", when=when))


def still_away(language: str, intent: dict[str, Any], hours: WorkingHours, now: datetime) -> str:
    """What a message of this meaning says to whoever goes on waiting while nobody is there."""
    if "say" not in intent:
        return away(language, "handed_off_closed", hours, now)
    return f"{worded('', intent, language)}\n{away(language, 'away_now', hours, now)}"
