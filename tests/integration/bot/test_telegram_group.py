"""When the staff group is not as it should be: no topics, no rights, moved, gone, or too much going on."""

import asyncio
from collections import Counter

import pytest
from structlog.testing import capture_logs

from bot.channels.telegram.desk.pace import GroupPace
from bot.channels.telegram.doctor import check_telegram
from bot.clock import system_clock
from bot.findings import Level
from crm_store import desk_posts, labels
from crm_store.engine import Store
from crm_store.settings import StoreSettings
from tests.botapi import faults
from tests.botapi.groups import Group
from tests.botapi.server import BotApiServer
from tests.telegram_stage import GROUP, WAITING, DeskHouse, at_rest, settings_for, staff_of


async def plain_house(server: BotApiServer, store: Store, group: Group) -> DeskHouse:
    """A house whose group was set up by the test."""
    house = DeskHouse(server, store, settings_for(server, telegram_staff_group=group.id))
    house.group, house.ann = group, server.user(71, "Ann")
    group.add(house.ann)
    await staff_of(store, ("Ann", 71))
    await house.run()
    return house


@pytest.mark.parametrize("lack", ["no forum", "no right"])
async def test_without_topics_cards_stand_in_the_group_and_replies_are_routed(
    bot_api: BotApiServer, shop_store: Store, lack: str
) -> None:
    group = bot_api.group(GROUP, "Desk", forum=lack != "no forum")
    if lack == "no right":
        group.limit_bot(can_manage_topics=False)
    with capture_logs() as logs:
        house = await plain_house(bot_api, shop_store, group)
        people = [bot_api.user(5, "Zoe"), bot_api.user(6, "Yan")]
        cards = []
        for person in people:
            await person.says("/human")
            cards.append(await group.hears(person.face["first_name"]))
    assert sum("turn on Topics" in entry["event"] for entry in logs) == 1
    await house.ann.says("not for anybody", chat=group)
    await house.ann.says("hello Yan", chat=group, reply_to=cards[1])
    await people[1].hears("hello Yan")
    await people[0].says("I wait")
    copy = await group.hears("Zoe: I wait")
    assert copy.reply_to_id == cards[0].id
    await house.ann.says("hello Zoe", chat=group, reply_to=copy)
    await people[0].hears("hello Zoe")
    assert not [post for post in bot_api.sent() if "not for anybody" in post.text]
    await house.stop()


