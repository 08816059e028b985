"""People who use the bot: what they write, send, press and block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.botapi import posting
from tests.botapi.wire import Json
from tests.botapi.world import Chat, Post, Reach

if TYPE_CHECKING:
    from tests.botapi.stage import Stage


class Person:
    """A Telegram user; every act returns the post it made, the bot learns of it by an update."""

    def __init__(self, stage: Stage, face: Json, chat: Chat) -> None:
        self._stage = stage
        self.face = face
        self.chat = chat
        self._heard = 0

    @property
    def id(self) -> int:
        """The user id, which is the private chat's id as well."""
        return int(self.face["id"])

    async def says(self, text: str) -> Post:
        """A text message."""
        if self.chat.reach is Reach.NEVER_STARTED:
            self.chat.reach = Reach.OPEN
        post = posting.write(self._stage.world, self.chat, self.face, text)
        self._stage.touch()
        return post

    async def starts(self, payload: str = "") -> Post:
        """The Start button, with a deep link's payload."""
        return await self.says(f"/start {payload}".strip())

    async def hears(self, fragment: str = "", **options: Any) -> Post:
        """The bot's next message in the private chat, not heard before, that contains `fragment`."""
        found: list[Post] = []

        def look() -> bool:
            for at in range(self._heard, len(self.chat.sent)):
                if fragment in self.chat.sent[at].text:
                    self._heard = at + 1
                    found.append(self.chat.sent[at])
                    return True
            return False

        what = f"a message with {fragment!r} to {self.id}"
        await self._stage.wait_for(look, what=what, **options)
        return found[0]
