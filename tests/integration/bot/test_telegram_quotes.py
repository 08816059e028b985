"""Replies to a certain message are replies to it on the other side too, both ways; and what was sent is taken back."""

import pytest

from tests.botapi.server import BotApiServer
from tests.telegram_stage import DeskHouse


async def test_an_agents_reply_quotes_the_customers_message(desk_house: DeskHouse) -> None:
    zoe, topic, _ = await desk_house.held()
    said = await zoe.says("is it blue?")
    copy = await desk_house.group.hears("is it blue?", thread=topic)
    await zoe.says("or green?")
    await desk_house.group.hears("or green?", thread=topic)
    await desk_house.ann.says("yes", chat=desk_house.group, thread=topic, reply_to=copy)
    assert (await zoe.hears("yes")).reply_to_id == said.id
    await desk_house.ann.says("plainly", chat=desk_house.group, thread=topic)
    assert (await zoe.hears("plainly")).reply_to_id is None


async def test_a_customers_reply_answers_the_same_message_in_the_topic(desk_house: DeskHouse) -> None:
    zoe, topic, _ = await desk_house.held()
    wrote = await desk_house.ann.says("Monday or Tuesday?", chat=desk_house.group, thread=topic)
    asked = await zoe.hears("Monday or Tuesday?")
    await zoe.says("the second", reply_to=asked)
    assert (await desk_house.group.hears("Zoe: the second", thread=topic)).reply_to_id == wrote.id
    said = await zoe.says("my own words")
    copy = await desk_house.group.hears("my own words", thread=topic)
    await zoe.sends_photo("this one", reply_to=said)
    assert (await desk_house.group.hears("this one", thread=topic)).reply_to_id == copy.id


async def test_what_the_group_never_saw_is_quoted_in_words(desk_house: DeskHouse) -> None:
    zoe, topic, _ = await desk_house.queued(5, "Zoe", "how long do refunds take?")
    answer = next(post for post in desk_house.server.sent(5) if "five working days" in post.text)
    await zoe.says("that is too long", reply_to=answer)
    shown = await desk_house.group.hears("that is too long", thread=topic)
    assert shown.text == "↪ Refunds take five working days.\nZoe: that is too long"


async def test_words_that_answer_stand_alone_even_when_many_wait(desk_house: DeskHouse) -> None:
    zoe, topic, _ = await desk_house.held()
    wrote = await desk_house.ann.says("which one?", chat=desk_house.group, thread=topic)
    asked = await zoe.hears("which one?")
    await desk_house.stop()
    for words in ("first", "second"):
        await zoe.says(words)
    await zoe.says("the blue one", reply_to=asked)
    await zoe.says("last")
    await desk_house.run()
    answered = await desk_house.group.hears("the blue one", thread=topic)
    assert (answered.text, answered.reply_to_id) == ("Zoe: the blue one", wrote.id)
    assert (await desk_house.group.hears("last", thread=topic)).text == "Zoe: last"


@pytest.mark.parametrize("how", ["as a reply", "the last"])
async def test_delete_removes_it_at_the_customers(
    desk_house: DeskHouse, bot_api: BotApiServer, how: str
) -> None:
    zoe, topic, _ = await desk_house.held()
    kept = await desk_house.ann.says("this stays", chat=desk_house.group, thread=topic)
    wrote = await desk_house.ann.says("the code is 4711", chat=desk_house.group, thread=topic)
    stays, goes = await zoe.hears("this stays"), await zoe.hears("4711")
    answered = {"reply_to": wrote} if how == "as a reply" else {}
    await desk_house.ann.says("/delete", chat=desk_house.group, thread=topic, **answered)  # type: ignore[arg-type]
    told = await desk_house.group.hears("Deleted on the customer's side", thread=topic)
    assert (goes.deleted, stays.deleted, told.reply_to_id) == (True, False, wrote.id)
    assert kept.id != wrote.id
    assert not [post for post in bot_api.sent(zoe.id) if "/delete" in post.text]


async def test_every_part_of_a_long_message_is_deleted(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, topic, _ = await desk_house.held()
    known = len(bot_api.sent(zoe.id))
    await desk_house.ann.sends_photo("w" * 1020, chat=desk_house.group, thread=topic)
    await bot_api.wait_for_sent(zoe.id, known + 1)
    await desk_house.ann.sends("video_note", b"x", chat=desk_house.group, thread=topic)
    await bot_api.wait_for_sent(zoe.id, known + 2)
    await desk_house.ann.sends_album(3, "three", chat=desk_house.group, thread=topic)
    album = (await bot_api.wait_for_sent(zoe.id, known + 5))[-3:]
    await desk_house.ann.says("/delete", chat=desk_house.group, thread=topic)
    await desk_house.group.hears("Deleted on the customer's side", thread=topic)
    assert [post.deleted for post in album] == [True] * 3
    assert [post.deleted for post in bot_api.sent(zoe.id)[known : known + 2]] == [False] * 2


async def test_what_cannot_be_deleted_is_said(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, topic, _ = await desk_house.held()
    wrote = await desk_house.ann.says("long ago", chat=desk_house.group, thread=topic)
    copy = await zoe.hears("long ago")
    copy.at -= 3 * 24 * 3600
    await desk_house.bob.says("/delete", chat=desk_house.group, thread=topic, reply_to=wrote)
    await desk_house.group.hears("a colleague wrote that", thread=topic)
    await desk_house.ann.says("/delete", chat=desk_house.group, thread=topic, reply_to=wrote)
    told = await desk_house.group.hears("The customer can still see it", thread=topic)
    assert (told.reply_to_id, copy.deleted) == (wrote.id, False)
    await desk_house.ann.says("/delete", chat=desk_house.group, thread=topic, reply_to=wrote)
    await desk_house.group.hears("it has been deleted already", thread=topic)
    said = await zoe.says("mine")
    shown = await desk_house.group.hears("Zoe: mine", thread=topic)
    await desk_house.ann.says("/delete", chat=desk_house.group, thread=topic, reply_to=shown)
    await desk_house.group.hears("only what an agent sent", thread=topic)
    assert not said.deleted


async def test_nothing_to_delete(desk_house: DeskHouse) -> None:
    _, topic, _ = await desk_house.held()
    await desk_house.ann.says("/delete", chat=desk_house.group, thread=topic)
    await desk_house.group.hears("there is nothing to delete", thread=topic)
