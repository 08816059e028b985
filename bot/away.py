"""What a customer is told while nobody is there: that it is so, and when people are back."""

from datetime import datetime
from typing import Any

from bot.rendering import reason, worded
from bot.texts import local_moment, render
from crm_store.unserved import Why
from crm_store.working_hours import WorkingHours


def away(language: str, key: str, hours: WorkingHours, now: datetime, why: Why = Why.NOT_KNOWN) -> str:
    """The sentence `key`, with the next opening where there is one.

    With a `why` others are there: that those who are missing come then is more than the hours say.
    """
    is_team = why is Why.NOT_KNOWN
    who = render(language, "nobody_away") if is_team else reason(language, why)
    opens_at = hours.opens_at(now)
    if opens_at is None:
        return render(language, key, who=who, back="")
    when = local_moment(language, opens_at.astimezone(hours.zone), now)
    back = render(language, "back_at" if is_team else "opens_at", when=when)
    return render(language, key, who=who, back=back)


def still_away(
    language: str, intent: dict[str, Any], hours: WorkingHours, now: datetime, why: Why = Why.NOT_KNOWN
) -> str:
    """What a message of this meaning says to whoever goes on waiting while nobody is there."""
    if "say" not in intent:
        return away(language, "handed_off_closed", hours, now, why)
    return f"{worded('', intent, language)}\n{away(language, 'away_now', hours, now, why)}"
