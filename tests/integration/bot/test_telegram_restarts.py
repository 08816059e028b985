"""A house that is killed and started again: no customer's word is lost, none is answered twice."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from sqlalchemy import func, select

from crm_store import desk_load
from crm_store.engine import Store
from crm_store.models.conversations import Message
from crm_store.models.plumbing import ParkedUpdate
from tests.botapi.server import BotApiServer
from tests.telegram_stage import GROUP, DeskHouse, TelegramHouse, settings_for


async def words_of_customers(store: Store) -> Counter[str]:
    async with store.read() as session:
        texts = await session.scalars(select(Message.text).where(Message.author == "customer"))
        return Counter(texts)


async def test_killed_between_commit_and_confirmation(bot_api: BotApiServer, shop_store: Store) -> None:
    """The effects are in the store, Telegram does not know: everything comes again and changes nothing."""
    house = TelegramHouse(bot_api, shop_store, settings_for(bot_api))
    bot_api.pour((user, f"hi {user}") for user in range(100, 160))
    await house.run()
    committed = asyncio.Event()
    take = house.bot.intake.take

    async def take_and_hang(updates: Sequence[object]) -> None:
        await take(updates)
        committed.set()
        await asyncio.Event().wait()

    house.bot._poller._take = take_and_hang
    await committed.wait()
    assert all(update.confirmed_at is None for update in bot_api.updates)
    await house.kill()
    await house.run()
    await bot_api.wait_until_confirmed()
    await bot_api.wait_for(lambda: len(bot_api.sent()) >= 60)
    await house.stop()
    assert await words_of_customers(shop_store) == Counter({f"hi {user}": 1 for user in range(100, 160)})


async def test_restarts_in_a_stream_of_messages(bot_api: BotApiServer, shop_store: Store) -> None:
    house = TelegramHouse(bot_api, shop_store, settings_for(bot_api))
    await house.run()
    for round_ in range(5):
        bot_api.pour((user, f"hi {user} {round_}") for user in range(100, 140))
        await bot_api.wait_for(lambda: any(update.delivered_at for update in bot_api.updates[-40:]))
        await (house.kill() if round_ % 2 else house.stop())
        await house.run()
    await bot_api.wait_until_confirmed()
    await house.stop()
    said = await words_of_customers(shop_store)
    assert said == Counter({f"hi {user} {round_}": 1 for user in range(100, 140) for round_ in range(5)})


async def test_a_clean_stop_repeats_no_answer(bot_api: BotApiServer, shop_store: Store) -> None:
    house = TelegramHouse(bot_api, shop_store, settings_for(bot_api))
    for number in range(4):
        await house.run()
        bot_api.pour([(100 + number, "hi")])
        await bot_api.wait_for_sent(100 + number)
        await house.stop()
    assert [len(bot_api.sent(100 + number)) for number in range(4)] == [1] * 4


async def test_what_the_staff_write_while_the_house_is_down(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, topic, card = await desk_house.queued()
    await desk_house.stop()
    await desk_house.ann.presses(card, "Take")
    await desk_house.ann.says("while you were away", chat=desk_house.group, thread=topic)
    await zoe.says("hello?")
    await desk_house.run()
    await zoe.hears("while you were away")
    await desk_house.group.hears("Zoe: hello?", thread=topic)


async def test_every_strange_update_is_confirmed_and_holds_nobody_up(
    house: TelegramHouse, bot_api: BotApiServer
) -> None:
    strange: list[dict[str, object]] = [
        {}, {"message": None}, {"message": 5}, {"message": {"chat": {}}}, {"edited_message": {"chat": {"id": 5}}},
        {"callback_query": {"id": "1"}}, {"callback_query": {"id": "2", "from": {"id": 5}, "message": {"date": 0}}},
        {"poll": {"id": "x"}}, {"brand_new": {"a": 1}}, {"message": {"chat": {"id": 2**40}, "from": {"id": 2**40}}},
        {"my_chat_member": []}, {"channel_post": {"text": "x"}}, {"message": {"message_id": "x", "date": "y",
         "from": {"id": 5, "is_bot": False, "first_name": 7}, "chat": {"id": 5, "type": "private"}, "text": "hi"}},
    ]  # fmt: skip
    for update in strange:
        bot_api.inject(update)
    zoe = bot_api.user(6, "Zoe")
    await zoe.says("hi")
    await zoe.hears("Hello Zoe!")
    await bot_api.wait_until_confirmed()
    async with house.store.read() as session:
        assert await session.scalar(select(func.count()).select_from(ParkedUpdate)) == 0


async def test_the_groups_minute_is_not_spent_twice(bot_api: BotApiServer, shop_store: Store) -> None:
    """Telegram does not know that another process posts now; it counts on, and so does the new one."""
    limits = {"per_group_per_min": 20, "per_chat_per_s": 1000}
    house = DeskHouse(bot_api, shop_store, settings_for(bot_api, telegram_staff_group=GROUP, **limits))
    await house.open()
    for number in (5, 6, 7):
        await house.queued(number, f"Customer {number}")

    async def noted() -> int:
        async with shop_store.read() as session:
            return len(await desk_load.spent(session, str(GROUP)))

    async with asyncio.timeout(60):
        while await noted() < 3:
            await asyncio.sleep(0.02)
    spent = await noted()
    await house.kill()
    await house.run()
    await bot_api.wait_for(lambda: house.bot._groups[0].pace.left() <= 20 - spent)
    for number in range(8, 30):
        await bot_api.user(number, f"Customer {number}").says("/human")
    await bot_api.wait_for(lambda: house.bot._groups[0].pace.left() == 0, timeout=20)
    assert [breach for breach in bot_api.rates.breaches if breach.limit == "group"] == []
    await house.kill()
