"""Groups as tests arrange them."""

from __future__ import annotations

import itertools

from tests.botapi.forum import remove_topic
from tests.botapi.hub import DEFAULT_WAIT, Ear, Hub
from tests.botapi.members import admin, member, member_changed, owner
from tests.botapi.people import Person
from tests.botapi.posting import add_post
from tests.botapi.world import Chat, Post, Reach, Topic


class Group:
    """A supergroup with the bot in it; its set-up is silent, what people do there makes updates."""

    def __init__(self, hub: Hub, chat: Chat) -> None:
        self._hub = hub
        self.chat = chat
        self._ear = Ear(hub, chat.sent)

    @property
    def id(self) -> int:
        """The chat id."""
        return self.chat.id

    @property
    def topics(self) -> list[Topic]:
        """The topics that exist now, oldest first."""
        return list(self.chat.topics.values())

    def topic(self, name: str) -> Topic:
        """The topic with this name; KeyError when there is none."""
        for topic in self.chat.topics.values():
            if topic.name == name:
                return topic
        raise KeyError(name)

    def add(self, *people: Person, as_admin: bool = False, as_owner: bool = False) -> None:
        """Make people members (or admins with all rights, or the owner)."""
        build = owner if as_owner else admin if as_admin else member
        for person in people:
            self.chat.members[person.id] = build(person.face)

    def remove(self, person: Person) -> None:
        """Take someone out: getChatMember says `left`."""
        self.chat.members.pop(person.id, None)

    def limit_bot(self, **rights: bool) -> None:
        """Leave the bot an admin but set these rights, e.g. `limit_bot(can_manage_topics=False)`."""
        bot = self._hub.world.bot_user
        self.chat.members[bot["id"]] = admin(bot, **rights)

    def kick_bot(self) -> None:
        """Throw the bot out: sends answer 403, a my_chat_member update tells it."""
        world = self._hub.world
        old = self.chat.members[world.bot_id]
        self.chat.reach = Reach.KICKED
        self.chat.members[world.bot_id] = {"status": "kicked", "user": world.bot_user, "until_date": 0}
        member_changed(world, self.chat, world.bot_user, old, self.chat.members[world.bot_id])
        self._hub.touch()

    def delete_topic(self, topic: Topic) -> None:
        """Delete a topic with its posts, as an admin does in the app: the bot is not told."""
        remove_topic(self.chat, topic.id)

    def migrate(self, new_id: int) -> Group:
        """Move to a new chat id: sends to the old one answer 400 with migrate_to_chat_id."""
        world = self._hub.world
        face = {**self.chat.face, "id": new_id}
        moved = Chat(new_id, face, Reach.OPEN, itertools.count(2), members=dict(self.chat.members))
        world.chats[new_id] = moved
        sender = world.bot_user
        to_post = add_post(world, self.chat, sender, {"migrate_to_chat_id": new_id}, by_bot=False)
        world.updates.add("message", to_post.body)
        from_post = add_post(world, moved, sender, {"migrate_from_chat_id": self.id}, by_bot=False)
        world.updates.add("message", from_post.body)
        self.chat.migrated_to = new_id
        self._hub.touch()
        return Group(self._hub, moved)

    async def hears(
        self,
        fragment: str = "",
        *,
        thread: Topic | int | None = None,
        timeout: float = DEFAULT_WAIT,
    ) -> Post:
        """The bot's next post here (in one topic), not heard before, that contains `fragment`."""
        number = thread.id if isinstance(thread, Topic) else thread
        return await self._ear.hear(fragment, thread=number, timeout=timeout)
