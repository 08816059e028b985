"""The place a customer is told is that in the queue's order, soon after it changes, and gone once the wait is over."""

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from bot.channels.base import Inbound, Kind
from bot.dispatch import Timekeeper
from bot.places import FRONT, Places
from bot.texts import render
from crm_store import bulk, conversations, joining, labels, queue, snoozing
from crm_store.engine import Store
from crm_store.models.conversations import Conversation, Handoff, Message, MessageEdit
from crm_store.models.customers import Identity
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from crm_store.signals import Topic
from tests.house import House, Postbox, open_house
from tests.waiting_stage import messages_to

SECOND = timedelta(seconds=1)
RULES = StoreSettings(rating_aspects="", first_reply_minutes=0, handoff_notice_minutes=0)


async def says(house: House, words: str, *addresses: str, language: str = "en") -> None:
    """They write, all in one batch."""
    house.clock.advance(SECOND)
    number = f"{house.clock().timestamp()}"
    await house.reception.receive(
        [
            Inbound("telegram", f"{number}-{one}", "telegram", one, Kind.TEXT, words, language=language)
            for one in addresses
        ]
    )
    await Timekeeper(house.store, house.clock, house.settings).fire_due()
    await house.settle()


async def number_of(store: Store, address: str) -> int:
    said = await messages_to(store, address)
    return said[-1].conversation_id


async def test_the_first_word_tells_the_place_in_the_queues_order(store: Store) -> None:
    """Who is angry, say, is ahead of who came before; told so at once, whoever comes in the same batch."""
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        await says(house, "/human", "1", "2")
        await says(house, "THIS IS TERRIBLE, you are the worst thieves, I hate you!!!", "3")
        await says(house, "/human", "3")
        async with store.read() as session:
            order = [entry.conversation.id for entry in await queue.listing(session, now=house.clock())]
        assert order[0] == await number_of(store, "3")
        (told,) = [one for one in await messages_to(store, "3") if "number" in one.text]
        assert "number 1 in the queue" in told.text
        sent = house.delivery._channels["telegram"].taken  # type: ignore[attr-defined]
        assert [one.text for one in sent if one.address == "3" and "number" in one.text] == [told.text]


async def test_an_order_that_changes_is_told_within_seconds_and_not_again(store: Store) -> None:
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        await says(house, "/human", "1")
        await says(house, "/human", "2")
        house.clock.advance(10 * SECOND)
        async with store.write() as session:
            await labels.change_labels(
                session, await number_of(store, "2"), now=house.clock(), settings=RULES, priority=2
            )
        places = Places(store, house.clock, RULES)
        assert await places.tell_all(front=FRONT) == 2
        assert ["number 2 in" in (await messages_to(store, "1"))[-1].text,
                "number 1 in" in (await messages_to(store, "2"))[-1].text] == [True, True]  # fmt: skip
        assert await places.tell_all(front=FRONT) == 0
        async with store.write() as session:
            await labels.change_labels(
                session, await number_of(store, "2"), now=house.clock(), settings=RULES, priority=-2
            )
        assert await places.tell_all() == 0, "a moment after they were told"


async def test_a_place_told_anew_sets_no_desk_looking(store: Store) -> None:
    """It is in no list of theirs: each would be fetched anew every few seconds."""
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        await says(house, "/human", "1", "2")
        async with store.write() as session:
            await labels.change_labels(
                session, await number_of(store, "2"), now=house.clock(), settings=RULES, priority=2
            )
        house.clock.advance(10 * SECOND)
        desks, windows = (store.signals.listen(topic) for topic in (Topic.CONVERSATIONS, Topic.DESK))
        assert await Places(store, house.clock, RULES).tell_all() == 2
        assert (await desks.wait(0), await windows.wait(0)) == (False, True)


async def test_those_in_front_are_looked_at_alone(store: Store) -> None:
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        ann = await house.agent()
        await says(house, "/human", *map(str, range(1, FRONT + 4)))
        async with store.write() as session:
            assert await queue.take_next(session, ann, now=house.clock()) is not None
        await house.settle()
        house.clock.advance(timedelta(hours=2))
        places = Places(store, house.clock, RULES)
        assert await places.tell_all(front=FRONT) == FRONT
        assert await places.tell_all() == 2


