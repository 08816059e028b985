"""Bold stays bold and links stay links, both ways; formatting whose words changed is dropped."""

from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.telegram.media import marks_of
from bot.rendering import marked
from crm_store.formatting import marks_of as marks_of_row
from crm_store.models.conversations import MessageEdit
from tests.botapi.server import BotApiServer
from tests.telegram_stage import DeskHouse

Json = dict[str, Any]
BOLD: Json = {"type": "bold", "offset": 3, "length": 4}
LINK: Json = {"type": "text_link", "offset": 8, "length": 4, "url": "https://shop.example/"}


async def test_formatting_is_carried_both_ways(desk_house: DeskHouse) -> None:
    zoe, topic, _ = await desk_house.held()
    await zoe.says("😀 very here", marks=[BOLD, LINK])
    copy = await desk_house.group.hears("very here", thread=topic)
    shift = len("Zoe: ")
    assert copy.body["entities"] == [mark | {"offset": mark["offset"] + shift} for mark in (BOLD, LINK)]
    wrote = await desk_house.ann.says("😀 very here", marks=[BOLD, LINK], chat=desk_house.group, thread=topic)
    sent = await zoe.hears("very here")
    assert sent.body["entities"] == [BOLD, LINK]
    await desk_house.ann.edits(wrote, "plain words now")
    await desk_house.server.wait_for(lambda: sent.text == "plain words now")
    assert "entities" not in sent.body


async def test_lines_that_go_together_keep_their_own(desk_house: DeskHouse) -> None:
    zoe, topic, _ = await desk_house.held()
    await desk_house.stop()
    await zoe.says("😀 one")
    await zoe.says("😀 very two", marks=[BOLD])
    await desk_house.run()
    copy = await desk_house.group.hears("very two", thread=topic)
    before = "Zoe: 😀 one\nZoe: "
    assert copy.text == before + "😀 very two"
    assert copy.body["entities"] == [BOLD | {"offset": 3 + len(before) + 1}]  # the face counts twice


async def test_a_customers_edit_keeps_its_formatting(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, topic, _ = await desk_house.held()
    said = await zoe.says("😀 very here", marks=[LINK])
    copy = await desk_house.group.hears("very here", thread=topic)
    shift = len("Zoe: ")
    for words, marks in (("😀 also here", [BOLD]), ("😀 most here", []), ("😀 even more", [LINK, BOLD])):
        await zoe.edits(said, words, marks)
        await bot_api.wait_for(lambda words=words: copy.text == f"Zoe: {words}")  # type: ignore[misc]
        moved = [mark | {"offset": mark["offset"] + shift} for mark in marks]
        assert copy.body.get("entities", []) == moved
    pictured = await zoe.sends_photo("seed")
    photo = await desk_house.group.hears("seed", thread=topic)
    await zoe.edits(pictured, "so very nice", [BOLD])
    await bot_api.wait_for(lambda: photo.text == "so very nice")
    assert photo.body["caption_entities"] == [BOLD]


async def test_an_edit_of_the_formatting_alone_is_carried(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, _ = await desk_house.held()
    said = await zoe.says("😀 very here", marks=[LINK])
    copy = await desk_house.group.hears("very here", thread=topic)
    shift = len("Zoe: ")
    for marks in ([BOLD], [], [LINK, BOLD]):
        moved = [mark | {"offset": mark["offset"] + shift} for mark in marks]
        await zoe.edits(said, "😀 very here", marks)
        await bot_api.wait_for(lambda moved=moved: copy.body.get("entities", []) == moved)  # type: ignore[misc]
    edits = [call for call in bot_api.calls if call.method == "editMessageText"]
    await zoe.edits(said, "😀 very here", [LINK, BOLD])  # as Telegram reports a link's preview
    await zoe.says("that is all")
    await desk_house.group.hears("that is all", thread=topic)
    about_copy = [c for c in bot_api.calls if c.method == "editMessageText" and c not in edits]
    assert not [c for c in about_copy if c.params.find_integer("message_id") == copy.id]
    async with desk_house.store.read() as session:
        assert list(await session.scalars(select(MessageEdit))) == [], "no words were others before"


async def test_a_question_is_not_answered_again_for_its_formatting(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe = bot_api.user(9, "Zoe")
    said = await zoe.says("How long do refunds take?")
    await zoe.hears("five working days")
    await zoe.edits(said, "How long do refunds take?", [{"type": "bold", "offset": 0, "length": 3}])
    await zoe.says("/help")
    await zoe.hears("Type your question")
    assert sum("five working days" in post.text for post in bot_api.sent(9)) == 1


async def test_an_edit_of_words_posted_together_is_told_with_its_formatting(desk_house: DeskHouse) -> None:
    zoe, topic, _ = await desk_house.held()
    await desk_house.stop()
    said = await zoe.says("😀 one")
    await zoe.says("two")
    await desk_house.run()
    await desk_house.group.hears("Zoe: two", thread=topic)
    await zoe.edits(said, "😀 very one", [BOLD])
    told = await desk_house.group.hears("very one", thread=topic)
    before = told.text.removesuffix("😀 very one")
    assert told.body["entities"] == [BOLD | {"offset": BOLD["offset"] + len(before.encode("utf-16-le")) // 2}]


async def test_masked_words_lose_their_formatting(desk_house: DeskHouse) -> None:
    zoe, topic, _ = await desk_house.held()
    card = "my card 4111 1111 1111 1111 pays"
    await zoe.says(card, marks=[{"type": "bold", "offset": 28, "length": 4}])
    copy = await desk_house.group.hears("pays", thread=topic)
    assert "4111 1111" not in copy.text
    assert "entities" not in copy.body


STRANGE: list[Any] = [None, 5, {}, {"type": "bold"}, {"type": "bold", "offset": -1, "length": 2},
                      {"type": "bold", "offset": 0, "length": 0}, {"type": ["bold"], "offset": 0, "length": 1},
                      {"type": "bot_command", "offset": 0, "length": 5}]  # fmt: skip


@pytest.mark.parametrize("entities", [STRANGE, None, "bold", {"type": "bold"}])
def test_strange_formatting_is_none(entities: Any) -> None:
    assert marks_of({"text": "hello", "entities": entities}) == []


def test_formatting_belongs_to_its_words() -> None:
    kept = marked("hello", "hello", [BOLD])
    assert marks_of_row(kept, "hello") == [BOLD]
    assert marks_of_row(kept, "hello there") == []
    assert marked("hello", "other", [BOLD]) == marked("hello", "hello", []) == {}


async def test_captions_too(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, topic, _ = await desk_house.held()
    known = len(bot_api.sent(zoe.id))
    photo = await desk_house.ann.sends_photo("seed", chat=desk_house.group)
    body = photo.body | {"caption": "so very nice", "caption_entities": [BOLD], "message_id": 9001}
    bot_api.inject({"message": body | {"message_thread_id": topic.id, "is_topic_message": True}})
    sent = (await bot_api.wait_for_sent(zoe.id, known + 1))[-1]
    assert (sent.text, sent.body["caption_entities"]) == ("so very nice", [BOLD])
