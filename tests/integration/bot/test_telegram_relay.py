"""What goes through the staff group: every kind of message, edits, albums, failures, topics that vanish."""

import pytest
from sqlalchemy import func, select

from crm_store.models.plumbing import DeskPost
from tests.botapi import faults
from tests.botapi.people import Person
from tests.botapi.server import BotApiServer
from tests.botapi.world import Post, Topic
from tests.telegram_stage import GROUP, HELD, DeskHouse

FILES = ("photo", "document", "voice", "video", "video_note", "audio", "animation", "sticker")
CAPTIONED = ("photo", "document", "voice", "video", "audio", "animation")


async def held(house: DeskHouse, user_id: int = 5, name: str = "Zoe") -> tuple[Person, Topic, Post]:
    """A customer whom Ann has taken."""
    customer, topic, card = await house.queued(user_id, name)
    await house.ann.presses(card, "Take")
    await customer.hears("Ann is with you now")
    await house.server.wait_for(lambda: "Release" in card.buttons)
    return customer, topic, card


async def next_post(house: DeskHouse, topic: Topic, known: int) -> Post:
    posts = await house.server.wait_for_sent(GROUP, known + 1, thread=topic.id)
    return posts[-1]


async def test_every_kind_of_file_reaches_the_topic(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, topic, _ = await held(desk_house)
    for kind in FILES:
        known = len(bot_api.sent(GROUP, thread=topic.id))
        await zoe.sends(kind, kind.encode(), name="a.bin", caption="see" if kind in CAPTIONED else "")
        post = await next_post(desk_house, topic, known)
        assert kind in post.body
        assert post.text == ("see" if kind in CAPTIONED else "")
    for send, field in ((zoe.sends_location, "location"), (zoe.sends_contact, "contact")):
        known = len(bot_api.sent(GROUP, thread=topic.id))
        await send()
        assert field in (await next_post(desk_house, topic, known)).body


async def test_every_kind_of_file_reaches_the_customer(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, topic, _ = await held(desk_house)
    for kind in FILES:
        known = len(bot_api.sent(zoe.id))
        caption = "see" if kind in CAPTIONED else ""
        await desk_house.ann.sends(
            kind, kind.encode(), name="a.bin", caption=caption, chat=desk_house.group, thread=topic
        )
        post = (await bot_api.wait_for_sent(zoe.id, known + 1))[-1]
        assert kind in post.body
        assert post.text == caption


async def test_an_album_stays_an_album(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, topic, _ = await held(desk_house)
    known = len(bot_api.sent(GROUP, thread=topic.id))
    await zoe.sends_album(3, "three of them")
    posts = (await bot_api.wait_for_sent(GROUP, known + 3, thread=topic.id))[-3:]
    assert len({post.media_group_id for post in posts}) == 1
    assert posts[0].media_group_id is not None
    assert posts[0].text == "three of them"


async def test_a_customers_edit_is_made_in_the_topic(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, topic, _ = await held(desk_house)
    said = await zoe.says("my order is 4711")
    copy = await desk_house.group.hears("4711", thread=topic)
    await zoe.edits(said, "my order is 4712")
    await bot_api.wait_for(lambda: copy.text == "Zoe: my order is 4712")
    pictured = await zoe.sends_photo("old words")
    photo = await desk_house.group.hears("old words", thread=topic)
    await zoe.edits(pictured, "new words")
    await bot_api.wait_for(lambda: photo.text == "new words")


async def test_an_agents_edit_reaches_the_customer(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, topic, _ = await held(desk_house)
    wrote = await desk_house.ann.says("it comes on Monday", chat=desk_house.group, thread=topic)
    copy = await zoe.hears("it comes on Monday")
    await desk_house.ann.edits(wrote, "it comes on Tuesday")
    await bot_api.wait_for(lambda: copy.text == "it comes on Tuesday")
    pictured = await desk_house.ann.sends_photo("blue", chat=desk_house.group, thread=topic)
    photo = await zoe.hears("blue")
    await desk_house.ann.edits(pictured, "green")
    await bot_api.wait_for(lambda: photo.text == "green")


async def test_edits_command_nothing(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, topic, card = await held(desk_house)
    noted = await desk_house.ann.says("// a note", chat=desk_house.group, thread=topic)
    wrote = await desk_house.ann.says("a reply", chat=desk_house.group, thread=topic)
    await zoe.hears("a reply")
    known = len(bot_api.sent(zoe.id))
    await desk_house.ann.edits(noted, "now for the customer")
    await desk_house.ann.edits(wrote, "// now a note")
    await desk_house.group.hears("cannot become a note", thread=topic)
    await bot_api.wait_until_confirmed()
    await desk_house.ann.edits(wrote, "/resolve")
    await zoe.says("still there?")
    await desk_house.group.hears("still there?", thread=topic)
    assert len(bot_api.sent(zoe.id)) == known
    assert "Resolve" in card.buttons


async def test_a_reply_the_customer_cannot_get_is_shown(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, topic, card = await held(desk_house)
    await zoe.blocks_bot()
    wrote = await desk_house.ann.says("hello?", chat=desk_house.group, thread=topic)
    notice = await desk_house.group.hears("Not delivered", thread=topic)
    await bot_api.wait_for(lambda: "Ann's last reply did not arrive" in card.text)
    assert "Answered by Ann" not in card.text
    assert "blocked" in notice.text
    assert notice.reply_to_id == wrote.id
    async with desk_house.store.read() as session:
        told = select(func.count()).where(DeskPost.kind == "failed")
        assert await session.scalar(told) == 1


async def test_a_deleted_topic_is_made_anew_once_with_what_was_said(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, _ = await held(desk_house)
    await zoe.says("first words")
    await desk_house.group.hears("first words", thread=topic)
    desk_house.group.delete_topic(topic)
    await zoe.says("second words")
    await zoe.says("third words")
    again = await bot_api.wait_for(
        lambda: next((t for t in desk_house.group.topics if t.id != topic.id), None)
    )
    assert again is not None
    await desk_house.group.hears("first words", thread=again)
    await desk_house.group.hears("third words", thread=again)
    assert len(desk_house.group.topics) == 1
    await desk_house.ann.says("in the new one", chat=desk_house.group, thread=again)
    await zoe.hears("in the new one")


async def test_a_topic_deleted_before_its_card_stood_in_it_is_made_anew(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    """Otherwise its customer's card would hold up the whole group for ever."""
    # The topic is made, its card does not arrive, and then nobody finds the topic any more.
    bot_api.fail("sendMessage", faults.server_error(), chat=GROUP)
    bot_api.fail("sendMessage", faults.bad_request("message thread not found"), chat=GROUP)
    zoe = bot_api.user(5, "Zoe")
    await zoe.says("/human")
    await bot_api.wait_for(lambda: len(desk_house.group.topics) == 2)
    await desk_house.group.hears("Waiting for a person", thread=desk_house.group.topics[-1])


@pytest.mark.parametrize("reason", ["message thread not found", "TOPIC_DELETED"])
async def test_both_ways_of_saying_that_a_topic_is_gone(
    desk_house: DeskHouse, bot_api: BotApiServer, reason: str
) -> None:
    zoe, _, _ = await held(desk_house)
    bot_api.fail("sendMessage", faults.bad_request(reason), chat=GROUP)
    await zoe.says("hello?")
    await desk_house.group.hears("Zoe: hello?")
    assert len(desk_house.group.topics) == 2


async def test_a_deleted_card_is_drawn_anew(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    _, topic, card = await desk_house.queued()
    card.deleted = True
    await desk_house.ann.says("/take", chat=desk_house.group, thread=topic)
    fresh = await desk_house.group.hears("With Ann", thread=topic)
    assert fresh.buttons == HELD


async def test_three_customers_are_never_mixed_up(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    places = [await held(desk_house, 10 + n, f"C{n}") for n in range(3)]
    for number, (_, topic, _) in enumerate(places):
        await desk_house.ann.says(f"only for {number}", chat=desk_house.group, thread=topic)
    for number, (customer, _, _) in enumerate(places):
        await customer.hears(f"only for {number}")
    await desk_house.ann.presses(places[1][2], "Resolve")
    await places[1][0].hears("Ann has closed this matter")
    await bot_api.wait_for(lambda: "Resolved" in places[1][2].text)
    assert [sum("closed" in post.text for post in bot_api.sent(10 + n)) for n in range(3)] == [0, 1, 0]
    assert [sum("only for" in post.text for post in bot_api.sent(10 + n)) for n in range(3)] == [1, 1, 1]
