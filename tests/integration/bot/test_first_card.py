"""What is promised to who comes into the queue stands there from that moment: in its order, and on their first card."""

from datetime import datetime, timedelta

from sqlalchemy import select

from bot.channels.base import Inbound, Kind
from bot.dispatch import Timekeeper
from crm_store.engine import Store
from crm_store.models.conversations import Conversation, Promise
from crm_store.scores import RunDraft, ScoreRow, save_run
from crm_store.settings import StoreSettings
from tests.botapi.server import BotApiServer
from tests.house import House, open_house
from tests.telegram_stage import GROUP, DeskHouse, settings_for

RULES = StoreSettings(
    response_targets="first 20m, next 10m, resolution 1h; segment Loyal: first 5m",
    first_reply_minutes=0,
    rating_aspects="",
)


async def test_the_first_card_tells_the_promised_reply(bot_api: BotApiServer, shop_store: Store) -> None:
    """No timer fires in this house: nothing but the first drawing can tell it."""
    settings = settings_for(bot_api, telegram_staff_group=GROUP)
    house = DeskHouse(bot_api, shop_store, settings, store_settings=RULES)
    await house.open()
    zoe = bot_api.user(5, "Zoe")
    await zoe.says("/human")
    await zoe.hears("in the queue")
    card = await house.group.hears("Waiting for a person")
    assert "first reply promised within 20 min (counts as +40 min)" in card.text
    await house.stop()


async def says(house: House, update: str, words: str) -> None:
    await house.reception.receive([Inbound("terminal", update, "terminal", "me", Kind.TEXT, words)])


async def promised(house: House) -> list[tuple[str, int, datetime | None]]:
    async with house.store.read() as session:
        rows = await session.scalars(select(Promise).order_by(Promise.id))
        return [(row.kind, row.target_s, row.due_at) for row in rows]


async def test_what_is_written_at_once_is_what_the_look_that_follows_would_write(store: Store) -> None:
    async with open_house(store, settings=RULES) as house:
        begun = house.clock()
        await says(house, "1", "/human")
        first = ("first", 1200, begun + timedelta(minutes=20))
        assert await promised(house) == [first]
        async with store.read() as session:
            before = (await session.scalars(select(Conversation))).one()
        await Timekeeper(store, house.clock, RULES).fire_due()
        async with store.read() as session:
            after = (await session.scalars(select(Conversation))).one()
        assert await promised(house) == [first, ("resolution", 3600, begun + timedelta(hours=1))]
        assert (after.ranked_at, after.ranked_for) == (before.ranked_at, before.ranked_for)


async def test_who_leaves_and_comes_back_within_a_tick_was_promised_it_once(store: Store) -> None:
    async with open_house(store, settings=RULES) as house:
        for number, words in enumerate(("/human", "/cancel", "/human")):
            await says(house, str(number), words)
        assert [kind for kind, _, _ in await promised(house)] == ["first"]
        async with store.read() as session:
            assert await session.scalar(select(Conversation.status)) == "queued"


async def test_who_is_worth_more_is_promised_it_sooner(store: Store) -> None:
    async with open_house(store, settings=RULES) as house:
        await says(house, "1", "hello")
        async with store.write() as session:
            run = RunDraft(house.clock(), timedelta(days=365), {})
            await save_run(session, run, [ScoreRow(1, {}, "Loyal")], now=house.clock())
        await says(house, "2", "/human")
        assert [length for _, length, _ in await promised(house)] == [300]