async def _taken(house: House, number: int, ann: Agent) -> str:
    async with house.store.write() as session:
        await queue.take(session, number, ann, now=house.clock())
    return "wait_over_taken"


async def _resolved(house: House, number: int, ann: Agent) -> str:
    async with house.store.write() as session:
        await queue.resolve(session, number, ann, now=house.clock(), settings=RULES)
    return "wait_over_closed"


async def _put_aside_and_closed(house: House, number: int, ann: Agent) -> str:
    async with house.store.write() as session:
        until = house.clock() + timedelta(hours=1)
        await snoozing.snooze(session, number, ann, until=until, now=house.clock())
    return await _resolved(house, number, ann)


async def _cancelled(house: House, _number: int, _ann: Agent) -> str:
    await says(house, "/cancel", "1")
    return "wait_over_left"


async def _closed_with_others(house: House, number: int, ann: Agent) -> str:
    async with house.store.write() as session:
        await bulk.apply(session, "resolve", [number], ann, now=house.clock(), settings=RULES)
    return "wait_over_closed"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "way", [_taken, _resolved, _put_aside_and_closed, _cancelled, _closed_with_others], ids=lambda way: way.__name__
)  # fmt: skip
async def test_when_the_wait_is_over_its_message_says_how_and_has_no_button(
    store: Store, way: object, language: str
) -> None:
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        ann = await house.agent(role="supervisor")
        await says(house, "/human", "1", language=language)
        await says(house, "well?", "1", language=language)
        before = await messages_to(store, "1")
        assert all((one.intent or {}).get("choices") for one in before)
        key = await way(house, before[0].conversation_id, ann)  # type: ignore[operator]
        await Timekeeper(store, house.clock, RULES).fire_due()
        after = (await messages_to(store, "1"))[: len(before)]
        assert after[0].text == render(language, key)
        assert not any((one.intent or {}).get("choices") for one in after)
        async with store.read() as session:
            assert list(await session.scalars(select(MessageEdit.old_text))) == [before[0].text]
        assert [one.text for one in after[1:]] == [one.text for one in before[1:]]
        assert await Places(store, house.clock, RULES).tell_all() == 0


async def test_a_wait_that_goes_on_after_all_is_told_a_place_again(store: Store) -> None:
    """Handed on by mistake, with others, and undone: nobody said a word meanwhile."""
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        ann = await house.agent(role="supervisor")
        await says(house, "/human", "1")
        number = await number_of(store, "1")
        async with store.write() as session:
            done = await bulk.apply(
                session, "assign", [number], ann, value=f"agent:{ann.id}", now=house.clock(), settings=RULES
            )
        timekeeper = Timekeeper(store, house.clock, RULES)
        await timekeeper.fire_due()
        house.clock.advance(10 * SECOND)
        async with store.write() as session:
            await bulk.undo(session, done.id, ann, now=house.clock(), settings=RULES)
        await timekeeper.fire_due()
        await Places(store, house.clock, RULES).tell_all()
        (told,) = await messages_to(store, "1")
        assert "number 1 in the queue" in told.text
        assert [one["action"] for one in (told.intent or {})["choices"]] == [{"do": "cancel"}]


@pytest.mark.parametrize("is_put_aside", [False, True])
async def test_a_wait_that_becomes_part_of_what_somebody_serves_is_over(
    store: Store, is_put_aside: bool
) -> None:
    """One customer at two addresses: Ann has the one conversation, and merges the other into it."""
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        ann = await house.agent()
        await says(house, "/human", "1")
        await says(house, "/human", "2")
        kept, merged = await number_of(store, "1"), await number_of(store, "2")
        async with store.write() as session:
            one = await session.get_one(Conversation, kept)
            for model in (Conversation, Identity, Message):
                await session.execute(update(model).values(customer_id=one.customer_id))
        async with store.write() as session:
            await queue.take(session, kept, ann, now=house.clock())
            if is_put_aside:
                until = house.clock() + timedelta(hours=1)
                await snoozing.snooze(session, merged, ann, until=until, now=house.clock())
        timekeeper = Timekeeper(store, house.clock, RULES)
        await timekeeper.fire_due()
        assert ("number 2 in the queue" in (await messages_to(store, "2"))[0].text) is not is_put_aside
        async with store.write() as session:
            await joining.merge(session, kept_id=kept, merged_id=merged, by=ann, now=house.clock())
        await timekeeper.fire_due()
        told = (await messages_to(store, "2"))[0]
        assert (told.text, "choices" in (told.intent or {})) == (render("en", "wait_over_taken"), False)


