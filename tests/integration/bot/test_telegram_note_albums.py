"""What one part of an agent's album says holds for all of it, in whatever order the parts come: a note goes to no
customer, what is refused does not either, and a note keeps its files."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.channels.telegram.desk import albums
from crm_store import canned_replies
from crm_store.canned_replies import CannedDraft
from crm_store.engine import Store
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation, Message
from tests.botapi.server import BotApiServer
from tests.botapi.world import Post, Topic
from tests.telegram_stage import DeskHouse, at_rest, until_taken, web_customer

LONG = timedelta(minutes=1)
"""So long nothing leaves of an album that has said nothing yet."""


async def sends_parts(house: DeskHouse, topic: Topic, captions: Sequence[str]) -> list[Post]:
    """Ann's album, a part for each of these."""
    posts: list[Post] = []
    for words in captions:
        more_of = posts[0] if posts else None
        posts += await house.ann.sends_album(1, words, more_of=more_of, chat=house.group, thread=topic)
    return posts


async def noted(store: Store) -> list[Message]:
    async with store.read() as session:
        return list(await session.scalars(select(Message).where(Message.is_note).order_by(Message.id)))


def files_in(message: Message) -> int:
    held = message.attachment or {}
    return 1 + len(held["album"]) if "album" in held else len(held and [held])


@pytest.mark.parametrize("at", range(4))
async def test_an_album_that_is_a_note_stays_one_whichever_part_says_so(
    desk_house: DeskHouse, bot_api: BotApiServer, at: int
) -> None:
    zoe, topic, _ = await desk_house.held()
    known = len(bot_api.sent(zoe.id))
    captions = ["", "", "", ""]
    captions[at] = "// four internal photos"
    posts = await sends_parts(desk_house, topic, captions)
    await desk_house.ann.says("after it", chat=desk_house.group, thread=topic)
    await zoe.hears("after it")
    assert [post.text for post in bot_api.sent(zoe.id)[known:]] == ["after it"]
    (note,) = await noted(desk_house.store)
    assert (note.text, files_in(note), note.kind, note.delivery) == ("four internal photos", 4, "photo", None)
    await desk_house.ann.edits(posts[at], "// four of them")
    await desk_house.ann.says("and more", chat=desk_house.group, thread=topic)
    await zoe.hears("and more")
    assert len(bot_api.sent(zoe.id)) == known + 2
    assert [one.text for one in await noted(desk_house.store)] == ["four of them"]


