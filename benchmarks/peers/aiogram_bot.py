"""aiogram as it comes: Dispatcher with polling; the ORM for the store.

With uvloop and a faster JSON (here orjson), as its installation guide recommends for speed.

python -m benchmarks.peers.aiogram_bot
"""

from typing import Any

import orjson
import uvloop
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Message, Update

from benchmarks.peers.orm_work import OrmWork, prepare
from bot.settings import BotSettings


def add_handler(dispatcher: Dispatcher, work: OrmWork) -> None:
    """Handle every message."""

    @dispatcher.message()
    async def handle(message: Message, event_update: Update) -> None:
        user = message.from_user
        if user is None:
            return
        reply = await work.receive(
            event_update.update_id, user.id, user.full_name, user.language_code or "en", message.text or ""
        )
        if reply is None:
            return
        row, text, buttons = reply
        keyboard: list[list[Any]] = [
            [InlineKeyboardButton(text=label[:60], callback_data=data)] for label, data in buttons
        ]
        sent = await message.answer(text, reply_markup=InlineKeyboardMarkup(inline_keyboard=keyboard))
        await work.mark(row, sent.message_id)


async def serve() -> None:
    """Poll for ever."""
    settings = BotSettings()
    assert settings.telegram_token is not None
    session = AiohttpSession(
        api=TelegramAPIServer.from_base(settings.telegram_base_url),
        json_loads=orjson.loads,
        json_dumps=lambda value: orjson.dumps(value).decode(),
    )
    bot = Bot(settings.telegram_token.get_secret_value(), session=session)
    dispatcher = Dispatcher()
    add_handler(dispatcher, await prepare())
    await dispatcher.start_polling(bot, handle_signals=False)


if __name__ == "__main__":
    uvloop.run(serve())
