"""Several conversations that go to an agent at once call them by name in one post, which leads to each of them; so do
several that go from them."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from bot.channels.telegram.desk.given import many_text
from bot.channels.telegram.drawing import MAX_TEXT, units
from bot.clock import system_clock
from bot.dispatch import Dispatcher
from crm_store import attendance, bulk, desk, privacy, queue, unanswered
from crm_store.bulk import BulkDone
from crm_store.desk_given import Told
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer
from crm_store.models.plumbing import DeskPost
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.botapi import faults
from tests.botapi.world import Post
from tests.telegram_stage import GROUP, DeskHouse, at_rest, staff_of

NAMES = ("Zoe", "Yan", "Wei")
MANY = "Bob, 3 conversations are yours now:\n• Zoe\n• Yan\n• Wei"


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


@pytest.mark.parametrize("is_given", [True, False])
async def test_many_let_lie_go_back_with_one_call(desk_house: DeskHouse, is_given: bool) -> None:
    await wait(desk_house)
    bob = await online(desk_house, "Bob")
    if is_given:
        await Dispatcher(desk_house.store, system_clock, StoreSettings()).give_all()
    else:
        await hand_on(desk_house, bob)
    await at_rest(desk_house.store)
    later = system_clock() + timedelta(minutes=31)
    async with desk_house.store.write() as session:
        for number in list(await session.scalars(select(Conversation.id).order_by(Conversation.id))):
            await unanswered.look(session, number, now=later, settings=StoreSettings())
    await at_rest(desk_house.store)
    told = [post for post in desk_house.server.sent(GROUP) if post.text.startswith("⏸")]
    names = [line.removeprefix("• ") for post in told for line in post.text.splitlines()[1:]]
    assert sorted(names) == sorted(NAMES)
    assert all(leads_to_each(desk_house, post) for post in told)
    assert len(told) == 1, [post.text for post in told]


async def test_only_what_is_still_theirs_is_told(desk_house: DeskHouse) -> None:
    await wait(desk_house)
    bob = await online(desk_house, "Bob")
    desk_house.bot._groups[0].pace.pause(3.0)
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


async def numbered(house: DeskHouse) -> dict[str, int]:
    """Customers by name; their conversations have the same numbers."""
    async with house.store.read() as session:
        return {
            str(name): number for name, number in await session.execute(select(Customer.name, Customer.id))
        }


async def given_while_paused(house: DeskHouse) -> dict[str, int]:
    """Bob is given all three, and nothing is posted yet."""
    await wait(house)
    bob = await online(house, "Bob")
    house.bot._groups[0].pace.pause(3.0)
    await hand_on(house, bob)
    return await numbered(house)


async def test_who_is_erased_before_it_is_posted_does_not_take_the_call_for_the_others_along(
    desk_house: DeskHouse,
) -> None:
    number = await given_while_paused(desk_house)
    async with desk_house.store.write() as session:
        await privacy.erase_person(session, number["Wei"], now=system_clock(), erased_by="t")
    await at_rest(desk_house.store)
    (post,) = calls(desk_house)
    assert post.text == "👉 Bob, 2 conversations are yours now:\n• Zoe\n• Yan"


@pytest.mark.parametrize("is_last", [True, False])
async def test_of_what_is_closed_before_it_is_posted_nobody_is_told_and_the_others_do_not_wait(
    desk_house: DeskHouse, is_last: bool
) -> None:
    number = await given_while_paused(desk_house)
    async with desk_house.store.write() as session:
        bob = (await session.scalars(select(Agent).where(Agent.name == "Bob"))).one()
        closed = number["Wei" if is_last else "Zoe"]
        await queue.resolve(session, closed, bob, now=system_clock(), settings=StoreSettings())
    await at_rest(desk_house.store)
    (post,) = calls(desk_house)
    left = "Zoe\n• Yan" if is_last else "Yan\n• Wei"
    assert post.text == f"👉 Bob, 2 conversations are yours now:\n• {left}"


async def deliveries(house: DeskHouse) -> list[str]:
    """What became of the calls."""
    async with house.store.read() as session:
        return list(await session.scalars(select(DeskPost.delivery).where(DeskPost.kind == desk.GIVEN)))


async def test_the_call_does_not_wait_with_a_customer_whose_posts_fail(desk_house: DeskHouse) -> None:
    number = await given_while_paused(desk_house)
    async with desk_house.store.write() as session:
        for one in await session.scalars(
            select(DeskPost).where(DeskPost.customer_id == number["Wei"], DeskPost.delivery == "pending")
        ):
            one.attempts, one.next_try_at = 3, system_clock() + timedelta(hours=1)
    async with asyncio.timeout(30):
        while await deliveries(desk_house) != ["sent"] * 3:
            await asyncio.sleep(0.02)
    (post,) = calls(desk_house)
    assert post.text == f"👉 {MANY}"


async def taken_by_ann(house: DeskHouse) -> BulkDone:
    """Ann, who leads, assigns all of them to herself."""
    async with house.store.write() as session:
        ann = (await session.scalars(select(Agent).where(Agent.name == "Ann"))).one()
        ann.role = "supervisor"
    return await hand_on(house, ann, by="Ann")


def taken_from(house: DeskHouse) -> list[str]:
    return [post.text for post in house.server.sent(GROUP) if "from you" in post.text]


async def test_many_taken_over_at_once_are_told_each_former_holder_in_one_post(desk_house: DeskHouse) -> None:
    await wait(desk_house, (*NAMES, "Kim"))
    await staff_of(desk_house.store, ("Cid", 74))
    async with desk_house.store.write() as session:
        for holder, customers in (("Bob", (1, 2, 3)), ("Cid", (4,))):
            agent = (await session.scalars(select(Agent).where(Agent.name == holder))).one()
            for one in customers:
                await queue.take(session, one, agent, now=system_clock())
    await at_rest(desk_house.store)
    await taken_by_ann(desk_house)
    await at_rest(desk_house.store)
    assert sorted(taken_from(desk_house)) == [
        "👉 Bob, Ann has taken 3 conversations over from you:\n• Zoe\n• Yan\n• Wei",
        "👉 Cid, Ann has taken Kim over from you.",
    ]
    (post,) = [one for one in desk_house.server.sent(GROUP) if "3 conversations over" in one.text]
    assert leads_to_each(desk_house, post)


async def test_what_was_taken_over_and_put_back_is_not_told(desk_house: DeskHouse) -> None:
    await wait(desk_house)
    await hand_on(desk_house, await online(desk_house, "Bob"))
    await at_rest(desk_house.store)
    desk_house.bot._groups[0].pace.pause(3.0)
    done = await taken_by_ann(desk_house)
    async with desk_house.store.write() as session:
        ann = (await session.scalars(select(Agent).where(Agent.name == "Ann"))).one()
        await bulk.undo(session, done.id, ann, now=system_clock(), settings=StoreSettings())
    await at_rest(desk_house.store)
    assert taken_from(desk_house) == []


def test_more_than_a_message_holds_are_counted() -> None:
    many = [Told(number, f"{number} {'x' * 60}", str(GROUP), str(number)) for number in range(200)]
    text, marks = many_text("given", many, {"agent": "Bob", "account": 72}, "en")
    named = text.count("•")
    assert units(text) <= MAX_TEXT
    assert text.endswith(f"… and {200 - named} more.")
    assert len(marks) == named + 1
