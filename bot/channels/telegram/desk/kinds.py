"""What came, in words, where it is not shown itself: "a voice message 0:12", "a contact: Ann Lee". Pure."""

from collections.abc import Mapping
from typing import Any

from bot.texts import find, render

NAMES = ("name", "title", "question", "emoji")
"""Under which an attachment says what it is: a file, a place, a poll, a sticker."""


def shown_as(kind: str, attachment: Mapping[str, Any], language: str) -> str:
    """The kind of a message that is not words alone, with its name and length where it has them."""
    parts = attachment.get("parts")
    if kind == "album":
        return render(language, "desk.kind_album", count=len(parts) if isinstance(parts, list) else 1)
    shown = find(language, f"desk.kind_{kind}") or render(language, "desk.kind_other")
    seconds = attachment.get("duration")
    if isinstance(seconds, (int, float)) and seconds >= 0:
        minutes, left = divmod(round(seconds), 60)
        shown = f"{shown} {minutes}:{left:02}"
    person = " ".join(str(attachment[part]) for part in ("first_name", "last_name") if attachment.get(part))
    named = person or next((str(attachment[name]) for name in NAMES if attachment.get(name)), "")
    return render(language, "desk.kind_named", kind=shown, name=named) if named else shown


def in_words(kind: str, text: str, attachment: Mapping[str, Any]) -> str:
    """A place, a contact and whatever else has no file, for channels that take words only."""
    shown = find("en", f"media.{kind}") or find("en", "media.other") or ""
    place = ", ".join(str(attachment[name]) for name in ("latitude", "longitude") if name in attachment)
    person = " ".join(str(attachment[name]) for name in ("first_name", "last_name") if name in attachment)
    known = (attachment.get(name) for name in ("title", "address", "question", "emoji", "phone_number"))
    parts = [text, person, *(str(one) for one in known if one), place]
    return f"{shown} {', '.join(part for part in parts if part)}".strip()
