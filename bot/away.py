"""What a customer is told while nobody is there: that it is so, and when people are back."""

from datetime import datetime

from bot.texts import local_moment, render
from crm_store.working_hours import WorkingHours


def away(language: str, key: str, hours: WorkingHours, now: datetime) -> str:
    """The sentence `key`, with the next opening where there is one."""
    opens_at = hours.opens_at(now)
    if opens_at is None:
        return render(language, key, back="")
    when = local_moment(language, opens_at.astimezone(hours.zone), now)
    return render(language, key, back=render(language, "back_at", when=when))
