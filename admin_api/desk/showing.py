"""What customers send as the desk shows it: words with their formatting and links, places, contacts, stickers. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from admin_api.desk.texts import Words
from crm_store.formatting import marks_of
from crm_store.models.conversations import Message

TAGS: Final[Mapping[str, str]] = {
    "bold": "b",
    "italic": "i",
    "underline": "u",
    "strikethrough": "s",
    "code": "code",
    "pre": "code",
    "blockquote": "q",
    "spoiler": "em",
}
"""What formatting is drawn as."""
_NAMED: Final = ("title", "address", "question", "emoji", "phone_number")
_NAMED_BY_FILES: Final = ("emoji",)
_ADDRESS = re.compile(r"https?://[^\s<>\"'`，。！？；：、（）【】《》“”]+", re.IGNORECASE)
_WEB = re.compile(r"(?:https?://|mailto:|tel:)\S+", re.IGNORECASE)
_AFTER = ".,;:!?)]}*_~"
"""What ends a sentence rather than an address."""


_UNDELIVERED: Final = (
    ("blocked by the user", "delivery.blocked"),
    ("user is deactivated", "delivery.deleted"),
    ("chat not found", "delivery.gone"),
    ("too long", "delivery.too_long"),
)
"""What a platform says of what it does not deliver, and what that is in words."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words that are formatted alike: the tags around them, the outermost first, and where they lead."""

    text: str
    tags: tuple[str, ...] = ()
    href: str = ""


def described(message: Message, words: Words) -> str:
    """A message without words by its kind and what is in it: "[location] Zoo · 52.507, 13.338"."""
    kind = words.maybe(f"media.{message.kind}", words("media.other"))
    held = message.attachment or {}
    person = " ".join(str(held[name]) for name in ("first_name", "last_name") if held.get(name))
    is_file = bool(held.keys() & {"file", "file_id"})
    named = [str(held[name]) for name in (_NAMED_BY_FILES if is_file else _NAMED) if held.get(name)]
    place = _place(held)
    told = (person, *named, ", ".join(map(_degrees, place)) if place else "")
    return f"{kind} {' · '.join(one for one in told if one)}".strip()


def undelivered(message: Message, words: Words) -> str:
    """Why the message did not arrive, where that is known; else as the platform says it."""
    told = message.error or ""
    return next((words(key) for said, key in _UNDELIVERED if said in told.casefold()), told)


def pieces_of(message: Message, text: str) -> tuple[Piece, ...]:
    """The message as it is drawn; `text` are its words as the desk tells them (`timeline.worded`)."""
    if message.text and text == message.text:
        return formatted(text, marks_of(message.intent or {}, text))
    return (Piece(text, href=_way_to(message.attachment or {})),)


def captions_of(message: Message) -> tuple[tuple[Piece, ...], ...]:
    """The words below each further file of an album."""
    parts = (message.attachment or {}).get("album", ())
    return tuple(formatted(str(part.get("caption", "")), part.get("marks") or ()) for part in parts)


def formatted(text: str, marks: Iterable[Mapping[str, Any]] = ()) -> tuple[Piece, ...]:
    """The text in pieces, formatted by `marks`; addresses in it lead to where they say."""
    spans = [*_addresses(text), *_spans(text, marks)]
    edges = sorted({0, len(text), *(edge for start, end, *_ in spans for edge in (start, end))})
    # Whoever writes a hundred addresses slows no desk: at each edge only what is open there is looked at.
    opening = sorted(range(len(spans)), key=lambda n: spans[n][0], reverse=True)
    found, open_here = [], list[int]()
    for start, end in pairwise(edges):
        open_here = [n for n in open_here if spans[n][1] > start]
        while opening and spans[opening[-1]][0] <= start:
            open_here.append(opening.pop())
        around = [spans[n][2:] for n in sorted(open_here)]
        tags = tuple(dict.fromkeys(tag for tag, _ in around if tag))
        # What was made a link leads where its author had it, whatever address its words are.
        href = next((href for _, href in reversed(around) if href), "")
        found.append(Piece(text[start:end], tags, "" if "code" in tags else href))
    return tuple(found)


_Span = tuple[int, int, str, str]


def _addresses(text: str) -> list[_Span]:
    found = []
    for one in _ADDRESS.finditer(text):
        address = one.group().rstrip(_AFTER)
        found.append((one.start(), one.start() + len(address), "", address))
    return found


def _spans(text: str, marks: Iterable[Mapping[str, Any]]) -> list[_Span]:
    """Start, end, tag and address of each mark that can be drawn; the widest first."""
    places = _places(text)
    found = []
    for mark in marks:
        kind, first, length = mark.get("type"), mark.get("offset"), mark.get("length")
        if not isinstance(first, int) or not isinstance(length, int) or not 0 <= first < first + length:
            continue
        start, end = (places[min(at, len(places) - 1)] for at in (first, first + length))
        url = str(mark.get("url", "")) if kind == "text_link" else ""
        href = url if _WEB.fullmatch(url) else ""
        tag = TAGS.get(str(kind), "")
        if start < end and (tag or href):
            found.append((start, end, tag, href))
    return sorted(found, key=lambda span: (span[0], -span[1]))


def _places(text: str) -> Sequence[int]:
    """By place in UTF-16 units, as Telegram counts, that in the text; the last is its end."""
    places = [at for at, sign in enumerate(text) for _ in range(1 + (ord(sign) > 0xFFFF))]
    return [*places, len(text)]


def _place(held: Mapping[str, Any]) -> tuple[float, float] | None:
    """Latitude and longitude, where they are one."""
    found = [held.get(name) for name in ("latitude", "longitude")]
    if not all(isinstance(one, (int, float)) for one in found):
        return None
    latitude, longitude = (float(one) for one in found if one is not None)
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _degrees(value: float) -> str:
    """To a decimetre."""
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _way_to(held: Mapping[str, Any]) -> str:
    """The place on a map, or the number to call: opened by a click only, nothing is asked for by the page."""
    if place := _place(held):
        latitude, longitude = map(_degrees, place)
        at = f"mlat={latitude}&mlon={longitude}#map=16/{latitude}/{longitude}"
        return f"https://www.openstreetmap.org/?{at}"
    number = re.sub(r"[^0-9+]", "", str(held.get("phone_number") or ""))
    return f"tel:{number}" if number else ""
