"""A raw update as what it means to the house: a customer's move, something in the staff group, a code, or nothing.

Pure, and total: whatever JSON comes, it does not raise. Decoding is done here because the library's objects cost
twenty times as much (65 µs an update) and fail as a whole where one field is unknown.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from bot.channels.base import Inbound, Kind, Press
from bot.channels.telegram.desk.attending import read_presence
from bot.channels.telegram.desk.events import (
    Author,
    DeskEvent,
    DeskMoved,
    DeskPressed,
    DeskReach,
    DeskSaid,
    DeskTopicMade,
)
from bot.channels.telegram.link_codes import is_code
from bot.channels.telegram.media import Json, content_of, integer, mapping, marks_of, text
from crm_store.attendance import PresenceState

CHANNEL = "telegram"
ALLOWED_UPDATES = ("message", "edited_message", "callback_query", "my_chat_member")
"""What is asked for; the server remembers the list, so it is sent with every start."""

_PRESS = re.compile(r"([1-9][0-9]{0,17}):([0-9]{1,3})")
_LINK = re.compile(r"/link(?:@\w+)?(?:\s+(.{1,64}))?|/start\s+link[_-](.{1,64})", re.DOTALL)
_MOVES = {"kicked": Kind.BLOCKED, "member": Kind.UNBLOCKED}


@dataclass(frozen=True, slots=True)
class LinkAsked:
    """A code sent in private, to link this Telegram account with a member of staff."""

    update_id: str
    user_id: int
    code: str
    language: str | None
    otherwise: Inbound | None
    """What it is when the code is none: a customer may type 26 letters too."""


@dataclass(frozen=True, slots=True)
class PresenceAsked:
    """/online, /away or /offline in private: an agent's, else a customer's words."""

    update_id: str
    user_id: int
    state: PresenceState
    language: str | None
    otherwise: Inbound


@dataclass(frozen=True, slots=True)
class Tap:
    """The press of a button waits for its answer, whatever becomes of it."""

    callback_id: str


Meaning = Inbound | DeskEvent | LinkAsked | PresenceAsked


@dataclass(frozen=True, slots=True)
class Decoded:
    """What an update means, and the press that has to be answered at once."""

    meaning: Meaning | None = None
    tap: Tap | None = None
    keyboard: "Keyboard | None" = None


@dataclass(frozen=True, slots=True)
class Keyboard:
    """The pressed keyboard's message as the customer sees it."""

    chat: str
    platform_id: int
    text: str


NOTHING = Decoded()


def update_id_of(update: object) -> int | None:
    """The update's number, None where there is none."""
    return integer(mapping(update).get("update_id"))


def decode(update: object, source: str, groups: Collection[int] = ()) -> Decoded:
    """What `update` means; `groups` are the staff's chats."""
    raw = mapping(update)
    number = integer(raw.get("update_id"))
    if number is None:
        return NOTHING
    if "message" in raw:
        return _message(mapping(raw["message"]), source, str(number), groups, is_edit=False)
    if "edited_message" in raw:
        return _message(mapping(raw["edited_message"]), source, str(number), groups, is_edit=True)
    if "callback_query" in raw:
        return _callback(mapping(raw["callback_query"]), source, str(number), groups)
    if "my_chat_member" in raw:
        return _membership(mapping(raw["my_chat_member"]), source, str(number), groups)
    return NOTHING


def _message(message: Json, source: str, number: str, groups: Collection[int], *, is_edit: bool) -> Decoded:
    chat = mapping(message.get("chat"))
    chat_id = integer(chat.get("id"))
    if chat_id is None:
        return NOTHING
    is_desk = chat_id in groups
    if is_desk and chat.get("type") != "private":
        return Decoded(_desk_message(message, number, source, str(chat_id), is_edit=is_edit))
    sender = mapping(message.get("from"))
    if chat.get("type") != "private" or integer(sender.get("id")) != chat_id or sender.get("is_bot") is True:
        return NOTHING
    content = content_of(message)
    if content is None:
        return NOTHING
    inbound = _inbound(message, sender, content, source, number)
    meant = _private(message, inbound)
    if is_desk and (is_edit or meant is None):
        return Decoded(_desk_message(message, number, source, str(chat_id), is_edit=is_edit))
    if is_edit:  # it commands nothing, and a command is no customer's message
        return Decoded(replace(inbound, kind=Kind.EDITED, edited_kind=None if meant else inbound.kind))
    return Decoded(meant or inbound)


def _inbound(
    message: Json, sender: Json, content: tuple[Kind, str, Json | None], source: str, number: str
) -> Inbound:
    kind, words, attachment = content
    return Inbound(
        source=source,
        update_id=number,
        channel=CHANNEL,
        address=str(sender["id"]),
        kind=kind,
        text=words,
        attachment=attachment,
        platform_id=_id(message),
        reply_to_platform_id=_id(mapping(message.get("reply_to_message"))),
        marks=marks_of(message) or None,
        **_person(sender),
    )


def _id(message: Json) -> str | None:
    number = integer(message.get("message_id"))
    return None if number is None else str(number)


def _person(sender: Json) -> dict[str, Any]:
    name = " ".join(part for part in (text(sender.get(k), 64) for k in ("first_name", "last_name")) if part)
    return {
        "display_name": name or None,
        "username": text(sender.get("username"), 64) or None,
        "language": text(sender.get("language_code"), 16) or None,
    }


