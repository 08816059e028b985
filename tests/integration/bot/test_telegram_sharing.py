"""More than one group: several share the customers, private chats do without any."""

from collections import Counter

import pytest
from structlog.testing import capture_logs

from bot.channels.telegram.doctor import check_telegram
from bot.clock import system_clock
from crm_store import merging
from crm_store.engine import Store
from tests.botapi.groups import Group
from tests.botapi.people import Person
from tests.botapi.server import BotApiServer
from tests.telegram_stage import GROUP, HELD, WAITING, DeskHouse, at_rest, settings_for, staff_of

SECOND = -1009876543210


async def waiting(server: BotApiServer, count: int) -> list[Person]:
    """So many customers who asked for a person, one after the other."""
    people = [server.user(10 + n, f"C{n}") for n in range(count)]
    for person in people:
        await person.says("/human")
        await person.hears("in the queue")
    return people


async def test_two_groups_share_the_customers_and_each_stays_where_they_are(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    settings = settings_for(bot_api, telegram_staff_group=GROUP, telegram_more_staff_chats=str(SECOND))
    house = DeskHouse(bot_api, shop_store, settings)
    second = bot_api.group(SECOND, "Second desk")
    await house.open()
    second.add(house.bob)
    people = await waiting(bot_api, 4)
    groups: dict[str, Group] = {}
    await bot_api.wait_for(lambda: len(house.group.topics) + len(second.topics) == 4)
    for group in (house.group, second):
        groups |= {topic.name: group for topic in group.topics}
    assert Counter(group.id for group in groups.values()) == {GROUP: 2, SECOND: 2}
    for person in people:
        group = groups[person.face["first_name"]]
        topic = group.topic(person.face["first_name"])
        card = await group.hears("Waiting for a person", thread=topic)
        agent = house.ann if group is house.group else house.bob
        await agent.presses(card, "Take")
        await person.hears("is with you now")
        await person.says("hello")
        await group.hears(f"{person.face['first_name']}: hello", thread=topic)
        await agent.says(f"for {person.id}", chat=group, thread=topic)
        await person.hears(f"for {person.id}")
    await house.stop()
    await house.run()
    await people[0].says("after a restart")
    group = groups["C0"]
    await group.hears("C0: after a restart", thread=group.topic("C0"))
    assert len(house.group.topics) + len(second.topics) == 4
    await house.stop()


async def test_who_waits_in_a_group_that_was_lost_is_shown_in_another_without_writing(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    settings = settings_for(bot_api, telegram_staff_group=GROUP, telegram_more_staff_chats=str(SECOND))
    house = DeskHouse(bot_api, shop_store, settings)
    second = bot_api.group(SECOND, "Second desk")
    await house.open()
    await waiting(bot_api, 4)
    await bot_api.wait_for(lambda: len(house.group.topics) + len(second.topics) == 4)
    await at_rest(shop_store)
    there = [topic.name for topic in second.topics]
    assert len(there) == 2
    second.kick_bot()
    for name in there:
        await bot_api.wait_for(lambda name=name: name in [one.name for one in house.group.topics])  # type: ignore[misc]
        await house.group.hears("Waiting for a person", thread=house.group.topic(name))
    await house.stop()


async def test_a_group_that_was_never_reached_is_named(bot_api: BotApiServer, shop_store: Store) -> None:
    settings = settings_for(bot_api, telegram_staff_group=GROUP, telegram_more_staff_chats=str(SECOND))
    house = DeskHouse(bot_api, shop_store, settings)
    with capture_logs() as logs:
        await house.open()
        await bot_api.wait_for(lambda: bool(house.bot._condition.troubles))
    (trouble,) = house.bot._condition.troubles
    assert trouble.part == f"staff group {SECOND}"
    assert [one["part"] for one in logs if one["event"] == "out of order"] == [trouble.part]
    for person in await waiting(bot_api, 2):
        name = str(person.face["first_name"])
        await bot_api.wait_for(lambda name=name: name in [one.name for one in house.group.topics])  # type: ignore[misc]
    assert house.bot._condition.is_out_of_order(trouble.part)
    assert any(str(SECOND) in one.what for one in await check_telegram(settings))
    await house.stop()


async def test_all_cards_of_who_became_part_of_another_say_so(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    """Both stand in both groups: they were served in the one, then in the other, while each was the only one."""
    house = DeskHouse(bot_api, shop_store, settings_for(bot_api, telegram_staff_group=GROUP))
    second = bot_api.group(SECOND, "Second desk")
    await house.open()
    people = await waiting(bot_api, 2)
    await bot_api.wait_for(lambda: len(house.group.topics) == 2)
    cards = [await house.group.hears("Waiting for a person", thread=house.group.topic("C0"))]
    await at_rest(shop_store)
    await house.stop()
    house.settings = settings_for(bot_api, telegram_staff_group=SECOND)
    await house.run()
    for person in people:
        await person.says("still here")
        name = person.face["first_name"]
        await bot_api.wait_for(lambda name=name: name in [one.name for one in second.topics])  # type: ignore[misc]
    cards.append(await second.hears("Waiting for a person", thread=second.topic("C0")))
    await at_rest(shop_store)
    await house.stop()
    house.settings = settings_for(bot_api, telegram_staff_group=GROUP, telegram_more_staff_chats=str(SECOND))
    await house.run()
    async with shop_store.write() as session:
        await merging.merge(session, kept_id=2, merged_id=1, now=system_clock(), merged_by="Ann")
    await bot_api.wait_for(lambda: all("one with C1 now" in card.text and not card.buttons for card in cards))
    await house.stop()


async def test_agents_private_chats_do_without_a_group(bot_api: BotApiServer, shop_store: Store) -> None:
    settings = settings_for(bot_api, telegram_more_staff_chats="71, 72")
    house = DeskHouse(bot_api, shop_store, settings)
    ann, bob = bot_api.user(71, "Ann"), bot_api.user(72, "Bob")
    await staff_of(shop_store, ("Ann", 71), ("Bob", 72))
    await ann.starts()
    await bob.starts()
    await house.run()
    zoe = bot_api.user(5, "Zoe")
    await zoe.says("my lamp is broken")
    await zoe.hears()
    await zoe.says("/human")
    first, other = (ann, bob) if 1 % 2 == 0 else (bob, ann)
    card = await first.hears("Waiting for a person")
    assert card.buttons == WAITING
    assert "my lamp is broken" in card.text
    await first.presses(card, "Take")
    await zoe.hears("is with you now")
    await bot_api.wait_for(lambda: card.buttons == HELD)
    await first.says("which lamp?", reply_to=card)
    asked = await zoe.hears("which lamp?")
    await zoe.says("the blue one", reply_to=asked)
    copy = await first.hears("Zoe: the blue one")
    await first.says("to nobody")
    await first.hears("answer a customer's message")
    await other.says("/online")
    await other.hears("You are online")
    await first.says("/transfer " + other.face["first_name"] + " knows lamps", reply_to=copy)
    theirs = await other.hears("With " + other.face["first_name"])
    await other.hears("the blue one")
    await bot_api.wait_for(lambda: card.buttons == [])
    await other.says("I can help", reply_to=theirs)
    await zoe.hears("I can help")
    assert not [post for post in bot_api.sent(zoe.id) if "nobody" in post.text]
    await house.stop()


@pytest.mark.parametrize(
    ("group", "more", "chats"),
    [
        (None, "", ()),
        (-1, "", (-1,)),
        (-1, "-2, 71", (-1, -2, 71)),
        (None, "71,71", (71,)),
        (-1, "-1", (-1,)),
    ],
)
def test_the_staffs_chats(
    bot_api: BotApiServer, group: int | None, more: str, chats: tuple[int, ...]
) -> None:
    settings = settings_for(bot_api, telegram_staff_group=group, telegram_more_staff_chats=more)
    assert settings.staff_chats == chats
