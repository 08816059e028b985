"""The thinnest whole conversation with the own Bot API server: poll, read, answer."""

from __future__ import annotations

import pytest
from telegram.error import BadRequest, Forbidden, InvalidToken

from bot.channels.telegram.transport import build_bot
from tests.botapi.server import BotApiServer


async def test_a_customer_writes_and_hears_the_answer(bot_api: BotApiServer) -> None:
    customer = bot_api.user(5, "Ann", "zh")
    async with build_bot(bot_api.token, bot_api.base_url) as bot:
        assert bot.username == "frontdesk_bot"
        await customer.says("how much is it?")
        (update,) = await bot.get_updates(timeout=1)
        assert update.message is not None
        assert (update.message.text, update.message.from_user.language_code) == ("how much is it?", "zh")
        await bot.send_message(5, "<b>10</b> &amp; tax", parse_mode="HTML")
        answer = await customer.hears("10")
        assert answer.text == "10 & tax"
        assert answer.body["entities"] == [{"type": "bold", "offset": 0, "length": 2}]
        assert await bot.get_updates(offset=update.update_id + 1) == ()
        await bot_api.wait_until_confirmed()


async def test_refusals_reach_the_bot_as_its_library_names_them(bot_api: BotApiServer) -> None:
    bot_api.user(5)
    async with build_bot(bot_api.token, bot_api.base_url) as bot:
        with pytest.raises(Forbidden, match="can't initiate"):
            await bot.send_message(5, "hello")
        with pytest.raises(BadRequest, match="Chat not found"):
            await bot.send_message(6, "hello")
    with pytest.raises(InvalidToken):
        async with build_bot("1:wrong", bot_api.base_url):
            pass
