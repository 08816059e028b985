"""What a test does to the world and sees of it: people, groups, what was sent, raw updates."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from tests.botapi import posting
from tests.botapi.groups import Group
from tests.botapi.hub import DEFAULT_WAIT, Hub
from tests.botapi.members import admin, member
from tests.botapi.people import Person
from tests.botapi.updates import Update
from tests.botapi.wire import Json
from tests.botapi.world import Chat, Post, Reach, World


class Stage(Hub):
    """The test's side of the server."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.base_url = ""
        self._people: dict[int, Person] = {}
        self._groups: dict[int, Group] = {}

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

    def group(
        self, chat_id: int, title: str = "Staff", *, forum: bool = True, bot_is_admin: bool = True
    ) -> Group:
        """The supergroup with this id (negative, -100...), made on first mention with the bot in it."""
        if chat_id not in self._groups:
            face: Json = {"id": chat_id, "type": "supergroup", "title": title}
            if forum:
                face["is_forum"] = True
            # Message ids of a supergroup are its own; 1 is its creation, and the General topic.
            chat = Chat(chat_id, face, Reach.OPEN, itertools.count(2))
            bot = self.world.bot_user
            chat.members[bot["id"]] = admin(bot) if bot_is_admin else member(bot)
            self.world.chats[chat_id] = chat
            self._groups[chat_id] = Group(self, chat)
        return self._groups[chat_id]

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

    def delivered(self, chat_id: int | None = None) -> list[Update]:
        """The updates of one chat (or all) in the order they went to the bot, repeats included."""
        every = self.world.updates.deliveries
        return [update for update in every if chat_id is None or update.key[1] == chat_id]

    def sent(self, chat_id: int | None = None, *, thread: int | None = None) -> list[Post]:
        """What the bot has sent and not deleted, oldest first: to one chat (and topic) or everywhere."""
        chat = self.world.chats.get(chat_id) if chat_id is not None else None
        posts = self.world.sent if chat_id is None else (chat.sent if chat is not None else [])
        return [post for post in posts if not post.deleted and (thread is None or post.thread_id == thread)]

    async def wait_for_sent(
        self, chat_id: int, count: int = 1, *, thread: int | None = None, timeout: float = DEFAULT_WAIT
    ) -> list[Post]:
        """The bot's posts in a chat (and topic) once there are at least `count`."""
        await self.wait_for(
            lambda: len(self.sent(chat_id, thread=thread)) >= count,
            timeout=timeout,
            what=f"{count} message(s) in chat {chat_id}",
        )
        return self.sent(chat_id, thread=thread)

    async def wait_until_confirmed(self, *, timeout: float = DEFAULT_WAIT) -> None:
        """Return once the bot has confirmed every update."""
        await self.wait_for(lambda: not self.world.updates.pending, timeout=timeout, what="confirmation")
