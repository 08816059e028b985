"""People who use the bot: what they write, send, press and block."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypedDict, Unpack

from tests.botapi.copying import copied_content, forward_origin
from tests.botapi.entities import command_entities
from tests.botapi.files import media_content, store
from tests.botapi.forum import open_topic
from tests.botapi.hub import DEFAULT_WAIT, Ear, Hub
from tests.botapi.members import bot_sees, member_changed
from tests.botapi.posting import add_post, human_frame, shallow
from tests.botapi.wire import Json, Upload
from tests.botapi.world import ANONYMOUS_ADMIN, Chat, Post, Press, Reach, Topic

PHOTO = b"\xff\xd8\xff\xe0 a small photo"


class HasChat(Protocol):
    """Anything that stands for a chat: a Group, another Person."""

    chat: Chat


class Place(TypedDict, total=False):
    """Where and how a person posts; without it, plainly in the private chat with the bot."""

    chat: HasChat
    thread: Topic | int | None
    reply_to: Post | None
    anonymous: bool
    forward_of: Post | None


class Person:
    """A Telegram user; every act returns the post it made, the bot learns of it by an update."""

    def __init__(self, hub: Hub, face: Json, chat: Chat) -> None:
        self._hub = hub
        self.face = face
        self.chat = chat
        self._ear = Ear(hub, chat.sent)

    @property
    def id(self) -> int:
        """The user id, which is the private chat's id as well."""
        return int(self.face["id"])

    async def says(self, text: str, *, marks: list[Json] | None = None, **place: Unpack[Place]) -> Post:
        """A text message with its formatting; commands in it are marked as Telegram marks them."""
        content: Json = {"text": text}
        entities = command_entities(text) + (marks or [])
        if entities:
            content["entities"] = entities
        return self._post(content, place)

    async def starts(self, payload: str = "") -> Post:
        """The Start button, with a deep link's payload."""
        if self.chat.reach is Reach.BLOCKED:
            await self.unblocks_bot()
        return await self.says(f"/start {payload}".strip())

    async def sends(
        self,
        kind: str,
        content: bytes = b"content",
        *,
        name: str = "",
        mime_type: str = "application/octet-stream",
        caption: str = "",
        size: int | None = None,
        options: Json | None = None,
        **place: Unpack[Place],
    ) -> Post:
        """A file as `kind` (photo, document, voice, video, audio, sticker, animation, video_note)."""
        stored = store(self._hub.world, kind, Upload(name, content, mime_type), size=size)
        body = media_content(self._hub.world, kind, stored, options or {})
        if caption:
            body["caption"] = caption
        return self._post(body, place)

    async def sends_photo(self, caption: str = "", content: bytes = PHOTO, **place: Unpack[Place]) -> Post:
        """A photo in two sizes."""
        return await self.sends("photo", content, mime_type="image/jpeg", caption=caption, **place)

    async def sends_document(
        self,
        name: str = "invoice.pdf",
        content: bytes = b"%PDF-1.7",
        *,
        mime_type: str = "application/pdf",
        caption: str = "",
        size: int | None = None,
        **place: Unpack[Place],
    ) -> Post:
        """A file; `size` may claim more bytes than `content` has."""
        return await self.sends(
            "document", content, name=name, mime_type=mime_type, caption=caption, size=size, **place
        )

    async def sends_voice(self, duration: int = 3, content: bytes = b"OggS", **place: Unpack[Place]) -> Post:
        """A voice message of `duration` seconds."""
        return await self.sends(
            "voice", content, mime_type="audio/ogg", options={"duration": duration}, **place
        )

    async def sends_sticker(self, emoji: str = "👍", **place: Unpack[Place]) -> Post:
        """A sticker that stands for `emoji`."""
        return await self.sends("sticker", b"RIFF", mime_type="image/webp", options={"emoji": emoji}, **place)

    async def sends_location(
        self, latitude: float = 52.5, longitude: float = 13.4, **place: Unpack[Place]
    ) -> Post:
        """A point on the map."""
        return self._post({"location": {"latitude": latitude, "longitude": longitude}}, place)

    async def sends_contact(self, phone: str = "+10000000000", **place: Unpack[Place]) -> Post:
        """The person's own contact."""
        contact = {"phone_number": phone, "first_name": self.face["first_name"], "user_id": self.id}
        return self._post({"contact": contact}, place)

    async def sends_album(
        self,
        count: int = 2,
        caption: str = "",
        kind: str = "photo",
        more_of: Post | None = None,
        **place: Unpack[Place],
    ) -> list[Post]:
        """An album: `count` messages with one media_group_id, the caption on the first; or more parts of one."""
        world = self._hub.world
        group_id = (more_of.media_group_id if more_of is not None else None) or str(next(world.serial))
        posts = []
        for number in range(count):
            stored = store(world, kind, Upload(f"{number}", PHOTO + bytes([number]), "image/jpeg"))
            body = {"media_group_id": group_id, **media_content(world, kind, stored, {})}
            if caption and number == 0:
                body["caption"] = caption
            posts.append(self._post(body, place))
        return posts

    async def forwards(self, post: Post, **place: Unpack[Place]) -> Post:
        """Someone's post passed on, with its origin shown."""
        place["forward_of"] = post
        return self._post(copied_content(post.body), place)

    async def edits(self, post: Post, text: str, marks: Sequence[Json] = ()) -> Post:
        """New text (or caption) for an own post, formatted as `marks` say."""
        field, formats = ("text", "entities") if "text" in post.body else ("caption", "caption_entities")
        body = {**post.body, field: text, "edit_date": self._hub.world.date()}
        body.pop(formats, None)
        if marks:
            body[formats] = [dict(mark) for mark in marks]
        post.replace(body)
        self._tell("edited_message", body)
        return post

    async def replaces(
        self, post: Post, kind: str, content: bytes, *, name: str = "", caption: str = ""
    ) -> Post:
        """Another file (and caption) in place of an own post's, as an edit."""
        stored = store(self._hub.world, kind, Upload(name, content, "application/octet-stream"))
        old = {"photo", "video", "audio", "document", "animation", "caption", "caption_entities"}
        body = {name: value for name, value in post.body.items() if name not in old}
        body |= {**media_content(self._hub.world, kind, stored, {}), "edit_date": self._hub.world.date()}
        post.replace(body | ({"caption": caption} if caption else {}))
        self._tell("edited_message", post.body)
        return post

    async def presses(self, post: Post, button: str) -> Press:
        """An inline button by its text; the Press shows the bot's answer once it came. KeyError: no such."""
        for row in post.rows:
            for shown in row:
                if shown["text"] == button:
                    return await self.presses_data(post, str(shown["callback_data"]))
        raise KeyError(f"no button {button!r}, there are {post.buttons}")

    async def presses_data(self, post: Post, data: str) -> Press:
        """A press with any callback data: a button that is gone, or a forged one."""
        world = self._hub.world
        press = Press(str(next(world.serial)), self.id, data, world.clock())
        world.presses[press.id] = press
        query = {
            "id": press.id,
            "from": self.face,
            "message": post.body,
            "chat_instance": str(post.chat_id),
            "data": data,
        }
        self._tell("callback_query", query)
        return press

    async def reacts(self, post: Post, emoji: str = "👍") -> None:
        """A reaction in place of the former one; '' takes it away."""
        old = post.reactions.get(self.id, [])
        new = [{"type": "emoji", "emoji": emoji}] if emoji else []
        post.reactions[self.id] = new
        change = {"chat": post.body["chat"], "message_id": post.id, "user": self.face}
        change |= {"date": self._hub.world.date(), "old_reaction": old, "new_reaction": new}
        self._tell("message_reaction", change)

    async def blocks_bot(self) -> None:
        """Sends to this person answer 403 from now on; a my_chat_member update tells the bot."""
        self._change_reach(Reach.BLOCKED, "member", "kicked")

    async def unblocks_bot(self) -> None:
        """The bot may write again; a my_chat_member update tells it."""
        self._change_reach(Reach.OPEN, "kicked", "member")

    def deactivates(self) -> None:
        """The account is gone: sends answer 403, nobody tells the bot."""
        self.chat.reach = Reach.DEACTIVATED

    async def creates_topic(self, name: str, group: HasChat) -> Topic:
        """A topic made by this person; the service message goes to the bot."""
        topic = open_topic(self._hub.world, group.chat, self.face, name)
        self._tell("message", group.chat.posts[topic.id].body)
        return topic

    async def hears(self, fragment: str = "", *, timeout: float = DEFAULT_WAIT) -> Post:
        """The bot's next message in the private chat, not heard before, that contains `fragment`."""
        return await self._ear.hear(fragment, timeout=timeout)

    def _change_reach(self, reach: Reach, old: str, new: str) -> None:
        world = self._hub.world
        self.chat.reach = reach
        shown: list[Json] = [{"status": status, "user": world.bot_user} for status in (old, new)]
        for one in shown:
            if one["status"] == "kicked":
                one["until_date"] = 0
        member_changed(world, self.chat, self.face, *shown)
        self._hub.touch()

    def _post(self, content: Json, place: Place) -> Post:
        chat = place["chat"].chat if "chat" in place else self.chat
        if chat is self.chat and chat.reach is Reach.NEVER_STARTED:
            chat.reach = Reach.OPEN
        if chat.reach is not Reach.OPEN:
            raise ValueError(f"nobody can post here: {chat.reach.value}")
        sender = ANONYMOUS_ADMIN if place.get("anonymous") else self.face
        frame: Json = {"sender_chat": chat.face} if place.get("anonymous") else {}
        thread = place.get("thread")
        frame |= human_frame(chat, thread.id if isinstance(thread, Topic) else thread)
        reply_to, origin = place.get("reply_to"), place.get("forward_of")
        if reply_to is not None:
            frame["reply_to_message"] = shallow(reply_to.body)
        if origin is not None:
            frame["forward_origin"] = forward_origin(origin.body)
        post = add_post(self._hub.world, chat, sender, {**frame, **content}, by_bot=False)
        if bot_sees(self._hub.world, chat, post):
            self._tell("message", post.body)
        return post

    def _tell(self, kind: str, payload: Json) -> None:
        self._hub.world.updates.add(kind, payload)
        self._hub.touch()
