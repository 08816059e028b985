"""Telegram's HTML parse mode: text with tags in, plain text and entities out (offsets in UTF-16 units).

Tags and error texts as in the Bot API documentation ("Formatting options") and td's MessageEntity.cpp.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from tests.botapi.errors import bad_request
from tests.botapi.wire import Json, Params

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
_TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "span": "spoiler",
    "a": "text_link",
    "tg-emoji": "custom_emoji",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
}
_TAG = re.compile(r"<(/?)([^\s<>/]*)([^<>]*)>?")
_ATTRIBUTE = re.compile(r"([\w-]+)(?:\s*=\s*(\"[^\"]*\"|'[^']*'|[^\s\"'>]+))?")
# Only these four named references exist in the parse mode; any other & stays as it is.
_REFERENCE = re.compile(r"&(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);")
_COMMAND = re.compile(r"(?:(?<=\s)|^)/[A-Za-z0-9_]{1,64}(?:@\w+)?")


def utf16_length(text: str) -> int:
    """The length Telegram counts: UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


@dataclass(slots=True)
class _Open:
    tag: str
    entity: Json
    nested_in: str


@dataclass(slots=True)
class _Parser:
    source: str
    text: str = ""
    offset: int = 0
    open: list[_Open] = field(default_factory=list)
    entities: list[Json] = field(default_factory=list)

    def fail(self, reason: str, position: int) -> Exception:
        byte = len(self.source[:position].encode())
        return bad_request(f"can't parse entities: {reason} at byte offset {byte}")

    def add(self, raw: str) -> None:
        plain = _REFERENCE.sub(lambda found: html.unescape(found[0]), raw)
        self.text += plain
        self.offset += utf16_length(plain)

    def tag(self, found: re.Match[str], position: int) -> None:
        slash, name, rest = found.groups()
        is_closed = found[0].endswith(">")
        # td looks at the name first as soon as something follows it, and only then for the end of the tag.
        if not is_closed and (slash or not rest):
            raise self.fail("Unclosed end tag" if slash else "Unclosed start tag", position)
        if slash:
            self.end(name.lower(), position)
            return
        self.start(name.lower(), _attributes(rest), position)
        if not is_closed:
            raise self.fail("Unclosed start tag", position)

    def start(self, tag: str, attributes: Json, position: int) -> None:
        kind = _TAGS.get(tag)
        if kind is None or (tag == "span" and attributes.get("class") != "tg-spoiler"):
            raise self.fail(f'Unsupported start tag "{tag}"', position)
        entity: Json = {"type": kind, "offset": self.offset, "length": 0}
        if kind == "text_link":
            entity["url"] = attributes.get("href", "")
        if kind == "custom_emoji":
            entity["custom_emoji_id"] = attributes.get("emoji-id", "")
        if kind == "blockquote" and "expandable" in attributes:
            entity["type"] = "expandable_blockquote"
        if kind == "code" and self.open and self.open[-1].tag == "pre":
            language = attributes.get("class", "")
            if language.startswith("language-"):
                self.open[-1].entity["language"] = language.removeprefix("language-")
        self.open.append(_Open(tag, entity, self.open[-1].tag if self.open else ""))

    def end(self, tag: str, position: int) -> None:
        if not self.open:
            raise self.fail("Unexpected end tag", position)
        last = self.open.pop()
        if tag not in ("", last.tag):
            raise self.fail(f'Unmatched end tag, expected "</{last.tag}>", found "</{tag}>"', position)
        last.entity["length"] = self.offset - last.entity["offset"]
        is_inner_code = last.tag == "code" and last.nested_in == "pre"
        if last.entity["length"] and last.entity.get("url") != "" and not is_inner_code:
            self.entities.append(last.entity)


def _attributes(raw: str) -> Json:
    return {name.lower(): html.unescape(value.strip("\"'")) for name, value in _ATTRIBUTE.findall(raw)}


def parse_html(source: str) -> tuple[str, list[Json]]:
    """The plain text and its entities; raises 400 "can't parse entities" for anything unsupported."""
    parser = _Parser(source)
    position = 0
    while (at := source.find("<", position)) >= 0:
        parser.add(source[position:at])
        found = _TAG.match(source, at)
        assert found is not None
        parser.tag(found, at)
        position = found.end()
    parser.add(source[position:])
    if parser.open:
        raise parser.fail(f'Can\'t find end tag corresponding to start tag "{parser.open[-1].tag}"', position)
    return parser.text, sorted(parser.entities, key=lambda entity: (entity["offset"], -entity["length"]))


def _trim(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Telegram drops white space around a message; the entities move and shrink with it."""
    left = utf16_length(text) - utf16_length(text.lstrip())
    trimmed = text.strip()
    total = utf16_length(trimmed)
    moved = []
    for entity in entities:
        start = max(entity["offset"] - left, 0)
        end = min(entity["offset"] + entity["length"] - left, total)
        if end > start:
            moved.append({**entity, "offset": start, "length": end - start})
    return trimmed, moved


def read_formatted(params: Params, name: str, entities_name: str) -> tuple[str, list[Json]]:
    """The text of parameter `name` as sent: parsed by parse_mode, else with the entities given."""
    source = params.text(name)
    mode = params.text("parse_mode").lower()
    if not mode:
        return _trim(source, params.json(entities_name) or []) if source else ("", [])
    if mode != "html":
        raise bad_request("unsupported parse_mode (this server plays HTML only)")
    return _trim(*parse_html(source))


def read_text(params: Params) -> tuple[str, list[Json]]:
    """The checked `text` of a message: 1-4096 units after parsing."""
    text, entities = read_formatted(params, "text", "entities")
    if not text:
        raise bad_request("message text is empty")
    if utf16_length(text) > TEXT_LIMIT:
        raise bad_request("message is too long")
    return text, entities


def read_caption(params: Params) -> tuple[str, list[Json]]:
    """The checked `caption` of a message: 0-1024 units after parsing."""
    caption, entities = read_formatted(params, "caption", "caption_entities")
    if utf16_length(caption) > CAPTION_LIMIT:
        raise bad_request("message caption is too long")
    return caption, entities


def command_entities(text: str) -> list[Json]:
    """The bot_command entities Telegram itself finds in what people write."""
    if "/" not in text:
        return []
    return [
        {"type": "bot_command", "offset": utf16_length(text[: found.start()]), "length": len(found[0])}
        for found in _COMMAND.finditer(text)
    ]
