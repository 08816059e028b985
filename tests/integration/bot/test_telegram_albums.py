"""Albums stay albums both ways, through restarts too; agents' files reach customers of other channels."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.channels.telegram.desk import albums, drafting
from crm_store import stored_files
from crm_store.engine import Store
from crm_store.files import files_of
from crm_store.models.conversations import Message
from tests.botapi import faults
from tests.botapi.server import BotApiServer
from tests.telegram_stage import GROUP, DeskHouse, at_rest, until_taken, web_customer


@pytest.mark.parametrize("kind", ["photo", "video", "document", "audio"])
async def test_an_agents_album_is_an_album_to_the_customer(
    desk_house: DeskHouse, bot_api: BotApiServer, kind: str
) -> None:
    zoe, topic, _ = await desk_house.held()
    known = len(bot_api.sent(zoe.id))
    sent = await desk_house.ann.sends_album(3, "three of them", kind, chat=desk_house.group, thread=topic)
    posts = (await bot_api.wait_for_sent(zoe.id, known + 3))[known:]
    assert [post.method for post in posts] == ["sendMediaGroup"] * 3
    assert len({post.media_group_id for post in posts}) == 1
    assert [post.text for post in posts] == ["three of them", "", ""]
    await desk_house.ann.edits(sent[0], "three blue ones")
    await bot_api.wait_for(lambda: posts[0].text == "three blue ones")
    await desk_house.ann.says("after it", chat=desk_house.group, thread=topic)
    await zoe.hears("after it")
    assert len(bot_api.sent(zoe.id)) == known + 4


async def test_every_part_of_an_agents_album_keeps_its_own_words(
    desk_house: DeskHouse, bot_api: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its parts come one by one: on a busy machine a second may pass between two.
    monkeypatch.setattr(albums, "ALBUM_WAIT", timedelta(seconds=5))
    zoe, topic, _ = await desk_house.held()
    known = len(bot_api.sent(zoe.id))
    place = {"chat": desk_house.group, "thread": topic}
    first = await desk_house.ann.sends_album(1, "the front", **place)  # type: ignore[arg-type]
    more = await desk_house.ann.sends_album(1, "the back", more_of=first[0], **place)  # type: ignore[arg-type]
    await desk_house.ann.sends_album(1, "x" * 1500, more_of=first[0], **place)  # type: ignore[arg-type]
    posts = (await bot_api.wait_for_sent(zoe.id, known + 4))[known:]
    assert len({post.media_group_id for post in posts[:3]}) == 1
    assert [post.text for post in posts] == ["the front", "the back", "", "x" * 1500]
    await desk_house.ann.edits(more[0], "the left side")
    await bot_api.wait_for(lambda: posts[1].text == "the left side")
    assert posts[0].text == "the front"
    await at_rest(desk_house.store)
    async with desk_house.store.read() as session:
        wrote = await session.scalar(select(Message).where(Message.kind == "photo"))
        assert wrote is not None
        assert (wrote.attachment or {})["album"][0]["caption"] == "the left side"
        assert wrote.text == "the front"


LONG = timedelta(minutes=1)
"""So long the house would have waited for the next part, had it not been killed."""


async def test_an_agents_album_survives_a_restart_halfway(
    desk_house: DeskHouse, bot_api: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoe, topic, _ = await desk_house.held()
    monkeypatch.setattr(albums, "ALBUM_WAIT", LONG)
    known = len(bot_api.sent(zoe.id))
    parts = await desk_house.ann.sends_album(4, "four", chat=desk_house.group, thread=topic)
    await bot_api.wait_until_confirmed()
    await desk_house.kill()
    monkeypatch.undo()
    await desk_house.ann.sends_album(1, more_of=parts[0], chat=desk_house.group, thread=topic)
    await desk_house.run()
    posts = (await bot_api.wait_for_sent(zoe.id, known + 5))[known:]
    assert len({post.media_group_id for post in posts}) == 1


async def test_a_customers_album_survives_a_restart_halfway(
    desk_house: DeskHouse, bot_api: BotApiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    zoe, topic, _ = await desk_house.held()
    monkeypatch.setattr(drafting, "ALBUM_WAIT", LONG)
    known = len(bot_api.sent(GROUP, thread=topic.id))
    parts = await zoe.sends_album(3, "three")
    await bot_api.wait_until_confirmed()
    await desk_house.kill()
    monkeypatch.undo()
    await zoe.sends_album(1, more_of=parts[0])
    await desk_house.run()
    posts = (await bot_api.wait_for_sent(GROUP, known + 4, thread=topic.id))[known:]
    assert len({post.media_group_id for post in posts}) == 1


async def test_agents_files_reach_the_web_in_their_order(bot_api: BotApiServer, shop_store: Store) -> None:
    house, web = await web_customer(bot_api, shop_store)
    topic = house.group.topic("Wei")
    png = b"\x89PNG\r\n\x1a\n and more"
    await house.ann.sends(
        "document", png, name="plan.png", caption="the plan", chat=house.group, thread=topic
    )
    await house.ann.sends_album(2, chat=house.group, thread=topic)
    await house.ann.sends_location(chat=house.group, thread=topic)
    await house.ann.sends_contact("+4930123", chat=house.group, thread=topic)
    await house.ann.says("that is all", chat=house.group, thread=topic)
    await until_taken(web, "that is all")
    taken = [sent for sent in web.taken if sent.author == "agent"]
    assert [sent.text for sent in taken] == [
        "the plan", "", "", "[location] 52.5, 13.4", "[contact] Ann, +4930123", "that is all",
    ]  # fmt: skip
    files = [sent.attachment for sent in taken if sent.attachment]
    assert [file["mime"] for file in files] == ["image/png", "image/jpeg", "image/jpeg"]
    assert files[0]["name"] == "plan.png"
    folder = files_of(house.store_settings)
    assert folder.path(files[0]["file"]).read_bytes() == png
    async with shop_store.read() as session:
        row = await stored_files.find(session, files[0]["file"])
        assert row is not None
        assert row.lane == "web:v1"
    await house.stop()


async def test_a_file_that_cannot_be_had_is_told_and_holds_nothing_up(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    house, web = await web_customer(bot_api, shop_store)
    topic = house.group.topic("Wei")
    bot_api.fail("getFile", faults.bad_request("file is too big"))
    wrote = await house.ann.sends_document(chat=house.group, thread=topic)
    await house.ann.says("see the file", chat=house.group, thread=topic)
    told = await house.group.hears("Not delivered", thread=topic)
    assert told.reply_to_id == wrote.id
    await until_taken(web, "see the file")
    async with shop_store.read() as session:
        states = await session.scalars(select(Message.delivery).where(Message.author == "agent"))
        assert list(states) == ["dead", "sent"]
    await house.stop()


async def test_telegram_away_while_a_file_is_fetched(bot_api: BotApiServer, shop_store: Store) -> None:
    house, web = await web_customer(bot_api, shop_store)
    topic = house.group.topic("Wei")
    bot_api.fail("getFile", faults.server_error(502), times=2)
    await house.ann.sends_document(caption="at last", chat=house.group, thread=topic)
    await until_taken(web, "at last")
    assert next(sent.attachment for sent in web.taken if sent.text == "at last")["name"] == "invoice.pdf"  # type: ignore[index]
    await house.stop()