def _private(message: Json, inbound: Inbound) -> LinkAsked | PresenceAsked | None:
    """What may be a member of staff's, unless somebody else's words were passed on."""
    if "forward_origin" in message or "via_bot" in message or inbound.kind is not Kind.TEXT:
        return None
    state = read_presence(inbound.text)
    if state is not None:
        return PresenceAsked(inbound.update_id, int(inbound.address), state, inbound.language, inbound)
    return _link(inbound)


def _link(inbound: Inbound) -> LinkAsked | None:
    """A code."""
    words = inbound.text.strip()
    asked = _LINK.fullmatch(words)
    code = (asked.group(1) or asked.group(2) or "").strip() if asked else words
    if not asked and not is_code(words):
        return None
    otherwise = None if asked else inbound
    return LinkAsked(inbound.update_id, int(inbound.address), code, inbound.language, otherwise)


def _callback(query: Json, source: str, number: str, groups: Collection[int]) -> Decoded:
    callback_id = text(query.get("id"), 64)
    sender, message = mapping(query.get("from")), mapping(query.get("message"))
    chat = mapping(message.get("chat"))
    chat_id, user_id = integer(chat.get("id")), integer(sender.get("id"))
    if not callback_id or chat_id is None or user_id is None:
        return Decoded(tap=Tap(callback_id) if callback_id else None)
    data = text(query.get("data"), 64)
    if chat_id in groups:
        author = _author(query, sender)
        return Decoded(DeskPressed(number, callback_id, _id(message), data, author, str(chat_id)))
    if chat_id != user_id:
        return Decoded(tap=Tap(callback_id))
    press = _PRESS.fullmatch(data)
    inbound = Inbound(
        source=source,
        update_id=number,
        channel=CHANNEL,
        address=str(chat_id),
        kind=Kind.PRESSED,
        press=Press(int(press.group(1)), int(press.group(2))) if press else None,
        platform_id=_id(message),
        **_person(sender),
    )
    return Decoded(inbound, Tap(callback_id), _keyboard(message, chat_id))


def _keyboard(message: Json, chat_id: int) -> Keyboard | None:
    platform_id = integer(message.get("message_id"))
    # date 0 marks a message too old to be shown; it cannot be edited either
    if platform_id is None or message.get("date") in (0, None):
        return None
    return Keyboard(str(chat_id), platform_id, text(message.get("text")))


def _membership(change: Json, source: str, number: str, groups: Collection[int]) -> Decoded:
    chat, sender = mapping(change.get("chat")), mapping(change.get("from"))
    chat_id = integer(chat.get("id"))
    status = mapping(change.get("new_chat_member")).get("status")
    if chat_id in groups and isinstance(status, str):
        return Decoded(DeskReach(number, status not in ("kicked", "left"), str(chat_id)))
    kind = _MOVES.get(status) if isinstance(status, str) else None
    if chat.get("type") != "private" or chat_id is None or integer(sender.get("id")) != chat_id or not kind:
        return NOTHING
    return Decoded(Inbound(source, number, CHANNEL, str(chat_id), kind, **_person(sender)))


def _author(message: Json, sender: Json) -> Author:
    """Who speaks, and whether they speak for themselves."""
    is_own = not (message.keys() & {"sender_chat", "forward_origin", "via_bot", "is_automatic_forward"})
    is_person = sender.get("is_bot") is not True and integer(sender.get("id")) is not None
    return Author(
        user_id=integer(sender.get("id")) if is_person else None,
        speaks_for_self=is_own and is_person,
        name=_person(sender)["display_name"],
        language=text(sender.get("language_code"), 16) or None,
    )


def _desk_message(message: Json, number: str, source: str, chat: str, *, is_edit: bool) -> DeskEvent | None:
    moved_to = integer(message.get("migrate_to_chat_id"))
    if moved_to is not None:
        return DeskMoved(number, moved_to, chat)
    sender = mapping(message.get("from"))
    if "forum_topic_created" in message and _is_bots(message, source):
        name = text(mapping(message["forum_topic_created"]).get("name"), 128)
        return DeskTopicMade(number, _id(message) or "", name, chat)
    content, platform_id = content_of(message), _id(message)
    if content is None or platform_id is None or _is_other_bot(message, sender):
        return None
    kind, words, attachment = content
    replied = mapping(message.get("reply_to_message"))
    # Every message in a topic carries the topic's first, service, message as its reply.
    reply_to = None if "forum_topic_created" in replied else _id(replied)
    thread = integer(message.get("message_thread_id")) if message.get("is_topic_message") is True else None
    return DeskSaid(
        update_id=number,
        thread=None if thread is None else str(thread),
        platform_id=platform_id,
        reply_to_platform_id=reply_to,
        author=_author(message, sender),
        kind=kind,
        text=words,
        attachment=attachment,
        is_edit=is_edit,
        chat=chat,
        marks=marks_of(message),
        answers_us=_is_bots(replied if reply_to is not None else _of_elsewhere(message), source),
    )


def _of_elsewhere(message: Json) -> Json:
    """What it answers in another chat; such is what was said in a group before it became a supergroup."""
    return {"from": mapping(mapping(mapping(message.get("external_reply")).get("origin")).get("sender_user"))}


def _is_bots(message: Json, source: str) -> bool:
    """Whether it is this bot's own."""
    return source.endswith(f":{mapping(message.get('from')).get('id')}")


def _is_other_bot(message: Json, sender: Json) -> bool:
    """A bot's own message; GroupAnonymousBot, behind whom an admin hides, is answered instead."""
    return sender.get("is_bot") is True and "sender_chat" not in message
