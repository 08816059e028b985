"""Who may do what in the staff group and with buttons: forged, foreign, stale and repeated presses have no effect."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from bot.clock import system_clock
from crm_store import sign_in, staff
from crm_store.models.conversations import Conversation
from crm_store.models.staff import Agent
from tests.botapi.server import BotApiServer
from tests.botapi.world import Press
from tests.telegram_stage import GROUP, DeskHouse, TelegramHouse, staff_of


async def status_of(house: TelegramHouse, number: int = 1) -> tuple[str, int | None]:
    async with house.store.read() as session:
        found = await session.get_one(Conversation, number)
        return found.status, found.agent_id


FORGED = ["desk:1:take", "desk:2:take", "desk:999999:take", "desk:1:delete", "desk:1:take ", "desk:-1:take",
          "desk::take", "1:0", "", "x" * 64, "desk:１:take", "take"]  # fmt: skip


async def test_forged_presses_in_the_group(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    """Data that names another customer's conversation, or comes from another message, is out of date at best."""
    await desk_house.queued(5, "Zoe")
    _, topic, card = await desk_house.queued(6, "Yan")
    elsewhere = await desk_house.ann.says("lunch?", chat=desk_house.group)
    taps = [await desk_house.ann.presses_data(elsewhere, data) for data in FORGED]
    taps += [await desk_house.ann.presses_data(card, data) for data in FORGED if data != "desk:2:take"]
    await bot_api.wait_for(lambda: all(tap.answer is not None for tap in taps))
    assert {tap.answer["text"] for tap in taps if tap.answer} == {
        "This card is out of date; use the pinned one."
    }
    assert [await status_of(desk_house, number) for number in (1, 2)] == [("queued", None)] * 2
    assert topic is not None


@pytest.mark.parametrize("who", ["unlinked", "disabled", "analyst", "stranger", "customer"])
async def test_presses_of_who_may_not(desk_house: DeskHouse, bot_api: BotApiServer, who: str) -> None:
    zoe, _, card = await desk_house.queued()
    person = {"unlinked": desk_house.carl, "stranger": bot_api.user(99, "Mallory"), "customer": zoe}.get(who)
    if who == "disabled":
        person = desk_house.bob
        async with desk_house.store.write() as session:
            bob = await session.scalar(select(Agent).where(Agent.name == "Bob"))
            assert bob is not None
            bob.disabled_at = system_clock()
    if who == "analyst":
        await staff_of(desk_house.store, ("Dora", 74), role="analyst")
        person = bot_api.user(74, "Dora")
    assert person is not None
    tap = await person.presses(card, "Take")
    await bot_api.wait_for(lambda: tap.answer is not None)
    assert tap.answer is not None
    assert tap.answer["show_alert"] is True
    assert await status_of(desk_house) == ("queued", None)


