"""What a test does to the world and sees of it: people, what was sent, waiting for things to happen."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from tests.botapi import posting
from tests.botapi.people import Person
from tests.botapi.updates import Update
from tests.botapi.wire import Json
from tests.botapi.world import Post, Reach, World

T = TypeVar("T")
DEFAULT_WAIT = 5.0


class Stage:
    """The test's side of the server."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.base_url = ""
        self._people: dict[int, Person] = {}
        self._waiters: list[asyncio.Event] = []
        world.updates.on_change = self.touch

    def user(
        self,
        user_id: int,
        name: str = "Alice",
        language_code: str | None = "en",
        *,
        username: str | None = None,
        last_name: str | None = None,
    ) -> Person:
        """The person with this id, made on first mention; their private chat is not started yet."""
        if user_id not in self._people:
            face: Json = {"id": user_id, "is_bot": False, "first_name": name}
            optional = {"last_name": last_name, "username": username, "language_code": language_code}
            face |= {key: value for key, value in optional.items() if value is not None}
            chat = self.world.open_private(face, reach=Reach.NEVER_STARTED)
            self._people[user_id] = Person(self, face, chat)
        return self._people[user_id]

    def pour(self, texts: Iterable[tuple[int, str]]) -> list[Post]:
        """(user id, text) pairs as messages, at once and cheaply: unknown people appear, chats open."""
        posts = []
        world = self.world
        for user_id, text in texts:
            chat = world.chats.get(user_id)
            if chat is None:
                face = {"id": user_id, "is_bot": False, "first_name": f"Customer {user_id}"}
                chat = world.open_private(face, reach=Reach.OPEN)
            chat.reach = Reach.OPEN
            posts.append(posting.write(world, chat, world.users[user_id], text))
        self.touch()
        return posts

    def inject(self, update: Json) -> Update:
        """Queue any object as an update, exactly as given; a missing update_id is filled in."""
        queued = self.world.updates.add_raw(update)
        self.touch()
        return queued

    def repeat(self, update: Update) -> None:
        """Deliver an update once more under its old id, as Telegram may."""
        self.world.updates.add_again(update)
        self.touch()

    @property
    def updates(self) -> list[Update]:
        """All updates ever born, with `born_at`, `delivered_at` and `confirmed_at`."""
        return self.world.updates.history

    def sent(self, chat_id: int | None = None, *, thread: int | None = None) -> list[Post]:
        """What the bot has sent and not deleted, oldest first: to one chat (and topic) or everywhere."""
        chat = self.world.chats.get(chat_id) if chat_id is not None else None
        posts = self.world.sent if chat_id is None else (chat.sent if chat is not None else [])
        return [post for post in posts if not post.deleted and (thread is None or post.thread_id == thread)]

    def touch(self) -> None:
        """Let those who wait look again."""
        for event in self._waiters:
            event.set()

    async def wait_for(
        self, look: Callable[[], T], *, timeout: float = DEFAULT_WAIT, what: str = "what the test waits for"
    ) -> T:
        """The first truthy value of `look`, tried after all that happens; AssertionError if there is none."""
        event = asyncio.Event()
        self._waiters.append(event)
        try:
            async with asyncio.timeout(timeout):
                while not (seen := look()):
                    await event.wait()
                    event.clear()
                return seen
        except TimeoutError:
            raise AssertionError(f"{what} did not happen in {timeout} s; {self._latest()}") from None
        finally:
            self._waiters.remove(event)

    async def wait_for_sent(self, chat_id: int, count: int = 1, **options: Any) -> list[Post]:
        """The bot's posts in a chat once there are at least `count`."""
        what = f"{count} message(s) in chat {chat_id}"
        await self.wait_for(lambda: len(self.sent(chat_id)) >= count, what=what, **options)
        return self.sent(chat_id)

    async def wait_until_confirmed(self, *, timeout: float = DEFAULT_WAIT) -> None:
        """Return once the bot has confirmed every update."""
        await self.wait_for(lambda: not self.world.updates.pending, timeout=timeout, what="confirmation")

    def _latest(self) -> str:
        lines = [f"{post.chat_id}: {post.text!r} {post.buttons}" for post in self.world.sent[-5:]]
        return f"{len(self.world.sent)} sent so far, the latest: {lines}"
