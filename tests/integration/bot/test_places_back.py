"""Who comes back into the queue is told a place, and who stands far behind hears of theirs, too: rarely."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.channels.base import Inbound, Kind
from bot.dispatch import Timekeeper
from bot.places import Places
from bot.texts import render
from crm_store import conversations, places, queue, reopening, snoozing
from crm_store.engine import Store
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.house import House, Postbox, open_house
from tests.waiting_stage import messages_to

MINUTES = timedelta(minutes=1)
MON_AT_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RULES = StoreSettings(rating_aspects="", first_reply_minutes=0, handoff_notice_minutes=0)


async def ask(house: House, *addresses: str, language: str = "en") -> None:
    """They ask for a person, one after the other."""
    house.clock.advance(timedelta(seconds=1))
    await house.reception.receive(
        [
            Inbound("telegram", one, "telegram", one, Kind.TEXT, "/human", language=language)
            for one in addresses
        ]
    )
    await house.settle()


async def words_to(store: Store, address: str) -> list[str]:
    """What stands in this customer's chat of ours and of the bot's."""
    return [row.text for row in await messages_to(store, address)]


async def served(house: House, ann: Agent) -> int:
    """The first of the queue is answered by Ann; the conversation."""
    async with house.store.write() as session:
        taken = await queue.take_next(session, ann, now=house.clock())
        assert taken is not None
        await conversations.reply(session, taken.id, ann, "I am looking.", now=house.clock())
    await house.settle()
    house.clock.advance(MINUTES)
    return taken.id


async def _released(house: House, number: int, ann: Agent) -> None:
    async with house.store.write() as session:
        await queue.release(session, number, ann, now=house.clock())


async def _woken(house: House, number: int, ann: Agent) -> None:
    async with house.store.write() as session:
        until = house.clock() + MINUTES
        await snoozing.snooze(session, number, ann, until=until, now=house.clock())
    house.clock.advance(MINUTES)
    await Timekeeper(house.store, house.clock, house.settings).fire_due()


async def _reopened(house: House, number: int, ann: Agent) -> None:
    async with house.store.write() as session:
        await queue.resolve(session, number, ann, now=house.clock(), settings=house.settings)
    async with house.store.write() as session:
        await reopening.reopen(session, number, ann, now=house.clock())


WAYS = {"released": _released, "woken": _woken, "reopened": _reopened}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("way", "said"), [("released", "back_in_queue"), ("woken", "back_in_queue"), ("reopened", "open_again")]
)
async def test_who_comes_back_is_told_a_place_in_one_message(
    store: Store, way: str, said: str, language: str
) -> None:
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        ann = await house.agent()
        await ask(house, "1", "2", "3", language=language)
        before = await served(house, ann)
        await WAYS[way](house, before, ann)
        await house.settle()
        assert (await words_to(store, "1"))[-1] == render(language, said)
        loop = Places(store, house.clock, RULES)
        # Who was answered and comes back stands behind the others, who have moved on.
        assert await loop.tell_all() == 3
        told = await words_to(store, "1")
        wanted = "number 3" if language == "en" else "第 3 位"
        assert wanted in told[-1]
        assert await loop.tell_all() == 0
        house.clock.advance(4 * MINUTES)
        await served(house, ann)
        await loop.tell_all()
        assert len(await words_to(store, "1")) == len(told), "others are served, and nothing new is said"


async def test_nothing_new_is_said_where_the_place_was_the_last_word(store: Store) -> None:
    """Put aside and come back while nobody wrote: the message that told the place says so, and then the place."""
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        ann = await house.agent()
        await ask(house, "1")
        await ask(house, "2")
        before = await words_to(store, "2")
        async with store.write() as session:
            await snoozing.snooze(session, 2, ann, until=house.clock() + 9 * MINUTES, now=house.clock())
            await queue.take(session, 1, ann, now=house.clock())
        timekeeper = Timekeeper(store, house.clock, RULES)
        await timekeeper.fire_due()
        assert await words_to(store, "2") != before
        house.clock.advance(9 * MINUTES)
        await timekeeper.fire_due()
        await house.settle()
        assert await Places(store, house.clock, RULES).tell_all() == 1
        (told,) = await words_to(store, "2")
        assert "number 1" in told


async def test_at_night_it_is_told_once_people_are_back(store: Store) -> None:
    rules = RULES.model_copy(update={"working_hours": "mon-fri 09:00-17:00"})
    async with open_house(store, settings=rules, channels={"telegram": Postbox("telegram")}) as house:
        house.clock.now = MON_AT_NOON
        ann = await house.agent()
        await ask(house, "1")
        number = await served(house, ann)
        house.clock.advance(8 * 60 * MINUTES)
        await _released(house, number, ann)
        await house.settle()
        loop = Places(store, house.clock, rules)
        assert await loop.tell_all() == 1
        assert "not here right now" in (await words_to(store, "1"))[-1]
        house.clock.now = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
        assert await loop.tell_all() == 1
        assert "number 1" in (await words_to(store, "1"))[-1]


async def test_far_places_are_told_rarely_and_never_too_many_at_once(store: Store) -> None:
    many = [str(n) for n in range(1, 71)]
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        ann = await house.agent()
        await ask(house, *many)
        await served(house, ann)
        loop = Places(store, house.clock, RULES)
        house.clock.advance(4 * MINUTES)
        assert await loop.tell_all() == 60
        assert "number 70" in (await words_to(store, "70"))[-1]
        house.clock.advance(12 * MINUTES)
        assert await loop.tell_all() == 9
        assert "number 69" in (await words_to(store, "70"))[-1]
        await served(house, ann)
        house.clock.advance(30 * MINUTES)
        async with store.write() as session:
            told = await places.told(session, now=house.clock())
        first = places.stale(told, now=house.clock(), settings=RULES)
        assert [one.position for one in first] == list(range(1, 69))
        assert await loop.tell_all() == 68


async def test_whose_people_are_away_keeps_nobody_behind_from_hearing(store: Store) -> None:
    """The limit of a look counts only those who can be told."""
    rules = RULES.model_copy(
        update={"working_hours": "mon-fri 09:00-17:00", "team_hours": {"night": "mon-sun 18:00-23:00"}}
    )
    async with open_house(store, settings=rules, channels={"telegram": Postbox("telegram")}) as house:
        house.clock.now = MON_AT_NOON
        ann = await house.agent()
        await ask(house, "1", "2", "3")
        async with store.write() as session:
            await conversations.get(session, 2)
            talk = await conversations.get(session, 2, lock=True)
            talk.team = "night"
        await served(house, ann)
        house.clock.advance(4 * MINUTES)
        async with store.write() as session:
            told = await places.told(session, now=house.clock())
        found = places.stale(told, now=house.clock(), settings=rules)
        assert [one.position for one in found] == [2]
