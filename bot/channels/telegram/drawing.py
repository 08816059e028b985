"""How a message looks in Telegram: parts that fit, buttons in rows, a caption or not. Pure."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

Json = dict[str, Any]
MAX_TEXT = 4096
MAX_CAPTION = 1024
"""Both in UTF-16 code units (Bot API: sendMessage, sendPhoto)."""
MAX_LABEL = 96
ROW_WIDTH = 30
"""Columns a row of buttons may fill on a narrow phone before labels are cut short."""
ROW_BUTTONS = 3
_BREAKS = ("\n\n", "\n", " ")
_STARS = re.compile("★+")


def calling(text: str, name: str, account: int | None, *, after: int = 0) -> dict[str, Any]:
    """What makes this name in the text (the first behind so many letters) call the person; nothing where no account is
    known."""
    if account is None:
        return {}
    at = text.index(name, after)
    user = {"id": account, "is_bot": False, "first_name": name}
    entity = {"type": "text_mention", "offset": units(text[:at]), "length": units(name), "user": user}
    return {"entities": [entity]}


def units(text: str) -> int:
    """The length Telegram counts: UTF-16 code units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def _fitting(text: str, limit: int) -> int:
    """How many characters of `text` fit into `limit` units."""
    if units(text) <= limit:
        return len(text)
    used = 0
    for at, character in enumerate(text):
        used += 2 if character > "\uffff" else 1
        if used > limit:
            return at
    return len(text)


def split(text: str, limit: int = MAX_TEXT) -> list[str]:
    """The text in parts that fit, broken where a reader would; nothing but blanks at the breaks is lost."""
    parts = []
    rest = text.strip()
    while rest:
        end = _fitting(rest, limit)
        if end < len(rest):
            # A break in the first half would waste more than it pleases.
            found = (rest.rfind(mark, end // 2, end) for mark in _BREAKS)
            end = next((at for at in found if at > 0), end)
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return parts


def cut(text: str, limit: int) -> str:
    """The text, shortened to `limit` units with an ellipsis where it is longer."""
    if units(text) <= limit:
        return text
    return text[: _fitting(text, limit - 1)].rstrip() + "…"


def width(label: str) -> int:
    """Columns a label takes; East Asian characters take two."""
    if label.isascii():
        return len(label)
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in label)


def rows(labels: Sequence[str]) -> list[list[int]]:
    """The buttons' indices, row by row: stars together, short labels side by side, long ones alone."""
    found: list[list[int]] = []
    used = 0
    for index, label in enumerate(labels):
        is_star = bool(_STARS.fullmatch(label))
        after_star = index > 0 and bool(_STARS.fullmatch(labels[index - 1]))
        fits = used + width(label) <= ROW_WIDTH and len(found[-1]) < ROW_BUTTONS if found else False
        if found and ((is_star and after_star) or (fits and not is_star and not after_star)):
            found[-1].append(index)
            used += width(label)
        else:
            found.append([index])
            used = width(label)
    return found


def keyboard(labels: Sequence[str], data: Iterable[str]) -> Json | None:
    """The inline keyboard, None without labels; `data` names what each button sends back (64 bytes at most)."""
    if not labels:
        return None
    names = list(data)
    buttons = [
        [{"text": shown, "callback_data": names[index]} for index, shown in row]
        for row in _laid_out(tuple(labels))
    ]
    return {"inline_keyboard": buttons}


@lru_cache(maxsize=256)  # nearly all messages have the buttons of one of a few
def _laid_out(labels: tuple[str, ...]) -> list[list[tuple[int, str]]]:
    """The buttons row by row: the label's index, and how it is shown."""
    shown = [cut(label.strip(), MAX_LABEL) or "·" for label in labels]
    return [[(index, shown[index]) for index in row] for row in rows(shown)]


def choice_data(message_id: int, indices: Iterable[int]) -> list[str]:
    """What a customer's buttons send back: nothing but where they are."""
    return [f"{message_id}:{index}" for index in indices]
