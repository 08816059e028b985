"""The formatting that is kept with a message's words: marks as Telegram has them, counted in UTF-16 units. Pure."""

from typing import Any


def marks_of(intent: dict[str, Any], text: str) -> list[dict[str, Any]]:
    """The formatting of a row's words, unless they were changed since."""
    return list(intent["marks"]) if intent.get("marks") and intent.get("marked") == len(text) else []
