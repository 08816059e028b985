"""A place in the queue that has changed is told in the message that told it, with its button, and not too often."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select, update

from bot.channels.base import Inbound, Kind
from bot.places import Places
from crm_store import queue
from crm_store.engine import Store
from crm_store.models.conversations import Conversation, Message, MessageEdit
from crm_store.models.customers import Identity
from crm_store.models.plumbing import DeskPost
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.house import House, Postbox, open_house
from tests.telegram_stage import DeskHouse

MINUTES = timedelta(minutes=1)


async def ask(house: House, *addresses: str) -> None:
    for address in addresses:
        inbound = Inbound("telegram", address, "telegram", address, Kind.TEXT, "/human", language="en")
        await house.reception.receive([inbound])
        house.clock.advance(timedelta(seconds=1))
    await house.settle()


async def take_first(house: House) -> None:
    async with house.store.write() as session:
        ann = Agent(name=f"Ann {house.clock().timestamp()}", role="agent", created_at=house.clock())
        session.add(ann)
        await session.flush()
        assert await queue.take_next(session, ann, now=house.clock()) is not None
    await house.settle()


async def told(store: Store) -> dict[str, str]:
    """What stands in each customer's message about their place."""
    async with store.read() as session:
        rows = await session.scalars(select(Message).where(Message.author == "bot").order_by(Message.id))
        return {(row.lane or "").partition(":")[2]: row.text for row in rows}


async def test_places_are_told_anew_in_place_and_not_too_often(store: Store) -> None:
    async with open_house(store, channels={"telegram": Postbox("telegram")}) as house:
        places = Places(store, house.clock, StoreSettings())
        await ask(house, "1", "2", "3")
        assert "number 3 in the queue" in (await told(store))["3"]
        await take_first(house)
        assert await places.tell_all() == 0  # a moment after it was said
        house.clock.advance(4 * MINUTES)
        assert await places.tell_all() == 2
        found = await told(store)
        assert ["number 1 in" in found["2"], "number 2 in" in found["3"]] == [True, True]
        await take_first(house)
        assert await places.tell_all() == 0
        house.clock.advance(4 * MINUTES)
        assert await places.tell_all() == 1
        assert await places.tell_all() == 0
        async with store.read() as session:
            errands = list(await session.scalars(select(DeskPost.kind).where(DeskPost.kind == "reword")))
            before = await session.scalar(select(func.count()).select_from(MessageEdit))
            waiting = await session.scalar(select(Conversation.status).where(Conversation.agent_id.is_(None)))
    assert (len(errands), before, waiting) == (3, 0, "queued"), "no history of places is kept"


async def test_at_night_nobody_is_told(store: Store) -> None:
    hours = StoreSettings(working_hours="mon-fri 09:00-17:00")
    async with open_house(store, settings=hours, channels={"telegram": Postbox("telegram")}) as house:
        house.clock.now = datetime(2026, 11, 23, 16, 55, tzinfo=UTC)
        await ask(house, "1", "2")
        await take_first(house)
        house.clock.advance(10 * MINUTES)
        assert await Places(store, house.clock, hours).tell_all() == 0


async def test_who_came_at_night_is_told_a_place_once_people_are_back(store: Store) -> None:
    hours = StoreSettings(working_hours="mon-fri 09:00-17:00")
    async with open_house(store, settings=hours, channels={"telegram": Postbox("telegram")}) as house:
        house.clock.now = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
        await ask(house, "1", "2")
        assert "number" not in (await told(store))["2"]
        places = Places(store, house.clock, hours)
        assert await places.tell_all() == 0
        house.clock.now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
        assert await places.tell_all() == 2
        assert "number 2 in the queue" in (await told(store))["2"]
        assert await places.tell_all() == 0


async def test_a_place_is_told_while_the_people_of_its_team_are_there(store: Store) -> None:
    hours = StoreSettings(working_hours="mon-fri 09:00-17:00", team_hours={"night": "mon-sun 18:00-23:00"})
    async with open_house(store, settings=hours, channels={"telegram": Postbox("telegram")}) as house:
        house.clock.now = datetime(2026, 11, 23, 16, 55, tzinfo=UTC)
        await ask(house, "1", "2", "3")
        async with store.write() as session:
            second = select(Identity.id).where(Identity.address == "2").scalar_subquery()
            talk = Conversation.identity_id == second
            await session.execute(update(Conversation).where(talk).values(team="night"))
        await take_first(house)
        places = Places(store, house.clock, hours)
        house.clock.now = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
        assert await places.tell_all() == 1
        found = await told(store)
        assert ["number 1 in" in found["2"], "number 3 in" in found["3"]] == [True, True]
        house.clock.now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
        assert await places.tell_all() == 1
        assert "number 2 in" in (await told(store))["3"]


async def test_the_customer_sees_it_in_telegram_and_may_still_stop_waiting(desk_house: DeskHouse) -> None:
    await desk_house.queued(5, "Zoe")
    yan, _, _ = await desk_house.queued(6, "Yan")
    post = next(post for post in desk_house.server.sent() if "number 2 in the queue" in post.text)
    async with desk_house.store.write() as session:
        ann = await session.scalar(select(Agent).where(Agent.name == "Ann"))
        assert ann is not None
        assert await queue.take_next(session, ann, now=datetime.now(UTC)) is not None
    later = datetime.now(UTC) + 5 * MINUTES
    assert await Places(desk_house.store, lambda: later, StoreSettings()).tell_all() == 1
    await desk_house.server.wait_for(lambda: "number 1 in the queue" in post.text)
    assert post.buttons == ["Stop waiting"]
    await yan.presses(post, "Stop waiting")
    await yan.hears("nobody will be fetched")
