"""Albums where staff have no topics, both ways: in a plain group, and in an agent's own chat with the bot."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.telegram.desk import albums, drafting
from crm_store.engine import Store
from crm_store.models.conversations import Message
from tests.botapi import faults
from tests.botapi.groups import Group
from tests.botapi.people import Person
from tests.botapi.server import BotApiServer
from tests.botapi.world import Post
from tests.integration.bot.test_telegram_group import plain_house
from tests.integration.bot.test_telegram_private_desk import PrivateHouse
from tests.telegram_stage import GROUP, DeskHouse, at_rest, settings_for

LONG = timedelta(minutes=1)
"""So long the house would have waited for the next part, had it not been killed."""


@dataclass
class Room:
    """Where staff work: the house, who works there, and what it takes for them to speak there."""

    house: DeskHouse
    group: Group | None = None

    @property
    def server(self) -> BotApiServer:
        return self.house.server

    @property
    def where(self) -> dict[str, Any]:
        return {} if self.group is None else {"chat": self.group}

    async def says(self, words: str, to: Post | None = None) -> Post:
        return await self.house.ann.says(words, reply_to=to, **self.where)

    async def sends(
        self, captions: Sequence[str], replies: Sequence[Post | None], kind: str = "photo"
    ) -> list[Post]:
        """Ann's album, a part for each of these captions, each a reply to what stands beside it."""
        posts: list[Post] = []
        for words, to in zip(captions, replies, strict=True):
            posts += await self.more(posts[0] if posts else None, words, to, kind)
        return posts

    async def more(
        self, of: Post | None, words: str = "", to: Post | None = None, kind: str = "photo"
    ) -> list[Post]:
        """One more part of it."""
        place = self.where if to is None else self.where | {"reply_to": to}
        return await self.house.ann.sends_album(1, words, kind, more_of=of, **place)

    def posts(self) -> list[Post]:
        """What the bot has posted there."""
        return self.server.sent(self.group.id if self.group is not None else self.house.ann.id)

    async def hears(self, words: str) -> Post:
        return await (self.group or self.house.ann).hears(words)

    async def held(self, number: int = 5, name: str = "Zoe") -> tuple[Person, Post]:
        """A customer whom Ann has taken, and their card."""
        customer = self.server.user(number, name)
        await customer.says("/human")
        await customer.hears("in the queue")
        card = await self.hears(f"{name}\nWaiting for a person")
        await self.house.ann.presses(card, "Take")
        await customer.hears("Ann is with you now")
        return customer, card


@pytest.fixture(params=["plain group", "own chat"])
async def room(
    request: pytest.FixtureRequest, bot_api: BotApiServer, shop_store: Store
) -> AsyncIterator[Room]:
    """A running house."""
    house: DeskHouse
    if request.param == "plain group":
        group = bot_api.group(GROUP, "Desk", forum=False)
        found = Room(await plain_house(bot_api, shop_store, group), group)
    else:
        house = PrivateHouse(bot_api, shop_store, settings_for(bot_api, telegram_more_staff_chats="71"))
        await house.open()
        found = Room(house)
    yield found
    await found.house.stop()


def replies(card: Post, count: int, to: str) -> list[Post | None]:
    """What each part of an album answers: the card, or only the first one does."""
    return [card if to == "all" or number == 0 else None for number in range(count)]


async def notes(store: Store) -> list[Message]:
    async with store.read() as session:
        return list(await session.scalars(select(Message).where(Message.is_note)))


@pytest.mark.parametrize("to", ["all", "first"])
@pytest.mark.parametrize("kind", ["photo", "document"])
async def test_an_album_that_answers_a_card_is_an_album_to_the_customer(
    room: Room, bot_api: BotApiServer, kind: str, to: str
) -> None:
    zoe, card = await room.held()
    yan, _ = await room.held(6, "Yan")
    known, others = len(bot_api.sent(zoe.id)), len(bot_api.sent(yan.id))
    sent = await room.sends(["three of them", "", "the back"], replies(card, 3, to), kind)
    posts = (await bot_api.wait_for_sent(zoe.id, known + 3))[known:]
    assert [post.method for post in posts] == ["sendMediaGroup"] * 3
    assert len({post.media_group_id for post in posts}) == 1
    assert [post.text for post in posts] == ["three of them", "", "the back"]
    assert [file_in(post) for post in posts] == [file_in(post) for post in sent]
    await room.house.ann.edits(sent[2], "the left side")
    await bot_api.wait_for(lambda: posts[2].text == "the left side")
    await room.says("after it", card)
    await zoe.hears("after it")
    await at_rest(room.house.store)
    assert (len(bot_api.sent(zoe.id)), len(bot_api.sent(yan.id))) == (known + 4, others)


def file_in(post: Post) -> str:
    held = post.body.get("document") or post.body["photo"][-1]
    return str(held["file_unique_id"])


