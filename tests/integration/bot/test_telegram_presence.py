"""Agents say in Telegram whether they are there; a customer who writes the same is a customer."""

from datetime import timedelta

from sqlalchemy import select

from bot.channels.telegram.desk.attending import attend
from bot.clock import system_clock
from bot.dispatch import Dispatcher, Timekeeper
from crm_store import snoozing
from crm_store.attendance import PresenceState
from crm_store.models.conversations import Conversation
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.botapi.people import Person
from tests.botapi.world import Post
from tests.telegram_stage import DeskHouse, StillHouse, at_rest

TAKEN = "Somebody has taken your conversation."


async def presence(house: DeskHouse, name: str) -> str:
    async with house.store.read() as session:
        found = await session.scalar(select(Agent.presence).where(Agent.name == name))
    return str(found)


async def test_an_agent_is_online_by_a_word_and_is_given_what_waits(desk_house: DeskHouse) -> None:
    zoe, _, _ = await desk_house.queued()
    await desk_house.ann.says("/online")
    await desk_house.ann.hears("You are online for 8 hours")
    dispatcher = Dispatcher(desk_house.store, system_clock, StoreSettings())
    assert await dispatcher.give_all() == 1
    await zoe.hears("Ann is with you now")
    await desk_house.ann.says("/away@frontdesk_bot", chat=desk_house.group)
    await desk_house.ann.hears("You are away")
    assert await presence(desk_house, "Ann") == "away"
    await desk_house.ann.says("/offline")
    await desk_house.ann.hears("You are offline")


def words_to(house: DeskHouse, customer: Person) -> list[str]:
    return [post.text for post in house.server.sent(customer.id)]


def calls(house: DeskHouse, words: str) -> list[tuple[Post, int]]:
    """Posts with these words, and the account that each calls."""
    found = []
    for post in house.server.sent():
        if words in post.text:
            (mention,) = [one for one in post.body["entities"] if one["type"] == "text_mention"]
            found.append((post, mention["user"]["id"]))
    return found


async def called(house: DeskHouse, words: str) -> tuple[Post, int]:
    """The one post with these words, once all is posted, and whom it calls."""
    await at_rest(house.store)
    (found,) = calls(house, words)
    return found


async def test_who_is_given_a_conversation_is_called_in_its_topic(desk_house: DeskHouse) -> None:
    _, topic, _ = await desk_house.queued()
    await desk_house.ann.says("/online")
    await desk_house.ann.hears("You are online for 8 hours")
    dispatcher = Dispatcher(desk_house.store, system_clock, StoreSettings())
    await dispatcher.give_all()
    post, account = await called(desk_house, "Ann, Zoe is yours now.")
    assert (post.thread_id, account) == (topic.id, 71)
    await desk_house.queued(6, "Yan")  # who comes while she is there
    await dispatcher.give_all()
    assert (await called(desk_house, "Ann, Yan is yours now."))[1] == 71


async def test_who_takes_one_by_hand_is_not_called_and_a_colleague_is(desk_house: DeskHouse) -> None:
    _, topic, _ = await desk_house.held()
    await at_rest(desk_house.store)
    assert [post for post in desk_house.server.sent() if "is yours" in post.text] == []
    await desk_house.bob.says("/online")
    await desk_house.bob.hears("You are online")
    await desk_house.ann.says("/transfer Bob", chat=desk_house.group, thread=topic)
    await desk_house.group.hears("Bob, Zoe is yours now.", thread=topic)
    assert (await called(desk_house, "Bob, Zoe is yours now."))[1] == 72


async def snoozed(house: StillHouse) -> None:
    """The only conversation, for a minute that passes, by Ann."""
    async with house.store.write() as session:
        ann = (await session.scalars(select(Agent).where(Agent.name == "Ann"))).one()
        number = (await session.scalars(select(Conversation.id))).one()
        until = house.clock() + timedelta(minutes=1)
        await snoozing.snooze(session, number, ann, until=until, now=house.clock())
    house.clock.advance(timedelta(minutes=1))
    await Timekeeper(house.store, house.clock, StoreSettings()).fire_due()


