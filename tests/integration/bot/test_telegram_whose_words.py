"""Whom an agent's words in a customer's topic reach, who writes on two channels or whose record was merged."""

from bot.channels.base import Inbound, Kind
from bot.clock import system_clock
from crm_store import conversations, merging, queue
from crm_store.engine import Store
from crm_store.lifecycle import Status
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.botapi.server import BotApiServer
from tests.house import Postbox
from tests.telegram_stage import GROUP, DeskHouse, at_rest, settings_for, until_taken


async def with_web(bot_api: BotApiServer, store: Store) -> tuple[DeskHouse, Postbox]:
    """A house whose customers write in the web chat, too."""
    web = Postbox("web")
    settings = settings_for(bot_api, telegram_staff_group=GROUP)
    house = DeskHouse(bot_api, store, settings, others={"web": web})
    await house.open()
    return house, web


def by_web(number: int, text: str) -> Inbound:
    """What the visitor of the web chat says."""
    return Inbound("web:1", str(number), "web", "v1", Kind.TEXT, text, display_name="Zoe")


async def test_an_agents_words_go_where_they_hold_the_customer_not_where_the_bot_answered_last(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    house, web = await with_web(bot_api, shop_store)
    zoe, topic, _ = await house.held()
    await house.reception.receive([by_web(1, "hello")])
    async with house.store.write() as session:
        await merging.merge(session, kept_id=1, merged_id=2, now=system_clock(), merged_by="Ann")
    await house.reception.receive([by_web(2, "how long do refunds take?")])
    await house.ann.says("It is blue", chat=house.group, thread=topic)
    await zoe.hears("It is blue")
    await at_rest(house.store)
    assert not any("It is blue" in sent.text for sent in web.taken)
    async with house.store.read() as session:
        assert (await conversations.get(session, 2)).status == Status.BOT
    await house.stop()


async def test_after_an_undone_merge_the_words_for_the_kept_customer_do_not_reach_the_other(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    house, web = await with_web(bot_api, shop_store)
    zoe, topic, _ = await house.held()
    await house.reception.receive([by_web(1, "hello")])
    async with house.store.write() as session:
        done = await merging.merge(session, kept_id=1, merged_id=2, now=system_clock(), merged_by="Ann")
        await queue.resolve(
            session, 2, await session.get_one(Agent, 1), now=system_clock(), settings=StoreSettings()
        )
    await house.reception.receive([by_web(2, "/human")])  # a new conversation, of the merged record
    async with house.store.write() as session:
        await queue.take(session, 3, await session.get_one(Agent, 1), now=system_clock())
        await merging.undo(session, done.merge_id, now=system_clock())
    async with house.store.read() as session:
        assert (await conversations.get(session, 3)).customer_id == 2
        assert {one.customer_id for one in await conversations.messages(session, 3)} == {2}
    await house.ann.says("It is blue", chat=house.group, thread=topic)
    await zoe.hears("It is blue")
    await at_rest(house.store)
    assert not any("It is blue" in sent.text for sent in web.taken)
    await house.stop()


async def test_a_merged_customers_topic_says_where_they_went_and_words_there_reach_them(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    _, topic, card = await desk_house.held()
    yan, other, there = await desk_house.held(6, "Yan")
    await at_rest(desk_house.store)
    async with desk_house.store.write() as session:
        done = await merging.merge(session, kept_id=2, merged_id=1, now=system_clock(), merged_by="Ann")
        ann = await session.get_one(Agent, 1)
        await queue.resolve(session, 1, ann, now=system_clock(), settings=StoreSettings())
    await bot_api.wait_for(lambda: "one with Yan now" in card.text and not card.buttons)
    assert f"/{other.id}" in card.text
    await desk_house.ann.says("It is blue", chat=desk_house.group, thread=topic)
    await yan.hears("It is blue")
    async with desk_house.store.write() as session:
        await merging.undo(session, done.merge_id, now=system_clock())
    await bot_api.wait_for(lambda: "Resolved" in card.text and "Reopen" in card.buttons)
    assert "With Ann" in there.text or "Answered by Ann" in there.text


async def test_who_waits_is_on_the_card_whatever_else_of_theirs_is_served_or_done(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    house, web = await with_web(bot_api, shop_store)
    zoe, topic, card = await house.queued()
    await house.reception.receive([by_web(1, "/human")])
    await at_rest(house.store)
    async with house.store.write() as session:
        await merging.merge(session, kept_id=1, merged_id=2, now=system_clock(), merged_by="Ann")
        await queue.take(session, 2, await session.get_one(Agent, 1), now=system_clock())
    await house.reception.receive([by_web(2, "the lamp is broken")])
    await at_rest(house.store)
    assert "Waiting for a person" in card.text
    assert "Take" in card.buttons
    await house.ann.says("A new lamp is on its way", chat=house.group, thread=topic)
    await until_taken(web, "A new lamp is on its way")
    await house.ann.says("/resolve", chat=house.group, thread=topic)
    await bot_api.wait_for(lambda: "Take" in card.buttons)
    await at_rest(house.store)
    assert "Waiting for a person" in card.text
    assert "Take" in card.buttons
    await house.bob.says("How can I help?", chat=house.group, thread=topic)
    await zoe.hears("How can I help?")
    await bot_api.wait_for(lambda: "Answered by Bob" in card.text)
    await house.stop()


async def test_take_takes_what_waits_beside_what_the_agent_serves_already(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    house, _ = await with_web(bot_api, shop_store)
    zoe, topic, card = await house.queued()
    await house.reception.receive([by_web(1, "/human")])
    await at_rest(house.store)
    async with house.store.write() as session:
        await merging.merge(session, kept_id=1, merged_id=2, now=system_clock(), merged_by="Ann")
        await queue.take(session, 2, await session.get_one(Agent, 1), now=system_clock())
    await house.reception.receive([by_web(2, "the lamp is broken")])
    await at_rest(house.store)
    await house.ann.says("/take", chat=house.group, thread=topic)
    await zoe.hears("Ann is with you")
    await bot_api.wait_for(lambda: "With Ann" in card.text)
    await house.stop()


async def test_what_the_bot_holds_meanwhile_takes_no_card(bot_api: BotApiServer, shop_store: Store) -> None:
    house, _ = await with_web(bot_api, shop_store)
    _, topic, card = await house.held()
    await house.reception.receive([by_web(1, "hello")])
    async with house.store.write() as session:
        await merging.merge(session, kept_id=1, merged_id=2, now=system_clock(), merged_by="Ann")
    await house.ann.says("/resolve", chat=house.group, thread=topic)
    await bot_api.wait_for(lambda: "Reopen" in card.buttons)
    await at_rest(house.store)
    assert "Resolved" in card.text
    await house.stop()
