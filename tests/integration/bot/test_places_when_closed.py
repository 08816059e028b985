"""When people leave, whoever waits reads so where their place stood, once; when they are back, a place again."""

from datetime import timedelta

import pytest

from bot.channels.base import Inbound, Kind
from bot.dispatch import Timekeeper
from bot.places import FRONT, Places
from crm_store import attendance, conversations, queue
from crm_store.engine import Store
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.house import House, Postbox, open_house
from tests.waiting_stage import messages_to

MINUTES = timedelta(minutes=1)
RULES = StoreSettings(
    rating_aspects="",
    first_reply_minutes=0,
    handoff_notice_minutes=0,
    working_hours="mon-fri 09:00-12:10",  # it is Monday noon
    team_hours={"night": "mon-sun 12:00-23:00"},
)
AWAY = {"en": ("not here right now", "back tomorrow at 09:00"), "zh": ("现在不是人工服务时间", "明天 09:00")}
PLACE = {"en": "number {} in", "zh": "第 {} 位"}


async def says(house: House, words: str, *addresses: str, language: str = "en") -> None:
    """They write, all in one batch."""
    house.clock.advance(timedelta(seconds=1))
    number = f"{house.clock().timestamp()}"
    await house.reception.receive(
        [
            Inbound("telegram", f"{number}-{one}", "telegram", one, Kind.TEXT, words, language=language)
            for one in addresses
        ]
    )
    await Timekeeper(house.store, house.clock, house.settings).fire_due()
    await house.settle()


async def last_to(store: Store, address: str) -> str:
    """What they read last."""
    return (await messages_to(store, address))[-1].text


def is_away(text: str, language: str = "en") -> bool:
    """Whether the words say that nobody is there, and when they are back."""
    return all(part in text for part in AWAY[language])


async def online(house: House, **able: list[str]) -> Agent:
    """Somebody who is there for a whole day, whatever the hours."""
    async with house.store.write() as session:
        agent = Agent(name="Ann", role="agent", created_at=house.clock(), **able)
        session.add(agent)
        await session.flush()
        await attendance.set_presence(session, agent, "online", now=house.clock(), lasts=timedelta(days=1))
    return agent


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("front", [None, FRONT])
async def test_who_waits_when_people_leave_is_told_once_and_a_place_when_they_are_back(
    store: Store, front: int | None, language: str
) -> None:
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        await says(house, "/human", "1", "2", language=language)
        places = Places(store, house.clock, RULES)
        house.clock.advance(9 * MINUTES)
        assert await places.tell_all(front) == 0
        house.clock.advance(MINUTES)
        assert await places.tell_all(front) == 2
        for one in ("1", "2"):
            (told,) = await messages_to(store, one)
            assert is_away(told.text, language)
            assert [choice["action"] for choice in (told.intent or {})["choices"]] == [{"do": "cancel"}]
        house.clock.advance(timedelta(hours=3))
        assert await places.tell_all(front) == 0, "once"
        house.clock.advance(timedelta(hours=18))
        assert await places.tell_all(front) == 2
        for place in (1, 2):
            (told,) = await messages_to(store, str(place))
            assert PLACE[language].format(place) in told.text
        assert await places.tell_all(front) == 0


async def test_whose_own_people_are_there_keeps_the_place(store: Store) -> None:
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        await says(house, "/human", "1", "2")
        async with store.write() as session:
            talk = await conversations.get(session, 2, lock=True)
            talk.team = "night"
        house.clock.advance(10 * MINUTES)
        assert await Places(store, house.clock, RULES).tell_all() == 1
        assert is_away(await last_to(store, "1"))
        assert PLACE["en"].format(2) in await last_to(store, "2")


async def test_while_somebody_stays_who_can_serve_them_nobody_is_said_to_be_away(store: Store) -> None:
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        await says(house, "/human", "1")
        await says(house, "/human", "2", language="zh")
        ann = await online(house, languages=["zh"])
        places = Places(store, house.clock, RULES)
        house.clock.advance(10 * MINUTES)
        assert await places.tell_all() == 1
        alone = await last_to(store, "1")
        assert alone.startswith(
            "Nobody who speaks English is here right now. We open again tomorrow at 09:00"
        )
        assert PLACE["zh"].format(2) in await last_to(store, "2")
        async with store.write() as session:
            agent = await session.get_one(Agent, ann.id)
            now = house.clock()
            await attendance.set_presence(session, agent, "offline", now=now, lasts=timedelta(days=1))
        assert await places.tell_all() == 1
        assert is_away(await last_to(store, "2"), "zh")


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_asked_again_while_nobody_is_there_nobody_is_promised(store: Store, language: str) -> None:
    """They give up waiting, and ask anew: what was true the first time is true the second."""
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        house.clock.advance(timedelta(hours=1))
        for _ in range(2):
            await says(house, "/human", "1", language=language)
            assert is_away(await last_to(store, "1"), language)
            await says(house, "/cancel", "1", language=language)
        said = [one.text for one in await messages_to(store, "1")]
        assert not any(PLACE[language].format(1) in text for text in said)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_given_back_while_nobody_is_there_one_message_says_both(store: Store, language: str) -> None:
    postbox = Postbox("telegram")
    async with open_house(store, settings=RULES, channels={"telegram": postbox}) as house:
        ann = await house.agent()
        await says(house, "/human", "1", language=language)
        async with store.write() as session:
            await conversations.reply(session, 1, ann, "Let me see.", now=house.clock())
        await house.settle()
        house.clock.advance(timedelta(hours=1))
        before = len(await messages_to(store, "1"))
        async with store.write() as session:
            await queue.release(session, 1, ann, now=house.clock())
        await Timekeeper(store, house.clock, RULES).fire_due()
        await house.settle()
        said = (await messages_to(store, "1"))[before:]
        assert [is_away(one.text, language) for one in said] == [True]
        words = {"en": ("back in the queue", "soon"), "zh": ("已回到队列", "很快")}[language]
        assert [part in said[0].text for part in words] == [True, False]
        assert not any(words[1] in sent.text for sent in postbox.taken)
        places = Places(store, house.clock, RULES)
        assert await places.tell_all() == 0, "they know"
        house.clock.advance(timedelta(hours=20))
        assert await places.tell_all() == 1
        assert await last_to(store, "1") != said[0].text
