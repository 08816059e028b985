"""The place a customer is told counts whom those who could serve them would take, and no others."""

from datetime import timedelta

from bot.channels.base import Inbound, Kind
from bot.dispatch import Timekeeper
from bot.places import Places
from crm_store import attendance, queue, queue_lines
from crm_store.engine import Store
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.house import House, Postbox, open_house
from tests.waiting_stage import messages_to

RULES = StoreSettings(rating_aspects="", first_reply_minutes=0, handoff_notice_minutes=0)
MINUTE = timedelta(minutes=1)


async def comes(house: House, language: str, *addresses: str) -> None:
    for one in addresses:
        house.clock.advance(timedelta(seconds=1))
        number = f"{house.clock().timestamp()}"
        said = Inbound("telegram", number, "telegram", one, Kind.TEXT, "/human", language=language)
        await house.reception.receive([said])
    await Timekeeper(house.store, house.clock, house.settings).fire_due()
    await house.settle()


async def told(house: House, address: str) -> str:
    return (await messages_to(house.store, address))[0].text


async def staffed(house: House, **languages: list[str]) -> dict[str, Agent]:
    """These, who are there."""
    found = {}
    async with house.store.write() as session:
        for name, speaks in languages.items():
            one = Agent(name=name, role="agent", languages=speaks, created_at=house.clock())
            session.add(one)
            await session.flush()
            await attendance.set_presence(
                session, one, "online", now=house.clock(), lasts=attendance.SHIFT_LASTS
            )
            found[name] = one
    return found


async def test_who_waits_for_others_is_not_before_a_customer(store: Store) -> None:
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        who = await staffed(house, ann=["en"], bo=["zh"])
        await comes(house, "zh", "1", "2", "3")
        await comes(house, "en", "4", "5")
        assert "第 3 位" in await told(house, "3")
        assert "number 1 in the queue" in await told(house, "4")
        assert "number 2 in the queue" in await told(house, "5")
        async with store.write() as session:
            assert (await queue.take_next(session, who["bo"], now=house.clock())) is not None
        house.clock.advance(2 * MINUTE)
        places = Places(store, house.clock, RULES)
        assert await places.tell_all() == 2, "the Chinese moved up, the English did not"
        async with store.write() as session:
            await attendance.set_presence(session, who["ann"], "offline", now=house.clock())
        house.clock.advance(2 * MINUTE)
        assert await places.tell_all() == 2, "she is the only one who could take them"
        assert "number 1 in the queue. Nobody who speaks English is here right now." in await told(house, "4")
        assert await places.tell_all() == 0, "once"


async def test_each_is_told_the_wait_of_those_who_serve_them(store: Store) -> None:
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        who = await staffed(house, ann=["en"], bo=["zh"])
        for past in range(5):
            await comes(house, "zh", f"zh{past}")
            await comes(house, "en", f"en{past}")
            for name, minutes in (("ann", 4), ("bo", 26)):
                house.clock.advance(minutes * MINUTE)
                async with store.write() as session:
                    assert await queue.take_next(session, who[name], now=house.clock()) is not None
        house.clock.advance(2 * MINUTE)
        await comes(house, "zh", "1", "2")
        await comes(house, "en", "3", "4")
        assert "约 60 分钟" in await told(house, "2")
        assert "about 8 min" in await told(house, "4")
        async with store.read() as session:
            standing = await queue_lines.standing(session, now=house.clock(), hours_of=RULES.hours_of)
        waits = [(place, wait and round(wait / MINUTE)) for place, wait in standing.told().values()]
        assert waits == [(1, 30), (2, 60), (1, 4), (2, 8)]
        assert round((standing.of_the_next() or timedelta()) / MINUTE) == 90
