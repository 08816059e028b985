"""A low rating opens a follow-up with an owner; anything else opens none."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.dispatch import Timekeeper
from crm_store import audit, case_lists, conversations, follow_ups, queue, staff
from crm_store.engine import Store
from crm_store.models.casework import ServiceCase
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.house import House, open_house

PAUSE = timedelta(minutes=10)
SKIP = 5


async def resolved(house: House) -> Agent:
    """A customer whom Ann has served, asked for stars."""
    await house.say("I want a human")
    agent = await house.agent()
    async with house.store.write() as session:
        await conversations.reply(session, 1, agent, "Hello!", now=house.clock())
    async with house.store.write() as session:
        await queue.resolve(session, 1, agent, now=house.clock(), settings=house.settings)
    await house.settle()
    return agent


async def rate(house: House, *stars: int) -> None:
    """Press so many stars, aspect by aspect; 0 skips one."""
    sent = house.postbox.taken[-1]
    for given in stars:
        sent = (await house.press(sent, given - 1 if given else SKIP))[-1]


async def fire(house: House, after: timedelta = timedelta(0)) -> list[ServiceCase]:
    """The follow-ups there are once timers fired."""
    house.clock.advance(after)
    await Timekeeper(house.store, house.clock, house.settings).fire_due()
    async with house.store.read() as session:
        return list(await session.scalars(select(ServiceCase).order_by(ServiceCase.id)))


async def test_who_gave_low_stars_is_followed_up_by_who_served_them(sqlite_store: Store) -> None:
    async with open_house(sqlite_store) as house:
        ann = await resolved(house)
        await rate(house, 1, 2, 1)
        assert await fire(house) == []  # they may still comment
        await house.say("Nobody listened")
        [case] = await fire(house)
        assert (case.number, case.owner_id, case.team, case.state) == ("FOL-1", ann.id, None, "to_do")
        assert (case.reason, case.conversation_id) == ("Nobody listened", 1)
        async with house.store.read() as session:
            [event] = await audit.page(session, subject=f"case:{case.id}")
        assert (event.action, event.detail["mean"], event.detail["owner_id"]) == (
            follow_ups.EVENT,
            8.3,
            ann.id,
        )
        assert len(await fire(house, PAUSE)) == 1


async def test_who_stops_after_one_star_is_not_waited_for_long(sqlite_store: Store) -> None:
    async with open_house(sqlite_store) as house:
        await resolved(house)
        await rate(house, 1)
        assert await fire(house) == []
        assert len(await fire(house, PAUSE)) == 1


async def test_content_customers_and_who_skips_everything_open_none(sqlite_store: Store) -> None:
    async with open_house(sqlite_store) as house:
        await resolved(house)
        await rate(house, 3, 2, 3)
        assert await fire(house, PAUSE) == []
        await rate_all_skipped(house)
        assert await fire(house, PAUSE) == []


async def rate_all_skipped(house: House) -> None:
    await house.say("I want a human", address="other")
    agent = await house.agent("Bob")
    async with house.store.write() as session:
        await conversations.reply(session, 2, agent, "Hello!", now=house.clock())
    async with house.store.write() as session:
        await queue.resolve(session, 2, agent, now=house.clock(), settings=house.settings)
    await house.settle()
    await rate(house, 0, 0, 0)


async def test_line_and_weights_are_the_owners(sqlite_store: Store) -> None:
    settings = StoreSettings(low_rating_stars=1, rating_weights="product_quality 0, price 0")
    async with open_house(sqlite_store, settings=settings) as house:
        await resolved(house)
        await rate(house, 5, 1, 5)
        assert len(await fire(house, PAUSE)) == 1


async def test_nothing_is_opened_where_the_owner_wants_none(sqlite_store: Store) -> None:
    async with open_house(sqlite_store, settings=StoreSettings(low_rating_stars=0)) as house:
        await resolved(house)
        await rate(house, 1, 1, 1)
        assert await fire(house, PAUSE) == []


async def test_the_team_sees_to_it_when_who_served_is_gone(sqlite_store: Store) -> None:
    async with open_house(sqlite_store) as house:
        ann = await resolved(house)
        await house.agent("Boss", "admin")
        await change(house, ann, team="returns")
        async with house.store.write() as session:
            await staff.disable_agent(session, ann.id, now=house.clock())
        await rate(house, 1, 1, 1)
        [case] = await fire(house, PAUSE)
        assert (case.owner_id, case.team) == (None, "returns")
        mate, other = await house.agent("Mate"), await house.agent("Other")
        await change(house, mate, skills=["returns"])
        async with house.store.read() as session:
            for agent, seen in ((mate, 1), (other, 0)):
                agent = await staff.get_agent(session, agent.id)
                here = await case_lists.on_desk(session, agent, now=house.clock())
                assert (len(here.follow_ups), here.cases) == (seen, [])


async def test_whose_owner_leaves_later_is_passed_on_and_done_with_a_note(sqlite_store: Store) -> None:
    async with open_house(sqlite_store) as house:
        ann = await resolved(house)
        boss = await house.agent("Boss", "admin")
        await rate(house, 1, 1, 1)
        await fire(house, PAUSE)
        async with house.store.write() as session:
            await staff.disable_agent(session, ann.id, now=house.clock())
        async with house.store.write() as session:
            boss = await staff.get_agent(session, boss.id)
            [case] = (await case_lists.on_desk(session, boss, now=house.clock())).follow_ups
            assert case.owner_id is None
            [done] = await follow_ups.finish(
                session, case.customer_id, boss, "called them", now=house.clock(), settings=house.settings
            )
            assert (done.state, done.owner_id) == ("done", boss.id)
            again = await follow_ups.finish(
                session, case.customer_id, boss, "again", now=house.clock(), settings=house.settings
            )
            assert again == []


async def change(house: House, agent: Agent, **values: Any) -> None:
    async with house.store.write() as session:
        await staff.change_agent(session, agent.id, now=house.clock(), **values)
