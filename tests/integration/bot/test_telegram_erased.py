"""Who is erased is gone from the staff group, too: the topic with their name and words, or what can be taken of it."""

from bot.clock import system_clock
from crm_store import privacy
from crm_store.engine import Store
from tests.botapi.server import BotApiServer
from tests.telegram_stage import DeskHouse, at_rest


async def erased(store: Store) -> None:
    """The first customer is erased."""
    await at_rest(store)
    async with store.write() as session:
        await privacy.erase_person(session, 1, now=system_clock(), erased_by="Ann")


async def test_the_topic_of_an_erased_person_is_deleted_and_the_others_stay(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    await desk_house.held()
    await desk_house.held(6, "Yan")
    await erased(desk_house.store)
    await bot_api.wait_for(lambda: [topic.name for topic in desk_house.group.topics] == ["Yan"])
    assert not any("Zoe" in post.text and not post.deleted for post in desk_house.group.chat.posts.values())


async def test_where_no_topic_can_be_deleted_name_and_card_go(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, card = await desk_house.held()
    await desk_house.ann.says("Which lamp?", chat=desk_house.group, thread=topic)
    await zoe.hears("Which lamp?")
    await zoe.says("The green lamp")
    copied = await desk_house.group.hears("The green lamp", thread=topic)
    desk_house.group.limit_bot(can_delete_messages=False)
    await erased(desk_house.store)
    await bot_api.wait_for(lambda: topic.name == "—" and topic.is_closed)
    assert (card.deleted, copied.deleted) == (True, True)
