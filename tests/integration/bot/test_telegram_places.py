"""Cards say where in the queue their customers stand and for whom they wait, and leave alone what one chooses from."""

import pytest

from bot.clock import system_clock
from crm_store import attendance, labels
from crm_store.engine import Store
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.botapi.groups import Group
from tests.botapi.server import BotApiServer
from tests.botapi.world import Post
from tests.telegram_stage import GROUP, DeskHouse, settings_for

SECOND = -1009876543210


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first three of a chat are numbered, and looked at often."""
    for where in ("card", "refreshing"):
        monkeypatch.setattr(f"bot.channels.telegram.desk.{where}.NUMBERED", 3)
    monkeypatch.setattr("bot.channels.telegram.desk.refreshing.LOOK_EVERY_S", 0.1)


async def rank(house: DeskHouse, number: int, priority: int) -> None:
    async with house.store.write() as session:
        await labels.change_labels(
            session, number, priority=priority, now=system_clock(), settings=StoreSettings()
        )


async def present(house: DeskHouse, name: str, presence: str) -> None:
    async with house.store.write() as session:
        agent = await session.get_one(Agent, {"Ann": 1, "Bob": 2}[name])
        lasts = attendance.SHIFT_LASTS
        await attendance.set_presence(session, agent, presence, now=system_clock(), lasts=lasts)


async def test_a_card_that_leaves_the_first_ones_keeps_no_number(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    cards = [(await desk_house.queued(5 + n, f"C{n}"))[2] for n in range(4)]
    assert "Number 3 in the queue" in cards[2].text
    await bot_api.wait_for(lambda: "Further back than the first 3 here" in cards[3].text, timeout=15)
    await rank(desk_house, 4, 2)
    await bot_api.wait_for(lambda: "Number 1 in the queue" in cards[3].text, timeout=15)
    await bot_api.wait_for(lambda: "Further back than the first 3 here" in cards[2].text, timeout=15)
    assert "Number 3" in cards[1].text
    await desk_house.stop()
    await desk_house.run()
    await rank(desk_house, 3, 3)
    await bot_api.wait_for(lambda: "Number 1 in the queue" in cards[2].text, timeout=15)
    await bot_api.wait_for(lambda: "Further back than the first 3 here" in cards[1].text, timeout=15)


async def test_each_group_has_first_ones_of_its_own(bot_api: BotApiServer, shop_store: Store) -> None:
    settings = settings_for(bot_api, telegram_staff_group=GROUP, telegram_more_staff_chats=str(SECOND))
    house = DeskHouse(bot_api, shop_store, settings)
    second = bot_api.group(SECOND, "Second desk")
    await house.open()
    cards: list[tuple[Group, Post]] = []
    for n in range(6):
        name = f"C{n}"
        await bot_api.user(5 + n, name).says("/human")
        await bot_api.wait_for(
            lambda name=name: name in [one.name for one in house.group.topics + second.topics]  # type: ignore[misc]
        )
        group = house.group if name in [one.name for one in house.group.topics] else second
        cards.append((group, await group.hears("Waiting for a person", thread=group.topic(name))))
    assert [sum(group is one for group, _ in cards) for one in (house.group, second)] == [3, 3]
    await rank(house, 1, -2)
    for place, (_, card) in enumerate([*cards[1:], cards[0]], start=1):
        await bot_api.wait_for(
            lambda card=card, place=place: f"Number {place} in the queue" in card.text,  # type: ignore[misc]
            timeout=20,
        )
    await house.stop()


async def test_a_card_kept_for_somebody_tells_when_they_come_and_go(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    cards = [(await desk_house.queued(5 + n, f"C{n}"))[2] for n in range(5)]
    for n, card in ((0, cards[0]), (4, cards[4])):  # one of the first, and one further back
        await desk_house.ann.says(
            "/transfer Bob", chat=desk_house.group, thread=desk_house.group.topic(f"C{n}")
        )
        await bot_api.wait_for(lambda card=card: "Waits for Bob first, who is not there" in card.text)  # type: ignore[misc]
    for presence, told in (
        ("online", "Waits for Bob first\n"),
        ("away", "Waits for Bob first, who is not there"),
    ):
        await present(desk_house, "Bob", presence)
        for card in (cards[0], cards[4]):
            await bot_api.wait_for(lambda card=card, told=told: told in card.text, timeout=15)  # type: ignore[misc]


async def test_a_change_that_leaves_the_buttons_as_they_are_leaves_the_choices_to_who_chooses(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    _, _, card = await desk_house.queued()
    await desk_house.ann.presses(card, "Snooze")
    await bot_api.wait_for(lambda: "4 hours" in card.buttons)
    await rank(desk_house, 1, 2)
    await bot_api.wait_for(lambda: "priority +2" in card.text, timeout=15)
    assert "4 hours" in card.buttons
    await desk_house.ann.presses(card, "4 hours")
    await bot_api.wait_for(lambda: "Snoozed" in card.text)
    assert card.buttons == ["Take", "Resolve", "Ban"]


async def test_choices_that_are_none_any_more_are_taken_away(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    zoe, _, card = await desk_house.queued()
    await desk_house.ann.presses(card, "Snooze")
    await bot_api.wait_for(lambda: "4 hours" in card.buttons)
    (waits,) = [post for post in bot_api.sent(zoe.id) if "Stop waiting" in post.buttons]
    await zoe.presses(waits, "Stop waiting")
    await bot_api.wait_for(lambda: card.buttons == ["Take", "Ban"])


async def test_what_is_chosen_shows_its_own_buttons_where_they_are_the_same_as_before(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    """Handed on to somebody who is not there, it waits on: the card has the buttons it had."""
    _, _, card = await desk_house.queued()
    before = card.buttons
    await desk_house.ann.presses(card, "Transfer")
    await bot_api.wait_for(lambda: "⚪ Bob" in card.buttons)
    await desk_house.ann.presses(card, "⚪ Bob")
    await bot_api.wait_for(lambda: "Waits for Bob first" in card.text)
    assert card.buttons == before