async def test_the_end_of_a_snooze_calls_who_had_it_and_sends_the_customer_nothing(
    still_house: StillHouse,
) -> None:
    zoe, topic, card = await still_house.held()
    await still_house.ann.says("/online")
    await still_house.ann.hears("You are online")
    told = words_to(still_house, zoe)
    await snoozed(still_house)
    await still_house.group.hears(
        "Ann, the snooze is over: the conversation with Zoe is yours again.", thread=topic
    )
    assert (await called(still_house, "the snooze is over"))[1] == 71
    await still_house.server.wait_for(lambda: "With Ann" in card.text)
    await still_house.ann.says("Here I am again", chat=still_house.group, thread=topic)
    await zoe.hears("Here I am again")
    still_house.clock.advance(timedelta(seconds=4))
    await Timekeeper(still_house.store, still_house.clock, StoreSettings()).fire_due()
    await still_house.server.wait_for(lambda: words_to(still_house, zoe)[0] == TAKEN)
    assert words_to(still_house, zoe) == [TAKEN, *told[1:], "Here I am again"]


async def test_where_she_has_gone_she_is_called_and_it_waits(still_house: StillHouse) -> None:
    _, topic, card = await still_house.held()
    await snoozed(still_house)
    still_house.clock.advance(timedelta(seconds=4))
    await still_house.group.hears("Zoe is in the queue again", thread=topic)
    assert (await called(still_house, "the snooze is over"))[1] == 71
    await still_house.server.wait_for(lambda: "Take" in card.buttons)


async def test_where_somebody_else_is_given_it_one_call_tells_of_it(still_house: StillHouse) -> None:
    zoe, topic, _ = await still_house.held()
    await still_house.bob.says("/online")
    await still_house.bob.hears("You are online")
    await snoozed(still_house)
    await Dispatcher(still_house.store, still_house.clock, StoreSettings()).give_all()
    await zoe.hears("Bob is with you now")
    still_house.clock.advance(timedelta(seconds=4))
    await still_house.group.hears("Bob, Zoe is yours now.", thread=topic)
    await at_rest(still_house.store)
    assert calls(still_house, "the snooze is over") == []


async def test_who_is_no_agent_is_answered_as_a_customer(desk_house: DeskHouse) -> None:
    zoe = desk_house.server.user(5, "Zoe")
    await zoe.says("/online")
    assert "command" in (await zoe.hears()).text
    await desk_house.carl.says("/online", chat=desk_house.group)
    assert await presence(desk_house, "Ann") == "offline"


async def test_who_is_set_away_for_not_answering_is_told_so_and_how_to_come_back(
    desk_house: DeskHouse,
) -> None:
    rules = StoreSettings(first_reply_minutes=30)
    await desk_house.queued()
    await desk_house.ann.says("/online")
    await desk_house.ann.hears("You are online")
    assert await Dispatcher(desk_house.store, system_clock, rules).give_all() == 1
    later = system_clock() + timedelta(minutes=31)
    assert await Timekeeper(desk_house.store, lambda: later, rules).fire_due() > 0
    assert await presence(desk_house, "Ann") == "away"
    said = "Ann was given Zoe and wrote nothing for 30 minutes"
    await desk_house.server.wait_for(lambda: any(said in post.text for post in desk_house.server.sent()))
    (told,) = [post for post in desk_house.server.sent() if said in post.text]
    assert "/online" in told.text
    (mention,) = [one for one in told.body["entities"] if one["type"] == "text_mention"]
    assert mention["user"]["id"] == 71  # Ann's account


async def test_where_nobody_is_given_anything_nobody_is_told_so(desk_house: DeskHouse) -> None:
    async with desk_house.store.write() as session:
        ann = (await session.scalars(select(Agent).where(Agent.name == "Ann"))).one()
        told = [
            await attend(session, ann, state, language, now=system_clock(), pushes=False)
            for state in PresenceState
            for language in ("en", "zh")
        ]
    assert not any("given" in text or "分配" in text for text in told), told