async def test_who_noted_with_an_album_still_owes_a_reply(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    _, topic, card = await desk_house.held()
    await sends_parts(desk_house, topic, ["", "", "// how it looks"])
    await bot_api.wait_until_confirmed()
    await at_rest(desk_house.store)
    async with desk_house.store.read() as session:
        conversation = (await session.scalars(select(Conversation))).one()
        assert conversation.status == Status.ASSIGNED
        assert conversation.first_reply_at is None
    assert "Answered by" not in card.text


@pytest.mark.parametrize("words", ["/nosuchcode", "/resolve", "/hi", "good news\n// do not tell"])
@pytest.mark.parametrize("at", [0, 1, 3])
async def test_an_album_that_is_refused_is_refused_whole_and_told_once(
    desk_house: DeskHouse, bot_api: BotApiServer, words: str, at: int
) -> None:
    async with desk_house.store.write() as session:
        await canned_replies.create(session, CannedDraft("hi", "Hello there"), now=desk_house.clock())
    zoe, topic, card = await desk_house.held()
    known = len(bot_api.sent(zoe.id))
    captions = ["", "", "", ""]
    captions[at] = words
    await sends_parts(desk_house, topic, captions)
    await desk_house.ann.says("after it", chat=desk_house.group, thread=topic)
    await zoe.hears("after it")
    await at_rest(desk_house.store)
    assert [post.text for post in bot_api.sent(zoe.id)[known:]] == ["after it"]
    in_topic = [post.text for post in desk_house.group.chat.posts.values() if post.thread_id == topic.id]
    assert sum("nothing was" in text for text in in_topic) == 1
    assert "Resolve" in card.buttons
    assert await noted(desk_house.store) == []


@pytest.mark.parametrize("words", ["// internal", "/nosuchcode"])
@pytest.mark.parametrize("at", [0, 3])
async def test_an_album_stays_internal_through_a_kill_between_its_parts(
    desk_house: DeskHouse, bot_api: BotApiServer, words: str, at: int
) -> None:
    zoe, topic, _ = await desk_house.held()
    known = len(bot_api.sent(zoe.id))
    captions = ["", "", "", ""]
    captions[at] = words
    posts = await sends_parts(desk_house, topic, captions[:2])
    await bot_api.wait_until_confirmed()
    await desk_house.kill()
    for caption in captions[2:]:
        await desk_house.ann.sends_album(1, caption, more_of=posts[0], chat=desk_house.group, thread=topic)
    await desk_house.ann.says("after it", chat=desk_house.group, thread=topic)
    await desk_house.run()
    await zoe.hears("after it")
    assert [post.text for post in bot_api.sent(zoe.id)[known:]] == ["after it"]
    assert [files_in(note) for note in await noted(desk_house.store)] == ([4] if "//" in words else [])


async def test_pictures_without_a_word_wait_until_their_album_must_be_whole(
    desk_house: DeskHouse, bot_api: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(albums, "UNDECIDED_WAIT", LONG)
    zoe, topic, _ = await desk_house.held()
    known = len(bot_api.sent(zoe.id))
    parts = await sends_parts(desk_house, topic, ["", ""])
    await bot_api.wait_until_confirmed()
    await sends_parts(desk_house, topic, ["one with words"])  # another album, behind it in the lane
    await bot_api.wait_until_confirmed()
    assert len(bot_api.sent(zoe.id)) == known
    place = {"chat": desk_house.group, "thread": topic}
    await desk_house.ann.sends_album(1, "blue, red, green", more_of=parts[0], **place)  # type: ignore[arg-type]
    posts = (await bot_api.wait_for_sent(zoe.id, known + 4))[known:]
    assert [post.text for post in posts] == ["", "", "blue, red, green", "one with words"]
    assert len({post.media_group_id for post in posts[:3]}) == 1


@pytest.mark.parametrize("words", ["// internal", "/nosuchcode"])
async def test_a_mark_that_comes_too_late_takes_back_what_has_left(
    desk_house: DeskHouse, bot_api: BotApiServer, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.setattr(albums, "UNDECIDED_WAIT", timedelta())
    zoe, topic, _ = await desk_house.held()
    known = len(bot_api.sent(zoe.id))
    parts = await sends_parts(desk_house, topic, [""])
    await bot_api.wait_for_sent(zoe.id, known + 1)
    await at_rest(desk_house.store)
    await desk_house.ann.sends_album(1, words, more_of=parts[0], chat=desk_house.group, thread=topic)
    await desk_house.group.hears("Deleted on the customer's side", thread=topic)
    await at_rest(desk_house.store)
    assert [post for post in bot_api.sent(zoe.id)[known:] if not post.deleted] == []


@pytest.mark.parametrize("words", ["// internal", "/nosuchcode"])
@pytest.mark.parametrize("at", [0, 2])
async def test_an_internal_album_reaches_no_web_customer(
    bot_api: BotApiServer, shop_store: Store, words: str, at: int
) -> None:
    house, web = await web_customer(bot_api, shop_store)
    topic = house.group.topic("Wei")
    captions = ["", "", ""]
    captions[at] = words
    await sends_parts(house, topic, captions)
    await house.ann.says("after it", chat=house.group, thread=topic)
    await until_taken(web, "after it")
    assert [sent.text for sent in web.taken if sent.author == "agent"] == ["after it"]
    assert [files_in(note) for note in await noted(shop_store)] == ([3] if "//" in words else [])
    await house.stop()


async def test_a_picture_with_a_command_is_refused(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, topic, card = await desk_house.held()
    known = len(bot_api.sent(zoe.id))
    await desk_house.ann.sends_photo("/resolve", chat=desk_house.group, thread=topic)
    await desk_house.group.hears("a command goes alone", thread=topic)
    assert "Resolve" in card.buttons
    assert len(bot_api.sent(zoe.id)) == known


async def test_a_note_keeps_its_picture(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    _, topic, _ = await desk_house.held()
    await desk_house.ann.sends_photo("// the broken part", chat=desk_house.group, thread=topic)
    await desk_house.ann.sends_photo("//", chat=desk_house.group, thread=topic)
    await bot_api.wait_until_confirmed()
    worded, bare = await noted(desk_house.store)
    assert (worded.text, worded.kind, bare.text, bare.kind) == ("the broken part", "photo", "", "photo")
    assert "file_id" in (worded.attachment or {})


@pytest.mark.parametrize(
    "words", ["line one\n// internal\nline three", "/hi and\n// internal", "one\r\n  // internal"]
)
async def test_words_with_a_note_among_them_go_nowhere(
    desk_house: DeskHouse, bot_api: BotApiServer, words: str
) -> None:
    async with desk_house.store.write() as session:
        await canned_replies.create(session, CannedDraft("hi", "Hello there"), now=desk_house.clock())
    zoe, topic, _ = await desk_house.held()
    known = len(bot_api.sent(zoe.id))
    await desk_house.ann.says(words, chat=desk_house.group, thread=topic)
    await desk_house.group.hears("a line in it starts with //", thread=topic)
    await desk_house.ann.says(
        "see https://shop.example\nhttps://shop.example//a", chat=desk_house.group, thread=topic
    )
    await zoe.hears("shop.example")
    assert len(bot_api.sent(zoe.id)) == known + 1


async def test_an_edit_makes_no_note_of_what_the_customer_has(
    desk_house: DeskHouse, bot_api: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoe, topic, _ = await desk_house.held()
    known = len(bot_api.sent(zoe.id))
    wrote = await desk_house.ann.says("it comes", chat=desk_house.group, thread=topic)
    parts = await sends_parts(desk_house, topic, ["front", "back"])
    posts = (await bot_api.wait_for_sent(zoe.id, known + 3))[known:]
    await desk_house.ann.edits(wrote, "it comes\n// or not")
    await desk_house.ann.edits(parts[1], "// internal")
    await bot_api.wait_for(
        lambda: sum("cannot become a note" in p.text for p in desk_house.group.chat.posts.values()) == 2
    )
    await at_rest(desk_house.store)
    assert [post.text for post in posts] == ["it comes", "front", "back"]
