"""The way back from a card's choices, pressed twice, or late: never an error, and never another matter's buttons."""

from tests.botapi.server import BotApiServer
from tests.botapi.world import Press
from tests.telegram_stage import HELD, WAITING, DeskHouse

REOPEN = ["Reopen", "Ban"]


async def answered(bot_api: BotApiServer, press: Press) -> str:
    """What the press was answered with."""
    await bot_api.wait_for(lambda: press.answer is not None)
    assert press.answer is not None
    return str(press.answer.get("text", ""))


async def test_back_pressed_twice_and_again_after_a_redraw(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    _, topic, card = await desk_house.held()
    await desk_house.ann.presses(card, "Snooze")
    await bot_api.wait_for(lambda: "4 hours" in card.buttons)
    presses = [await desk_house.ann.presses_data(card, "desk:1:back") for _ in range(2)]
    assert [await answered(bot_api, press) for press in presses] == ["", ""]
    await bot_api.wait_for(lambda: card.buttons == HELD)
    await desk_house.ann.says("/resolve", chat=desk_house.group, thread=topic)
    await bot_api.wait_for(lambda: card.buttons == REOPEN)
    late = await desk_house.ann.presses_data(card, "desk:1:back")
    assert await answered(bot_api, late) == ""
    await desk_house.bot._desk.drain()
    assert card.buttons == REOPEN


async def test_back_to_a_matter_that_is_over_shows_the_one_the_card_is_about(
    desk_house: DeskHouse, bot_api: BotApiServer
) -> None:
    """Her telephone still shows the choices of the first."""
    zoe, topic, card = await desk_house.held()
    await desk_house.ann.presses(card, "Snooze")
    await bot_api.wait_for(lambda: "4 hours" in card.buttons)
    await desk_house.ann.says("/resolve", chat=desk_house.group, thread=topic)
    await bot_api.wait_for(lambda: card.buttons == REOPEN)
    await zoe.says("/human")
    await bot_api.wait_for(lambda: card.buttons == WAITING)
    late = await desk_house.ann.presses_data(card, "desk:1:back")
    assert await answered(bot_api, late) == ""
    await desk_house.bot._desk.drain()
    assert card.buttons == WAITING
    assert "desk:2:take" in str(card.body)
    transfer = await desk_house.ann.presses_data(card, "desk:1:transfer")
    assert "moved on" in await answered(bot_api, transfer)
    await desk_house.bot._desk.drain()
    assert card.buttons == WAITING
