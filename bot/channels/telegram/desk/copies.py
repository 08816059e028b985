"""A customer's words and files as posts in their topic. Pure: what to call, and which messages each post shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.albums import MOST
from bot.channels.telegram.calls import as_files, media_call
from bot.channels.telegram.decoding import CHANNEL
from bot.channels.telegram.desk.card import line_text
from bot.channels.telegram.drawing import MAX_CAPTION, MAX_TEXT, cut, split, units
from crm_store.desk_cards import Card
from crm_store.desk_lines import Line
from crm_store.formatting import marks_of
from crm_store.rewording import REPLACED

Json = dict[str, Any]
MAX_ALBUM = 100
QUOTED_LENGTH = 120
TOGETHER = (frozenset({"photo", "video"}), frozenset({"document"}), frozenset({"audio"}))
"""The kinds of files that make an album with one another (Bot API: sendMediaGroup)."""


@dataclass(frozen=True, slots=True)
class Copy:
    """One call into the topic."""

    method: str
    params: Json
    shows: tuple[int, ...]
    """Ids of the messages in it, in the order of the posts it makes (all in the one post where it makes one)."""
    is_exact: bool = True
    """The post shows one message alone, so that an edit of the message can be made in it."""
    otherwise: "Copy | None" = None
    """What to call when the platform refuses this."""
    answerable: "Copy | None" = None
    """What shows the same and can answer something, where this cannot."""


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a line answers: where that stands in the group, if it does, and its words."""

    platform_id: str | None
    text: str


Quotes = Mapping[int, Quoted]
"""By the id of the message that answers."""


def copies(lines: Sequence[Line], card: Card, language: str, quotes: Quotes) -> list[Copy]:
    """The lines as few calls as they fit into, since a group takes only 20 a minute."""
    made: list[Copy] = []
    for bundle in _bundles(lines, quotes):
        first, quoted = bundle[0], quotes.get(bundle[0].message_id)
        if first.attachment is None:
            made += _texts(bundle, card, language, quoted)
        elif len(bundle) > 1:
            made.append(_album(bundle, quoted))
        else:
            made += _media(first, card, language, quoted)
    return made


def below_card(copy: Copy, about: Json) -> Copy:
    """The call where what is `about` a customer answers their card, unless it answers something else."""
    if not about:
        return copy
    if copy.answerable is not None:
        otherwise = replace(copy, answerable=None)
        return replace(copy.answerable, params=about | copy.answerable.params, otherwise=otherwise)
    if copy.method == "copyMessages":  # it answers nothing
        return copy
    return replace(copy, params=about | copy.params)


def _answering(quoted: Quoted | None) -> Json:
    if quoted is None or quoted.platform_id is None:
        return {}
    reply = {"message_id": int(quoted.platform_id), "allow_sending_without_reply": True}
    return {"reply_parameters": reply}


def _told(line: Line, card: Card, language: str, quoted: Quoted | None) -> str:
    """The line; under what it answers where the group was never shown that."""
    words = line_text(line, card, language)
    if quoted is None or quoted.platform_id is not None:
        return words
    return f"↪ {cut(' '.join(quoted.text.split()), QUOTED_LENGTH)}\n{words}"


def album_of(line: Line) -> str | None:
    """The album the line is a part of."""
    if line.attachment is None or line.author != "customer" or not _is_copyable(line):
        return None
    found = line.attachment.get("media_group_id")
    return str(found) if found else None


def _is_copyable(line: Line) -> bool:
    """It stands in a private chat of this bot's, from which the platform can copy it."""
    return bool(line.lane and line.lane.startswith(f"{CHANNEL}:") and line.platform_id)


def _bundles(lines: Sequence[Line], quotes: Quotes) -> list[list[Line]]:
    """Neighbours that may share a call: the customer's plain words, the parts of an album."""
    bundles: list[list[Line]] = []
    for line in lines:
        is_own = bool(bundles) and not (line.attachment is None and _quoting(line, bundles[-1], quotes))
        if is_own and _belong_together(bundles[-1], line):
            bundles[-1].append(line)
        else:
            bundles.append([line])
    return bundles


def _quoting(line: Line, bundle: list[Line], quotes: Quotes) -> bool:
    """Words that answer something stand alone, so that it is seen which ones do."""
    return line.message_id in quotes or bundle[0].message_id in quotes


def _belong_together(bundle: list[Line], line: Line) -> bool:
    first = bundle[0]
    if first.author != "customer" or line.author != "customer":
        return False
    if first.attachment is None and line.attachment is None:
        return sum(units(one.text) + 80 for one in (*bundle, line)) <= MAX_TEXT
    album = album_of(first)
    return album is not None and album == album_of(line) and len(bundle) < MAX_ALBUM