async def test_handed_on_to_a_team_the_customer_is_told_a_place_there(store: Store) -> None:
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        ann = await house.agent()
        await says(house, "/human", "1")
        number = await number_of(store, "1")
        async with store.write() as session:
            await conversations.reply(session, number, ann, "Let me see.", now=house.clock())
        await house.settle()
        async with store.write() as session:
            await snoozing.transfer_to_team(session, number, by=ann, team="night", now=house.clock())
        await house.settle()
        last = (await messages_to(store, "1"))[-1]
        assert last.text == render("en", "passed_on")
        assert await Places(store, house.clock, RULES).tell_all(front=FRONT) == 1
        told = (await messages_to(store, "1"))[-1]
        assert (told.id, "number 1 in the queue" in told.text) == (last.id, True)
        async with store.write() as session:  # who waits already keeps the one message
            await snoozing.transfer_to_team(session, number, by=ann, team="day", now=house.clock())
        await house.settle()
        assert (await messages_to(store, "1"))[-1].id == last.id
        async with store.read() as session:
            assert (await session.get_one(Conversation, number)).team == "day"


@pytest.mark.parametrize(
    ("language", "second", "tenth"),
    [("en", "usually about 20 min", "about 2 hours"), ("zh", "约 20 分钟", "约 2 小时")],
)
async def test_the_wait_to_expect_grows_with_the_place(
    store: Store, language: str, second: str, tenth: str
) -> None:
    """Of the last days, in which whoever came was alone and waited ten minutes."""
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        ann = await house.agent()
        for past in range(5):
            await says(house, "/human", f"past{past}")
            house.clock.advance(timedelta(minutes=10))
            async with store.write() as session:
                assert await queue.take_next(session, ann, now=house.clock()) is not None
            house.clock.advance(timedelta(hours=1))
        await says(house, "/human", *map(str, range(1, 13)), language=language)
        assert second in (await messages_to(store, "2"))[0].text
        assert tenth in (await messages_to(store, "12"))[0].text


async def _history(house: House, minutes: int) -> None:
    """Five were alone in the queue and waited so long."""
    ann = await house.agent(name=f"Ann {minutes}")
    for past in range(5):
        await says(house, "/human", f"past{minutes}-{past}")
        house.clock.advance(timedelta(minutes=minutes))
        async with house.store.write() as session:
            assert await queue.take_next(session, ann, now=house.clock()) is not None


async def test_who_is_told_a_place_anew_is_told_what_newcomers_are(store: Store) -> None:
    """The wait to expect is reckoned once a minute for all, not at every look."""
    async with open_house(store, settings=RULES, channels={"telegram": Postbox("telegram")}) as house:
        await _history(house, 10)
        house.clock.advance(timedelta(minutes=2))
        await says(house, "/human", "1")
        await says(house, "/human", "2")
        places = Places(store, house.clock, RULES, house.reception.told_wait)
        async with store.write() as session:
            await labels.change_labels(
                session, await number_of(store, "2"), now=house.clock(), settings=RULES, priority=2
            )
            for _ in range(9):  # the past, as it looks from now on
                came = house.clock() - timedelta(minutes=40)
                session.add(
                    Handoff(conversation_id=await number_of(store, "past10-0"), reason="asked", queued_at=came,
                            ended_at=house.clock(), outcome="taken")
                )  # fmt: skip
        house.clock.advance(10 * SECOND)
        assert await places.tell_all() == 2
        assert "usually about 10 min" in (await messages_to(store, "2"))[0].text
        await says(house, "/human", "3")
        assert "usually about 30 min" in (await messages_to(store, "3"))[0].text
