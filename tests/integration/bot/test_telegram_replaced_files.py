"""A file that an edit puts in the place of another is carried both ways, or its sender learns that it was not."""

from sqlalchemy import select

from crm_store.engine import Store
from crm_store.models.conversations import Message
from tests.botapi.server import BotApiServer
from tests.botapi.world import Post
from tests.telegram_stage import DeskHouse, until_taken, web_customer


def document(post: Post) -> str:
    """The name of the file that the post shows."""
    return str(post.body.get("document", {}).get("file_name", ""))


async def test_a_customers_other_file_is_put_into_the_topic(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, _ = await desk_house.held()
    sent = await zoe.sends_document("wrong.pdf", caption="my bill")
    copy = await desk_house.group.hears("my bill", thread=topic)
    await zoe.replaces(sent, "document", b"the right one", name="right.pdf", caption="my bill")
    await bot_api.wait_for(lambda: document(copy) == "right.pdf")
    assert copy.text == "my bill"
    await zoe.edits(sent, "my real bill")
    await bot_api.wait_for(lambda: copy.text == "my real bill")
    assert document(copy) == "right.pdf"
    async with desk_house.store.read() as session:
        kept = await session.scalar(select(Message.attachment).where(Message.text == "my real bill"))
    assert kept is not None
    assert (kept["name"], [old["name"] for old in kept["replaced"]]) == ("right.pdf", ["wrong.pdf"])


async def test_where_the_copy_is_gone_the_new_file_comes_anew(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, _ = await desk_house.held()
    sent = await zoe.sends_document("wrong.pdf", caption="my bill")
    copy = await desk_house.group.hears("my bill", thread=topic)
    copy.deleted = True
    await zoe.replaces(sent, "document", b"the right one", name="right.pdf", caption="my bill, sorry")
    await desk_house.group.hears("changed a message", thread=topic)
    assert document(await desk_house.group.hears("my bill, sorry", thread=topic)) == "right.pdf"


async def test_an_agents_other_file_reaches_the_customer(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, _ = await desk_house.held()
    place = {"chat": desk_house.group, "thread": topic}
    wrote = await desk_house.ann.sends_document("wrong.pdf", caption="your bill", **place)  # type: ignore[arg-type]
    copy = await zoe.hears("your bill")
    await desk_house.ann.replaces(wrote, "document", b"the right one", name="right.pdf", caption="your bill")
    await bot_api.wait_for(lambda: document(copy) == "right.pdf")
    await desk_house.ann.replaces(wrote, "photo", b"a picture", caption="a picture of it")
    await bot_api.wait_for(lambda: "photo" in copy.body and copy.text == "a picture of it")


async def test_a_part_of_an_agents_album_is_another(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, topic, _ = await desk_house.held()
    known = len(bot_api.sent(zoe.id))
    parts = await desk_house.ann.sends_album(2, "both", chat=desk_house.group, thread=topic)
    first, second = (await bot_api.wait_for_sent(zoe.id, known + 2))[known:]
    was, other = first.body["photo"], second.body["photo"]
    await desk_house.ann.replaces(parts[1], "photo", b"another picture", caption="the back")
    await bot_api.wait_for(lambda: second.text == "the back")
    assert second.body["photo"] != other
    assert (first.body["photo"], first.text) == (was, "both")


async def test_on_the_web_the_agent_learns_that_the_old_file_stands(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    house, web = await web_customer(bot_api, shop_store)
    topic = house.group.topic("Wei")
    wrote = await house.ann.sends_document("wrong.pdf", caption="bill", chat=house.group, thread=topic)
    await until_taken(web, "bill")
    await house.ann.replaces(wrote, "document", b"the right one", name="right.pdf", caption="bill")
    await house.group.hears("still has the old file", thread=topic)
    await house.stop()
