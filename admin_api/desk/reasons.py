"""The queue's reasons (crm_store/queueing.py) in the reader's language. Pure."""

from admin_api.desk.texts import Words
from crm_store.queueing import Reason


def worded(reason: Reason, words: Words) -> str:
    """The reason in the reader's language, with the figure behind it."""
    value = reason.value
    figure = "" if value is None else f"{value:+.0f}" if reason.reason == "priority" else f"{value:.0f}"
    if reason.reason == "skill" and not figure:
        return words("why.skill_now", about=reason.about or "")
    return words(f"why.{reason.reason}", value=figure, about=reason.about or "")
