"""What happens in the staff group, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from bot.channels.base import Kind


@dataclass(frozen=True, slots=True)
class Author:
    """Who did something in the group."""

    user_id: int | None
    speaks_for_self: bool
    """False for anonymous admins, channels, forwarded words and what came through another bot: it commands nothing."""
    name: str | None
    language: str | None


@dataclass(frozen=True, slots=True)
class DeskSaid:
    """A message in the group, new or edited."""

    update_id: str
    thread: str | None
    platform_id: str
    reply_to_platform_id: str | None
    author: Author
    kind: Kind
    text: str
    attachment: dict[str, Any] | None
    is_edit: bool
    chat: str = ""
    """Which of the staff's chats it is."""
    marks: list[dict[str, Any]] = field(default_factory=list)
    """As in `Inbound`."""
    answers_us: bool = False
    """It answers something the bot wrote, here or in a chat that this one was before."""


@dataclass(frozen=True, slots=True)
class DeskPressed:
    """A pressed button of a card; nothing in it is trusted."""

    update_id: str
    callback_id: str
    platform_id: str | None
    data: str
    author: Author
    chat: str = ""


@dataclass(frozen=True, slots=True)
class DeskMoved:
    """The group became another chat."""

    update_id: str
    new_chat: int
    chat: str = ""


@dataclass(frozen=True, slots=True)
class DeskTopicMade:
    """The bot's own making of a topic, as the group tells of it."""

    update_id: str
    thread: str
    name: str
    chat: str = ""


@dataclass(frozen=True, slots=True)
class DeskReach:
    """The bot may, or may not any more, write to one of the staff's chats."""

    update_id: str
    can_write: bool
    chat: str = ""


DeskEvent = DeskSaid | DeskPressed | DeskMoved | DeskTopicMade | DeskReach
_KINDS: dict[str, type[DeskEvent]] = {
    kind.__name__: kind for kind in (DeskSaid, DeskPressed, DeskMoved, DeskTopicMade, DeskReach)
}


def restored(body: Mapping[str, Any]) -> DeskEvent:
    """The event that was parked as this body; raises KeyError, TypeError or ValueError when it is none."""
    kind = _KINDS[body["desk"]]
    values = {one.name: body[one.name] for one in fields(kind) if one.name in body}
    if "author" in values:
        values["author"] = Author(**values["author"])
    if "kind" in values:
        values["kind"] = Kind(values["kind"])
    return kind(**values)
