"""The queue's reasons (crm_store/queueing.py) in the reader's language. Pure."""

from collections.abc import Sequence

from admin_api.desk.texts import Words
from crm_store.queueing import Reason


def worded(reason: Reason, words: Words) -> str:
    """The reason in the reader's language, with the figure behind it."""
    value = reason.value
    figure = "" if value is None else f"{value:+.0f}" if reason.reason == "priority" else f"{value:.0f}"
    if reason.reason == "skill" and not figure:
        return words("why.skill_now", about=reason.about or "")
    return words(f"why.{reason.reason}", value=figure, about=reason.about or "")


def told(found: Sequence[Reason], words: Words, *, has_badge: bool) -> tuple[str, ...]:
    """All of them but what is said beside them: by the badge of what is due where there is one, and of what is overdue
    within which time it was promised."""
    is_late = any(reason.reason.startswith("overdue") for reason in found)
    left_out = ("overdue", "target") if has_badge else ("target",) if is_late else ()
    return tuple(worded(reason, words) for reason in found if not reason.reason.startswith(left_out))
