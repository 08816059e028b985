"""Why something was not done, or did not arrive, in the staff's language. Pure."""

from bot.channels.telegram.desk.words import What, read_words
from bot.texts import find, render
from crm_store.errors import StoreError

SAID = (What.REPLY, What.NOTE, What.MIXED, What.UNKNOWN)
"""What is a message; the rest are commands."""
_UNDELIVERED = (
    ("blocked by the user", "desk.undelivered_blocked"),
    ("user is deactivated", "desk.undelivered_deleted"),
    ("chat not found", "desk.undelivered_gone"),
)
"""What Telegram says, and what that is in words."""


def reason(refusal: StoreError, language: str) -> str:
    """What the store refuses, without a full stop; as the store says it where nobody has worded it."""
    kind = f"{refusal.kind}_{refusal.params['status']}" if refusal.kind == "not_now" else refusal.kind
    key = f"desk.refused_{kind}"
    return render(language, key, **refusal.params) if find(language, key) else str(refusal)


def refused(refusal: StoreError, text: str, name: str, language: str) -> str:
    """What is told of words that were not carried out: a message was not sent, a command not done."""
    key = "desk.refused_command" if is_command(text) else "desk.refused"
    return render(language, key, name=name, reason=reason(refusal, language))


def is_command(text: str) -> bool:
    """Whether these words are no message."""
    return read_words(text).what not in SAID


def undelivered(why: str, language: str) -> str:
    """Why a message did not arrive, where that is known; else as the platform says it."""
    told = why.casefold()
    key = next((key for said, key in _UNDELIVERED if said in told), None)
    return render(language, key) if key is not None else why