async def test_a_card_of_a_deleted_topic_is_out_of_date(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, topic, card = await desk_house.queued()
    desk_house.group.delete_topic(topic)
    await zoe.says("hello?")
    await desk_house.group.hears("hello?")
    tap = await desk_house.ann.presses_data(card, "desk:1:take")
    await bot_api.wait_for(lambda: tap.answer is not None)
    assert tap.answer is not None
    assert "out of date" in tap.answer["text"]
    assert await status_of(desk_house) == ("queued", None)


async def test_repeated_updates_act_once(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    zoe, topic, card = await desk_house.queued()
    await desk_house.ann.presses(card, "Take")
    await desk_house.ann.says("only once", chat=desk_house.group, thread=topic)
    await zoe.hears("only once")
    for update in list(bot_api.updates):
        bot_api.repeat(update)
    await bot_api.wait_until_confirmed()
    await zoe.says("thanks")
    await desk_house.group.hears("Zoe: thanks", thread=topic)
    assert sum("only once" in post.text for post in bot_api.sent(zoe.id)) == 1
    assert sum("is with you now" in post.text for post in bot_api.sent(zoe.id)) == 1


WAYS = ("/take", "for the customer", "// note", "/resolve")


@pytest.mark.parametrize("how", ["anonymous", "forwarded", "via bot", "other group", "general", "by a bot"])
async def test_words_that_command_nothing(desk_house: DeskHouse, bot_api: BotApiServer, how: str) -> None:
    zoe, topic, _ = await desk_house.queued()
    ann, group = desk_house.ann, desk_house.group
    other = bot_api.group(-1009, "Another")
    for words in WAYS:
        if how == "anonymous":
            await ann.says(words, chat=group, thread=topic, anonymous=True)
        elif how == "forwarded":
            await ann.forwards(await ann.says(words, chat=other), chat=group, thread=topic)
        elif how == "other group":
            await ann.says(words, chat=other)
        elif how == "general":
            await ann.says(words, chat=group)
        else:
            body = (await ann.says("seed", chat=other)).body | {"text": words, "chat": group.chat.face}
            body |= {"message_thread_id": topic.id, "is_topic_message": True}
            body |= {"via_bot": bot_api.world.bot_user} if how == "via bot" else {}
            body |= {"from": body["from"] | {"is_bot": True}} if how == "by a bot" else {}
            bot_api.inject({"message": body})
    await bot_api.wait_until_confirmed()
    await zoe.says("anyone?")
    await group.hears("anyone?", thread=topic)
    assert await status_of(desk_house) == ("queued", None)
    assert not [post for post in bot_api.sent(zoe.id) if "customer" in post.text]


STALE = ["999999:0", "1:0", "0:0", "x", "desk:1:take", "1:999"]


async def test_customers_presses_that_are_not_theirs(house: TelegramHouse, bot_api: BotApiServer) -> None:
    """Another's button, one that never was, one of a staff card: a kind word, and nothing else happens."""
    zoe, yan = bot_api.user(5, "Zoe"), bot_api.user(6, "Yan")
    await zoe.says("how long do refunds take?")
    answer = await zoe.hears("five working days")
    await yan.says("hi")
    greeting = await yan.hears("Hello Yan")
    foreign = [str(button["callback_data"]) for row in answer.rows for button in row]
    for data in (*STALE, *foreign):
        await yan.presses_data(greeting, data)
        await yan.hears("no longer valid")
    async with house.store.read() as session:
        assert list(await session.scalars(select(Conversation.status))) == ["bot", "bot"]


async def test_a_used_button_has_no_second_effect(house: TelegramHouse, bot_api: BotApiServer) -> None:
    zoe = bot_api.user(5, "Zoe")
    await zoe.says("how long do refunds take?")
    answer = await zoe.hears("five working days")
    data = str(answer.rows[0][0]["callback_data"])
    await zoe.presses_data(answer, data)
    await zoe.hears("Good to hear")
    await zoe.presses_data(answer, data)
    await zoe.hears("no longer valid")


async def code_for(house: TelegramHouse, name: str) -> str:
    async with house.store.write() as session:
        agent = await staff.find_agent(session, name)
        assert agent is not None
        return await sign_in.issue_code(session, agent.id, sign_in.Purpose.TELEGRAM, now=system_clock())


@pytest.mark.parametrize("way", ["/link {}", "{}", "/start link_{}"])
async def test_a_code_links_an_account_once(desk_house: DeskHouse, bot_api: BotApiServer, way: str) -> None:
    async with desk_house.store.write() as session:
        await staff.create_agent(session, name="Eve", role=staff.Role.AGENT, now=system_clock())
    code = await code_for(desk_house, "Eve")
    _, _, card = await desk_house.queued()
    await desk_house.carl.says(way.format(code))
    await desk_house.carl.hears("you are Eve here")
    tap = await desk_house.carl.presses(card, "Take")
    await bot_api.wait_for(lambda: tap.answer is not None)
    assert await status_of(desk_house) == ("assigned", 3)
    await desk_house.bob.says(f"/link {code}")
    await desk_house.bob.hears("not valid")
    async with desk_house.store.read() as session:
        texts = [str(body) for body in await session.scalars(select(Conversation.memory))]
        assert code not in str(texts)
        assert (await staff.find_by_telegram(session, 72)) is not None


async def test_codes_expire_and_guesses_run_out(desk_house: DeskHouse, bot_api: BotApiServer) -> None:
    code = await code_for(desk_house, "Ann")
    async with desk_house.store.write() as session:
        agent = await staff.find_agent(session, "Ann")
        assert agent is not None
        late = system_clock() + sign_in.CODE_LASTS + timedelta(seconds=1)
        assert await sign_in.redeem_code(session, code, sign_in.Purpose.TELEGRAM, now=late) is None
    for _ in range(5):
        await desk_house.carl.says("/link " + "A" * 26)
        await desk_house.carl.hears("not valid")
    await desk_house.carl.says(f"/link {code}")
    await desk_house.carl.hears("Too many wrong codes")
    await desk_house.carl.says("A" * 26)
    await desk_house.carl.hears()  # a customer's words, if they are no code
    await desk_house.carl.says("/link")
    await desk_house.carl.hears("Too many")
    assert bot_api.sent(GROUP) == []


async def test_linked_staff_are_customers_in_private(desk_house: DeskHouse) -> None:
    await desk_house.ann.says("how long do refunds take?")
    await desk_house.ann.hears("five working days")


def told(tap: Press) -> tuple[str, bool]:
    assert tap.answer is not None
    return tap.answer["text"], tap.answer.get("show_alert", False)


async def test_take_on_a_card_whose_customer_has_stopped_waiting(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    """The group takes 20 messages a minute, so a card may show for some time what is over."""
    zoe, _, card = await desk_house.queued()
    waiting = next(post for post in bot_api.sent(zoe.id) if "Stop waiting" in post.buttons)
    await zoe.presses(waiting, "Stop waiting")
    await bot_api.wait_for(lambda: card.buttons == ["Take", "Ban"])
    tap = await desk_house.ann.presses_data(card, "desk:1:take")
    await bot_api.wait_for(lambda: tap.answer is not None)
    words, is_alert = told(tap)
    assert (words.startswith("Nothing was done: the customer has stopped waiting"), is_alert) == (True, True)
    assert await status_of(desk_house) == ("bot", None)
    await desk_house.ann.presses(card, "Take")  # the card as it is now: meant
    await bot_api.wait_for(lambda: "With Ann" in card.text)


@pytest.mark.parametrize("action", ["take", "release", "snooze.1h"])
async def test_a_press_on_a_card_of_a_matter_that_was_closed(
    desk_house: DeskHouse, bot_api: BotApiServer, action: str
) -> None:
    _, _, card = await desk_house.queued()
    await desk_house.bob.presses(card, "Take")
    await bot_api.wait_for(lambda: "Resolve" in card.buttons and "Take" not in card.buttons)
    await desk_house.bob.presses(card, "Resolve")
    await bot_api.wait_for(lambda: "Reopen" in card.buttons)
    tap = await desk_house.bob.presses_data(card, f"desk:1:{action}")
    await bot_api.wait_for(lambda: tap.answer is not None)
    words, is_alert = told(tap)
    assert (words.startswith("Nothing was done: the conversation has moved on"), is_alert) == (True, True)
    assert (await status_of(desk_house))[0] == "resolved"