def _texts(bundle: list[Line], card: Card, language: str, quoted: Quoted | None) -> list[Copy]:
    first, *others = bundle
    words = [_told(first, card, language, quoted), *(line_text(line, card, language) for line in others)]
    parts = split("\n".join(words))
    shows = tuple(line.message_id for line in bundle)
    is_exact = len(bundle) == 1 and len(parts) == 1
    answering = _answering(quoted)
    if len(parts) == 1:
        answering |= formatted(bundle, words, parts[0])
    return [Copy("sendMessage", {"text": part} | answering, shows, is_exact) for part in parts]


def formatted(bundle: Sequence[Line], shown: Sequence[str], text: str) -> Json:
    """The formatting of these lines, moved to where their words stand in the text."""
    entities: list[Json] = []
    start = 0
    for line, words in zip(bundle, shown, strict=True):
        if words.endswith(line.text) and text.startswith(words, start):
            at = units(text[: start + len(words) - len(line.text)])
            marks = marks_of(line.intent or {}, line.text)
            entities += [mark | {"offset": mark["offset"] + at} for mark in marks]
        start += len(words) + 1
    return {"entities": entities} if entities else {}


EDITABLE = frozenset({"photo", "video", "animation", "audio", "document"})
"""What a message of the bot's can be made to hold after it was sent (editMessageMedia)."""


def exchange(attachment: Json, caption: Json) -> tuple[str, Json] | None:
    """The call that puts the file there in place of the one a message has, with these words; None for no such file."""
    if REPLACED not in attachment or attachment.get("type") not in EDITABLE or "file_id" not in attachment:
        return None
    media = {"type": attachment["type"], "media": attachment["file_id"]}
    return "editMessageMedia", {"media": media | {name: value for name, value in caption.items() if value}}


def change(line: Line, card: Card, language: str) -> tuple[str, Json]:
    """The call that brings the line's present words and file into its copy; where words do not fit they go plain."""
    if line.attachment is None:
        words = line_text(line, card, language)
        text = cut(words, MAX_TEXT)
        return "editMessageText", {"text": text} | (formatted([line], [words], text) if text == words else {})
    told = {"caption": ""} | _caption(line)
    return exchange(line.attachment, told) or ("editMessageCaption", told)


def _caption(line: Line) -> Json:
    """The words below its file; where they do not fit they go plain."""
    caption, marks = cut(line.text, MAX_CAPTION), marks_of(line.intent or {}, line.text)
    kept = {"caption_entities": marks} if marks and caption == line.text else {}
    return ({"caption": caption} if caption else {}) | kept


def _source(line: Line) -> Json:
    return {"from_chat_id": str(line.lane).partition(":")[2]}


def _album(bundle: list[Line], quoted: Quoted | None) -> Copy:
    # Strictly increasing ids are the rule of copyMessages, and the order they were sent in.
    bundle = sorted(bundle, key=lambda line: int(line.platform_id or 0))
    ids = [int(line.platform_id or 0) for line in bundle]
    shows = tuple(line.message_id for line in bundle)
    made, items = Copy("copyMessages", _source(bundle[0]) | {"message_ids": ids}, shows), _items(bundle)
    if items is None:
        return made
    return replace(made, answerable=Copy("sendMediaGroup", {"media": items} | _answering(quoted), shows))


def _items(bundle: list[Line]) -> list[Json] | None:
    """The parts by their files; None for what sendMediaGroup does not take together."""
    files = [line.attachment or {} for line in bundle]
    types = {str(file.get("type")) if "file_id" in file else "" for file in files}
    if len(bundle) > MOST or not any(types <= kinds for kinds in TOGETHER):
        return None
    return [
        {"type": file["type"], "media": file["file_id"]} | _caption(line)
        for file, line in zip(files, bundle, strict=True)
    ]


def _media(line: Line, card: Card, language: str, quoted: Quoted | None) -> list[Copy]:
    words, answering = cut(_told(line, card, language, quoted), MAX_TEXT), _answering(quoted)
    told = Copy("sendMessage", {"text": words} | answering, (line.message_id,))
    if line.author == "customer" and _is_copyable(line):
        params = _source(line) | {"message_id": int(line.platform_id or 0)} | answering
        return [Copy("copyMessage", params, (line.message_id,), otherwise=_file(line, told) or told)]
    file = _file(line, told)
    # Who sent it and what they wrote stand above it: not every kind takes a caption.
    return [told, file] if file is not None else [told]


def _file(line: Line, told: Copy) -> Copy | None:
    call = media_call(line.kind, line.attachment or {})
    if call is None:
        return None
    method, params, _ = call
    # What Telegram takes for no photo the customer got as a file, too.
    instead = as_files(method, params)
    last = Copy(*instead, (line.message_id,), is_exact=False, otherwise=told) if instead else told
    return Copy(method, params, (line.message_id,), is_exact=False, otherwise=last)
