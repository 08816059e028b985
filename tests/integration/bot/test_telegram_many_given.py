"""Several conversations that go to an agent at once call them by name in one post, which leads to each of them."""

from typing import Any

from sqlalchemy import select

from bot.channels.telegram.desk.given import given_text
from bot.channels.telegram.drawing import MAX_TEXT, units
from bot.clock import system_clock
from bot.dispatch import Dispatcher
from crm_store import attendance, bulk
from crm_store.bulk import BulkDone
from crm_store.desk_given import Theirs
from crm_store.models.conversations import Conversation
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.botapi import faults
from tests.botapi.world import Post
from tests.telegram_stage import GROUP, DeskHouse, at_rest

NAMES = ("Zoe", "Yan", "Wei")
MANY = "Bob, yours now are 3 conversations:\n• Zoe\n• Yan\n• Wei"


async def wait(house: DeskHouse, names: tuple[str, ...] = NAMES) -> None:
    for number, name in enumerate(names):
        await house.queued(5 + number, name)
    await at_rest(house.store)


async def online(house: DeskHouse, name: str) -> Agent:
    async with house.store.write() as session:
        agent = (await session.scalars(select(Agent).where(Agent.name == name))).one()
        agent.capacity = 5
        await attendance.set_presence(session, agent, "online", now=system_clock())
        return agent


async def hand_on(house: DeskHouse, to: Agent, by: str = "Ann") -> BulkDone:
    """All that wait, at once."""
    async with house.store.write() as session:
        giver = (await session.scalars(select(Agent).where(Agent.name == by))).one()
        numbers = list(await session.scalars(select(Conversation.id)))
        return await bulk.apply(
            session,
            "assign",
            numbers,
            giver,
            value=f"agent:{to.id}",
            now=system_clock(),
            settings=StoreSettings(),
        )


def entities(post: Post, kind: str) -> list[dict[str, Any]]:
    return [one for one in post.body["entities"] if one["type"] == kind]


def calls(house: DeskHouse) -> list[Post]:
    return [post for post in house.server.sent(GROUP) if "yours now" in post.text]


def leads_to_each(house: DeskHouse, post: Post) -> bool:
    """Each name, where it stands in the text, leads into that customer's topic."""
    text = post.text.encode("utf-16-le")
    links = {
        text[2 * one["offset"] : 2 * (one["offset"] + one["length"])].decode("utf-16-le"): one["url"]
        for one in entities(post, "text_link")
    }
    return links == {name: f"https://t.me/c/{-GROUP - 10**12}/{house.group.topic(name).id}" for name in NAMES}


async def test_many_handed_on_at_once_call_whom_they_went_to(desk_house: DeskHouse) -> None:
    await wait(desk_house)
    await hand_on(desk_house, await online(desk_house, "Bob"))
    await at_rest(desk_house.store)
    (post,) = calls(desk_house)
    assert (post.text, post.thread_id) == (f"👉 {MANY}", None)
    assert [one["user"]["id"] for one in entities(post, "text_mention")] == [72]
    assert leads_to_each(desk_house, post)


async def test_one_handed_on_with_the_same_act_is_told_in_its_topic(desk_house: DeskHouse) -> None:
    await wait(desk_house, ("Zoe",))
    await hand_on(desk_house, await online(desk_house, "Bob"))
    await at_rest(desk_house.store)
    (post,) = calls(desk_house)
    assert (post.text, post.thread_id) == (
        "👉 Bob, Zoe is yours now.",
        desk_house.group.topic("Zoe").id,
    )


async def test_who_takes_many_or_is_not_there_is_not_called(desk_house: DeskHouse) -> None:
    await wait(desk_house)
    await hand_on(desk_house, await online(desk_house, "Bob"), by="Bob")
    async with desk_house.store.write() as session:
        ann = (await session.scalars(select(Agent).where(Agent.name == "Ann"))).one()
    assert len((await hand_on(desk_house, ann, by="Bob")).waiting) == 3
    await at_rest(desk_house.store)
    assert calls(desk_house) == []


async def test_a_wave_that_is_given_by_itself_calls_each_agent_once(desk_house: DeskHouse) -> None:
    await wait(desk_house)
    await online(desk_house, "Bob")
    assert await Dispatcher(desk_house.store, system_clock, StoreSettings()).give_all() == 3
    await at_rest(desk_house.store)
    (post,) = calls(desk_house)
    assert post.text == f"👉 {MANY}"
    assert leads_to_each(desk_house, post)


async def test_only_what_is_still_theirs_is_told(desk_house: DeskHouse) -> None:
    await wait(desk_house)
    bob = await online(desk_house, "Bob")
    desk_house.bot._groups[0].pace.pause(1.0)
    done = await hand_on(desk_house, bob)
    async with desk_house.store.write() as session:
        ann = (await session.scalars(select(Agent).where(Agent.name == "Ann"))).one()
        await bulk.undo(session, done.id, ann, now=system_clock(), settings=StoreSettings())
    await at_rest(desk_house.store)
    assert calls(desk_house) == []


async def test_where_nothing_may_be_said_outside_topics_it_stands_in_one(desk_house: DeskHouse) -> None:
    await wait(desk_house)
    desk_house.server.fail("sendMessage", faults.bad_request("TOPIC_CLOSED"), chat=GROUP)
    await hand_on(desk_house, await online(desk_house, "Bob"))
    await at_rest(desk_house.store)
    (post,) = calls(desk_house)
    assert (post.text, post.thread_id) == (f"👉 {MANY}", desk_house.group.topic("Wei").id)


def test_more_than_a_message_holds_are_counted() -> None:
    theirs = [Theirs(f"{number} {'x' * 60}", str(GROUP), str(number)) for number in range(200)]
    text, marks = given_text(theirs, "Bob", 72, "en")
    named = text.count("•")
    assert units(text) <= MAX_TEXT
    assert text.endswith(f"… and {200 - named} more.")
    assert len(marks) == named + 1
