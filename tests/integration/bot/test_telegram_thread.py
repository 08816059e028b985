"""A customer's talk with the bot on Telegram: what was said, what must come back."""

import pytest

from tests.botapi.people import Person
from tests.botapi.server import BotApiServer
from tests.telegram_stage import TelegramHouse

Said = tuple[str, str]
TALKS: dict[str, list[Said]] = {
    "an answer": [("/start", "Hello Zoe!"), ("how long do refunds take?", "five working days")],
    "a greeting": [("hi", "Hello Zoe!"), ("thanks", "You're welcome")],
    "a person at once": [("/human", "number 1 in the queue"), ("/human", "in the queue; a person")],
    "twice not understood": [("qwerty zxcv", "other words"), ("xxxx jjj", "in the queue")],
    "commands": [("/help", "Commands"), ("/privacy", "Harbour & Pine"), ("/nonsense", "don't know")],
    "deep link": [("/start abc_DEF-1", "Hello Zoe!")],
    "only emoji": [("🚲🌧", "words only"), ("👍🎉", "Good to hear")],
}


@pytest.mark.parametrize("talk", TALKS.values(), ids=TALKS)
async def test_talks(house: TelegramHouse, bot_api: BotApiServer, talk: list[Said]) -> None:
    zoe = bot_api.user(5, "Zoe")
    for said, heard in talk:
        await zoe.says(said)
        await zoe.hears(heard)
    await bot_api.wait_until_confirmed()


async def press(person: Person, fragment: str, button: str) -> None:
    """Press a button of the last message that says `fragment`."""
    await person.presses(await person.hears(fragment), button)


async def test_buttons_are_answered_at_once_and_do_what_they_say(
    house: TelegramHouse, bot_api: BotApiServer
) -> None:
    zoe = bot_api.user(5, "Zoe")
    await zoe.says("how long do refunds take?")
    answer = await zoe.hears("five working days")
    assert answer.buttons == ["👍 Yes", "👎 No", "Talk to a person"]
    tap = await zoe.presses(answer, "👍 Yes")
    await zoe.hears("Good to hear")
    await bot_api.wait_for(lambda: tap.answer is not None)
    await bot_api.wait_for(lambda: answer.buttons == ["Talk to a person"])
    await zoe.presses(answer, "Talk to a person")
    await zoe.hears("number 1 in the queue")


async def test_the_language_comes_from_the_app_and_from_the_choice(
    house: TelegramHouse, bot_api: BotApiServer
) -> None:
    mei = bot_api.user(6, "Mei", "zh-hans")
    await mei.starts()
    assert not (await mei.hears("Mei")).text.isascii()
    await mei.says("/language")
    await mei.presses(await mei.hears(), "English")
    await mei.hears("I speak English")
    await mei.says("hello")
    await mei.hears("Hello Mei!")


async def test_an_album_gets_one_answer(house: TelegramHouse, bot_api: BotApiServer) -> None:
    zoe = bot_api.user(5, "Zoe")
    await zoe.sends_album(4)
    await zoe.says("hi")
    await zoe.hears("Hello Zoe!")
    assert ["I have kept it" in post.text for post in bot_api.sent(5)] == [True, False]


async def test_the_menu_of_commands_speaks_both_languages(house: TelegramHouse) -> None:
    menus = [
        await house.bot.api.call("getMyCommands", scope={"type": "all_private_chats"}, language_code=code)
        for code in (None, "zh")
    ]
    assert [[one["command"] for one in menu] for menu in menus] == [
        ["human", "help", "language", "privacy"]
    ] * 2
    assert menus[0] != menus[1]
