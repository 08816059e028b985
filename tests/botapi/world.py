"""The state the server plays on: chats, topics, posts, files, button presses."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from tests.botapi.clock import Clock
from tests.botapi.errors import ApiError, bad_request, forbidden
from tests.botapi.updates import UpdateLog
from tests.botapi.wire import Json

GENERAL_TOPIC = 1
ANONYMOUS_ADMIN: Json = {
    "id": 1087968824,  # GroupAnonymousBot: the sender the Bot API shows for anonymous admins
    "is_bot": True,
    "first_name": "Group",
    "username": "GroupAnonymousBot",
}


class Reach(Enum):
    """Whether the bot may write to a chat; each value but OPEN is the Bot API's 403 reason."""

    OPEN = ""
    NEVER_STARTED = "bot can't initiate conversation with a user"
    BLOCKED = "bot was blocked by the user"
    DEACTIVATED = "user is deactivated"
    KICKED = "bot was kicked from the supergroup chat"


@dataclass(slots=True, eq=False)
class Post:
    """A message in a chat, live: `body` is the Message JSON as it stands, `history` what it was before."""

    chat_id: int
    id: int
    body: Json
    by_bot: bool
    at: float
    method: str = ""
    history: list[Json] = field(default_factory=list)
    deleted: bool = False
    reply_keyboard: Json | None = None
    reactions: dict[int, list[Json]] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The text, else the caption, else ''."""
        return str(self.body.get("text") or self.body.get("caption") or "")

    @property
    def thread_id(self) -> int | None:
        """The topic's thread id; None outside topics."""
        return self.body.get("message_thread_id")

    @property
    def rows(self) -> list[list[Json]]:
        """The inline keyboard (else the reply keyboard sent along) as rows of button objects."""
        markup: Json = self.body.get("reply_markup") or self.reply_keyboard or {}
        rows: list[list[Json]] = markup.get("inline_keyboard") or markup.get("keyboard") or []
        return rows

    @property
    def buttons(self) -> list[str]:
        """Every button's text, row by row."""
        return [str(button["text"]) for row in self.rows for button in row]

    @property
    def reply_to_id(self) -> int | None:
        """The id of the message this one answers."""
        replied: Json = self.body.get("reply_to_message") or {}
        return replied.get("message_id")

    @property
    def media_group_id(self) -> str | None:
        """The album's id, for a part of an album."""
        return self.body.get("media_group_id")

    def replace(self, body: Json) -> None:
        """Make `body` the current version, keeping the old one in `history`."""
        self.history.append(self.body)
        self.body = body


@dataclass(slots=True, eq=False)
class Topic:
    """A forum topic; its id is the id of the service message that created it."""

    id: int
    name: str
    icon_color: int = 0x6FB9F0
    icon_custom_emoji_id: str = ""
    is_closed: bool = False


@dataclass(slots=True, eq=False)
class Chat:
    """A private chat or a group; `face` is the Chat JSON inside messages."""

    id: int
    face: Json
    reach: Reach
    ids: itertools.count[int]
    posts: dict[int, Post] = field(default_factory=dict)
    sent: list[Post] = field(default_factory=list)
    topics: dict[int, Topic] = field(default_factory=dict)
    members: dict[int, Json] = field(default_factory=dict)
    pinned: list[int] = field(default_factory=list)
    migrated_to: int | None = None

    @property
    def is_private(self) -> bool:
        """True for a chat with one person."""
        return str(self.face["type"]) == "private"

    @property
    def is_forum(self) -> bool:
        """True for a supergroup with topics."""
        return bool(self.face.get("is_forum"))


@dataclass(slots=True, eq=False)
class StoredFile:
    """A file the server knows; `size` may be larger than `content` for files nobody downloads."""

    file_id: str
    unique_id: str
    path: str
    content: bytes
    size: int
    mime_type: str
    name: str


@dataclass(slots=True, eq=False)
class Press:
    """A pressed inline button and, once the bot has answered it, the answer's parameters."""

    id: str
    user_id: int
    data: str
    at: float
    answer: Json | None = None


@dataclass(slots=True)
class World:
    """Everything that outlives a call; the bot is one account with `bot_user` as its face."""

    clock: Clock
    updates: UpdateLog
    bot_user: Json
    chats: dict[int, Chat] = field(default_factory=dict)
    users: dict[int, Json] = field(default_factory=dict)
    files: dict[str, StoredFile] = field(default_factory=dict)
    presses: dict[str, Press] = field(default_factory=dict)
    sent: list[Post] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    actions: list[Json] = field(default_factory=list)
    private_ids: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    serial: itertools.count[int] = field(default_factory=lambda: itertools.count(1))
    callback_lifetime: float = 150.0

    @property
    def bot_id(self) -> int:
        """The bot's user id."""
        return int(self.bot_user["id"])

    def date(self) -> int:
        """Now as the Bot API's dates are: whole epoch seconds."""
        return int(self.clock())

    def open_private(self, user: Json, *, reach: Reach) -> Chat:
        """The private chat with `user`, made when new (message ids are shared by all private chats)."""
        self.users[user["id"]] = user
        chat = self.chats.get(user["id"])
        face: Json = {key: user[key] for key in ("id", "first_name", "last_name", "username") if key in user}
        if chat is None:
            chat = Chat(user["id"], {}, reach, self.private_ids)
            self.chats[chat.id] = chat
        chat.face = {**face, "type": "private"}
        return chat

    def find_chat(self, chat_id: int | str | None) -> Chat | None:
        """The chat with this id or @username."""
        if isinstance(chat_id, str):
            name = chat_id.removeprefix("@")
            return next((chat for chat in self.chats.values() if chat.face.get("username") == name), None)
        return self.chats.get(chat_id) if chat_id is not None else None

    def refusal(self, chat: Chat) -> ApiError | None:
        """Why the bot may not write to `chat`, if it may not."""
        if chat.migrated_to is not None:
            reason = "group chat was upgraded to a supergroup chat"
            return bad_request(reason, migrate_to_chat_id=chat.migrated_to)
        return None if chat.reach is Reach.OPEN else forbidden(chat.reach.value)