async def test_a_group_that_moves_is_followed(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, _, _ = await desk_house.queued()
    moved = desk_house.group.migrate(-1002)
    moved.add(desk_house.ann)
    await zoe.says("are you there?")
    await moved.hears("Zoe: are you there?")
    topic = moved.topic("Zoe")
    await desk_house.ann.says("over here", chat=moved, thread=topic)
    await zoe.hears("over here")
    await desk_house.stop()
    await desk_house.run()
    await zoe.says("after a restart")
    await moved.hears("Zoe: after a restart", thread=topic)


@pytest.mark.parametrize(
    "fault", [faults.forbidden("bot was kicked from the supergroup chat"), faults.server_error(502),
              faults.too_many_requests(1), faults.bad_request("chat not found")]
)  # fmt: skip
async def test_nothing_is_lost_while_the_group_cannot_be_written_to(
    desk_house: DeskHouse, bot_api: BotApiServer, fault: faults.Fault
) -> None:
    zoe, topic, _ = await desk_house.queued()
    bot_api.fail("sendMessage", fault, chat=GROUP, times=2)
    await zoe.says("one")
    await zoe.says("two")
    await desk_house.group.hears("two", thread=topic, timeout=15)
    told = "\n".join(post.text for post in bot_api.sent(GROUP, thread=topic.id))
    assert (told.count("Zoe: one"), told.count("Zoe: two")) == (1, 1)


async def test_a_failing_first_call_does_not_lose_the_case(bot_api: BotApiServer, shop_store: Store) -> None:
    group = bot_api.group(GROUP, "Desk")
    house = await plain_house(bot_api, shop_store, group)
    bot_api.fail("createForumTopic", faults.dropped(takes_effect=False), times=2)
    bot_api.fail("pinChatMessage", faults.bad_request("not enough rights"))
    zoe = bot_api.user(5, "Zoe")
    await zoe.says("/human")
    await group.hears("Waiting for a person", timeout=15)
    assert [topic.name for topic in group.topics] == ["Zoe"]
    await house.stop()


async def test_the_groups_limit_is_kept_and_what_waits_goes_together(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    """Four customers write ten times each: far more than fits, so words are posted together."""
    group = bot_api.group(GROUP, "Desk")
    house = DeskHouse(
        bot_api,
        shop_store,
        settings_for(bot_api, telegram_staff_group=GROUP, per_group_per_min=20, per_chat_per_s=1000),
    )
    await house.run()
    people = [bot_api.user(10 + n, f"C{n}") for n in range(4)]
    for person in people:
        await person.says("/human")
    for n in range(10):
        for person in people:
            await person.says(f"{person.face['first_name']} says {n}")

    def told() -> bool:
        texts = "\n".join(post.text for post in bot_api.sent(GROUP))
        return all(f"C{k} says {n}" in texts for k in range(4) for n in range(10))

    await bot_api.wait_for(told, timeout=20)
    assert len(bot_api.sent(GROUP)) <= 20
    assert [breach for breach in bot_api.rates.breaches if breach.limit == "group"] == []
    assert len({post.thread_id for post in bot_api.sent(GROUP)}) == 4
    assert len(group.topics) == 4
    await house.stop()


class Steady:
    """Seconds that pass only while the group's pace waits."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        await asyncio.sleep(0)


async def test_the_groups_limit_is_kept_when_all_send_albums(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    """A quiet minute, then four albums of ten: two fit into each minute."""
    house, steady = (
        DeskHouse(bot_api, shop_store, settings_for(bot_api, telegram_staff_group=GROUP)),
        Steady(),
    )
    await house.open()
    bot_api.rates.clock = steady
    (staff,) = house.bot._groups
    staff.pace = GroupPace(20, 1, steady=steady, sleep=steady.sleep)
    people = [(await house.queued(10 + n, f"C{n}"))[0] for n in range(4)]
    steady.now += 61
    began, known = steady.now, len(bot_api.sent(GROUP))
    for person in people:
        await person.sends_album(10, f"from {person.id}")

    def albums() -> Counter[str | None]:
        return Counter(post.media_group_id for post in bot_api.sent(GROUP)[known:] if post.media_group_id)

    await bot_api.wait_for(lambda: sorted(albums().values()) == [10] * 4, timeout=20)
    assert [breach for breach in bot_api.rates.breaches if breach.limit == "group"] == []
    assert 60 < steady.now - began < 200
    await house.stop()


async def test_the_doctor_finds_what_is_wrong(bot_api: BotApiServer) -> None:
    settings = settings_for(bot_api, telegram_staff_group=GROUP)
    assert "cannot see the staff group" in (await check_telegram(settings))[-1].what
    group = bot_api.group(GROUP, "Desk")
    assert [found.level for found in await check_telegram(settings)] == [Level.OK] * 3
    group.limit_bot(can_manage_topics=False, can_pin_messages=False)
    found = (await check_telegram(settings))[2:]
    assert [one.what for one in found] == ["the bot may not manage topics", "the bot may not pin messages"]
    assert all(one.mend for one in found)
    bot_api.user(71, "Ann")
    found = await check_telegram(settings_for(bot_api, telegram_more_staff_chats="71"))
    assert (found[-1].level, "agent's chat 71" in found[-1].what) == (Level.ERROR, True)  # she has not begun
    plain = bot_api.group(-1005, "Plain", forum=False, bot_is_admin=False)
    found = (await check_telegram(settings_for(bot_api, telegram_staff_group=plain.id)))[2:]
    assert [one.level for one in found] == [Level.WARNING, Level.ERROR]
    worked_in = bot_api.group(-1006, "By replies", forum=False)
    worked_in.limit_bot(can_manage_topics=False, can_pin_messages=False)
    found = (await check_telegram(settings_for(bot_api, telegram_staff_group=worked_in.id)))[2:]
    assert [one.level for one in found] == [Level.WARNING]  # it works, by replies


async def test_the_doctor_and_a_token_that_does_not_work(bot_api: BotApiServer) -> None:
    for token, told in (("42:wrong", "refuses the token"), ("nonsense", "malformed")):
        (found,) = await check_telegram(settings_for(bot_api, telegram_token=token))
        assert told in found.what
        assert "BotFather" in found.mend
        assert "wrong" not in found.what + found.mend
    (away,) = await check_telegram(settings_for(bot_api, telegram_base_url="http://127.0.0.1:9"))
    assert "cannot be reached" in away.what


async def test_who_waited_before_there_was_a_group_gets_a_card_when_there_is(
    bot_api: BotApiServer, shop_store: Store
) -> None:
    house = DeskHouse(bot_api, shop_store, settings_for(bot_api))
    await house.run()
    zoe = bot_api.user(5, "Zoe")
    await zoe.says("my lamp is broken")
    await zoe.says("/human")
    await zoe.hears("in the queue")
    await house.stop()
    group = bot_api.group(GROUP, "Desk")
    house = await plain_house(bot_api, shop_store, group)
    card = await group.hears("Waiting for a person")
    assert "my lamp is broken" in card.text
    await house.stop()
    await house.run()
    await house.ann.presses(card, "Take")
    await zoe.hears("Ann is with you now")
    assert len(group.topics) == 1
    await house.stop()


async def test_cards_of_who_waits_follow_the_queue_around_them(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    cards = [(await desk_house.queued(5 + n, name))[2] for n, name in enumerate(("Zoe", "Yan", "Xia"))]
    assert [f"Number {n} in the queue" in card.text for n, card in enumerate(cards, start=1)] == [True] * 3
    await desk_house.ann.presses(cards[1], "Snooze")
    await bot_api.wait_for(lambda: "4 hours" in cards[1].buttons)
    await desk_house.ann.presses(cards[0], "Take")
    await bot_api.wait_for(lambda: "Number 2 in the queue" in cards[2].text, timeout=15)
    assert "4 hours" in cards[1].buttons, "what somebody is choosing from is left to them"
    async with desk_house.store.write() as session:
        await labels.change_labels(session, 2, priority=-1, now=system_clock(), settings=StoreSettings())
    await bot_api.wait_for(lambda: "Number 1 in the queue" in cards[2].text, timeout=15)


async def test_a_card_that_shows_the_same_is_not_drawn_again(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    def edits() -> int:
        return sum(call.method == "editMessageText" for call in bot_api.calls)

    _, topic, _ = await desk_house.held()
    before = edits()
    async with desk_house.store.write() as session:
        await desk_posts.add(session, conversation_id=1, customer_id=1, kind="card", now=system_clock())
        await desk_posts.add(
            session, conversation_id=1, customer_id=1, kind="notice", text="done", now=system_clock()
        )
    await desk_house.group.hears("done", thread=topic)
    await at_rest(desk_house.store)
    assert edits() == before
    assert not [call for call in bot_api.refusals if "not modified" in call.description]


async def test_a_card_that_cannot_be_drawn_anew_holds_nothing_up(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    people = [await desk_house.queued(5 + n, name) for n, name in enumerate(("Zoe", "Yan", "Xia"))]
    zoe, topic, card = people[0]
    bot_api.fail("editMessageText", faults.bad_request("not enough rights to edit"), times=50)
    with capture_logs() as logs:
        await desk_house.ann.presses(card, "Take")
        await zoe.hears("Ann is with you now")
        await bot_api.wait_for(lambda: len(bot_api.refusals) >= 3, timeout=15, what="each of the cards tried")
        tried = Counter(call.params.integer("message_id") for call in bot_api.refusals)
        for words in ("first", "second"):
            await asyncio.sleep(5.5)  # a look at the cards lies between
            await zoe.says(words)
            await desk_house.group.hears(f"Zoe: {words}", thread=topic, timeout=2)
    again = Counter(call.params.integer("message_id") for call in bot_api.refusals)
    waiting = [other.id for _, _, other in people[1:]]
    assert [again[one] for one in waiting] == [tried[one] for one in waiting] == [1, 1]
    assert not [entry for entry in logs if "posted" in entry["event"] or entry["event"] == "out of order"]


async def test_a_card_follows_again_once_its_buttons_are_back(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    cards = [(await desk_house.queued(5 + n, name))[2] for n, name in enumerate(("Zoe", "Yan"))]
    await desk_house.ann.presses(cards[1], "Snooze")
    await bot_api.wait_for(lambda: "4 hours" in cards[1].buttons)
    await desk_house.ann.presses(cards[1], "« Back")
    await bot_api.wait_for(lambda: cards[1].buttons == WAITING)
    await desk_house.ann.presses(cards[0], "Take")
    await bot_api.wait_for(lambda: "Number 1 in the queue" in cards[1].text, timeout=15)