@pytest.mark.parametrize("to", ["all", "first"])
async def test_an_agents_album_survives_a_restart_halfway(
    room: Room, bot_api: BotApiServer, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    zoe, card = await room.held()
    monkeypatch.setattr(albums, "ALBUM_WAIT", LONG)
    known = len(bot_api.sent(zoe.id))
    parts = await room.sends(["four", "", ""], replies(card, 3, to))
    await bot_api.wait_until_confirmed()
    await room.house.kill()
    monkeypatch.undo()
    await room.more(parts[0], to=card if to == "all" else None)
    await room.house.run()
    await bot_api.wait_for_sent(zoe.id, known + 4)
    await room.says("after it", card)
    await zoe.hears("after it")
    *posts, _ = bot_api.sent(zoe.id)[known:]
    assert [file_in(post) for post in posts] == [file_in(post) for post in parts_in(room)]
    assert len({post.media_group_id for post in posts}) == 1


def parts_in(room: Room) -> list[Post]:
    """Ann's own pictures."""
    chat = (room.group or room.house.ann).chat
    return [post for post in chat.posts.values() if post.media_group_id and not post.method]


@pytest.mark.parametrize("to", ["all", "first"])
@pytest.mark.parametrize("at", [0, 2])
async def test_an_album_that_is_a_note_stays_one(room: Room, bot_api: BotApiServer, at: int, to: str) -> None:
    zoe, card = await room.held()
    known = len(bot_api.sent(zoe.id))
    captions = ["", "", ""]
    captions[at] = "// for us alone"
    await room.sends(captions, replies(card, 3, to))
    await room.says("after it", card)
    await zoe.hears("after it")
    assert [post.text for post in bot_api.sent(zoe.id)[known:]] == ["after it"]
    (note,) = await notes(room.house.store)
    assert (note.text, 1 + len((note.attachment or {})["album"])) == ("for us alone", 3)


@pytest.mark.parametrize("to", ["all", "first"])
@pytest.mark.parametrize("at", [0, 2])
@pytest.mark.parametrize("words", ["/nosuchcode", "/resolve", "good news\n// do not tell"])
async def test_an_album_that_is_refused_is_refused_whole_and_told_once(
    room: Room, bot_api: BotApiServer, words: str, at: int, to: str
) -> None:
    zoe, card = await room.held()
    known, there = len(bot_api.sent(zoe.id)), len(room.posts())
    captions = ["", "", ""]
    captions[at] = words
    await room.sends(captions, replies(card, 3, to))
    await room.says("after it", card)
    await zoe.hears("after it")
    await at_rest(room.house.store)
    assert [post.text for post in bot_api.sent(zoe.id)[known:]] == ["after it"]
    (told,) = room.posts()[there:]
    assert "nothing was" in told.text
    assert told.reply_to_id == card.id


async def test_an_album_that_answers_nothing_goes_to_nobody(room: Room, bot_api: BotApiServer) -> None:
    zoe, card = await room.held()
    known, there = len(bot_api.sent(zoe.id)), len(room.posts())
    await room.sends(["for us", "", ""], [None] * 3)
    await room.says("after it", card)
    await zoe.hears("after it")
    await at_rest(room.house.store)
    assert [post.text for post in bot_api.sent(zoe.id)[known:]] == ["after it"]
    told = [post.text for post in room.posts()[there:]]
    assert len(told) == (room.group is None), "in their own chat they are told once whom to answer"


@pytest.mark.parametrize("kind", ["photo", "document"])
async def test_a_customers_album_stands_below_their_card(
    room: Room, bot_api: BotApiServer, kind: str
) -> None:
    zoe, card = await room.held()
    there = len(room.posts())
    sent = await zoe.sends_album(3, "what I got", kind)
    await bot_api.wait_for(lambda: len(room.posts()) == there + 3)
    shown = room.posts()[there:]
    assert [post.method for post in shown] == ["sendMediaGroup"] * 3
    assert len({post.media_group_id for post in shown}) == 1
    assert [post.text for post in shown] == ["what I got", "", ""]
    assert [file_in(post) for post in shown] == [file_in(post) for post in sent]
    assert {post.reply_to_id for post in shown} == {card.id}
    await zoe.edits(sent[0], "what I got today")
    await bot_api.wait_for(lambda: shown[0].text == "what I got today")
    await room.says("I see", shown[1])
    assert (await zoe.hears("I see")).reply_to_id == sent[1].id


async def test_a_customers_album_survives_a_restart_halfway(
    room: Room, bot_api: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoe, card = await room.held()
    monkeypatch.setattr(drafting, "ALBUM_WAIT", LONG)
    there = len(room.posts())
    parts = await zoe.sends_album(3, "three")
    await bot_api.wait_until_confirmed()
    await room.house.kill()
    monkeypatch.undo()
    await zoe.sends_album(1, more_of=parts[0])
    await room.house.run()
    await bot_api.wait_for(lambda: len(room.posts()) >= there + 4)
    await at_rest(room.house.store)
    shown = [post for post in room.posts()[there:] if post.media_group_id]
    assert len({post.media_group_id for post in shown}) == 1
    assert [(post.method, post.reply_to_id) for post in shown] == [("sendMediaGroup", card.id)] * 4


async def test_a_card_is_answered_where_it_stood_before_a_restart(room: Room, bot_api: BotApiServer) -> None:
    zoe, card = await room.held()
    known = len(bot_api.sent(zoe.id))
    parts = await room.sends(["two", ""], [card, card])
    await bot_api.wait_until_confirmed()
    await room.house.stop()
    await room.house.run()
    await zoe.says("hurry")
    assert (await room.hears("Zoe: hurry")).reply_to_id == card.id
    await room.more(parts[0], to=card)
    await room.says("after it", card)
    await zoe.hears("after it")
    assert (
        len([post for post in bot_api.sent(zoe.id)[known:] if post.media_group_id or "photo" in post.body])
        == 3
    )


async def test_a_customers_album_that_cannot_stand_below_the_card_stands_in_the_chat(
    room: Room, bot_api: BotApiServer
) -> None:
    zoe, _ = await room.held()
    there = len(room.posts())
    bot_api.fail("sendMediaGroup", faults.bad_request("wrong file identifier"))
    await zoe.sends_album(2, "what I got")
    await bot_api.wait_for(lambda: len(room.posts()) == there + 2)
    shown = room.posts()[there:]
    assert [(post.method, post.text) for post in shown] == [
        ("copyMessages", "what I got"),
        ("copyMessages", ""),
    ]
