"""What happens in the staff group, as values."""

from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class DeskPressed:
    """A pressed button of a card; nothing in it is trusted."""

    update_id: str
    callback_id: str
    platform_id: str | None
    data: str
    author: Author


@dataclass(frozen=True, slots=True)
class DeskMoved:
    """The group became another chat."""

    update_id: str
    new_chat: int
