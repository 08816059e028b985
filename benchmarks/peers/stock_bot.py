"""python-telegram-bot as it comes: Application, its updater and its transport; the ORM for the store.

Updates are handled 64 at a time, with connections to match, as its wiki's page on concurrency shows;
uvloop as for the others. It keeps no limit of its own, and confirms updates before they are stored: both only make it
faster.

python -m benchmarks.peers.stock_bot
"""

import asyncio
from typing import Any

import uvloop
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import ApplicationBuilder, MessageHandler, filters

from benchmarks.peers.orm_work import OrmWork, prepare
from bot.settings import BotSettings


def handler(work: OrmWork) -> Any:
    """What is done with a message."""

    async def handle(update: Update, _context: Any) -> None:
        user, message = update.effective_user, update.effective_message
        if user is None or message is None:
            return
        reply = await work.receive(
            update.update_id, user.id, user.full_name, user.language_code or "en", message.text or ""
        )
        if reply is None:
            return
        row, text, buttons = reply
        keyboard = [[InlineKeyboardButton(label[:60], callback_data=data)] for label, data in buttons]
        sent = await message.reply_text(text, reply_markup=InlineKeyboardMarkup(keyboard))
        await work.mark(row, sent.message_id)

    return handle


async def serve() -> None:
    """Poll for ever."""
    settings = BotSettings()
    assert settings.telegram_token is not None
    builder = ApplicationBuilder().token(settings.telegram_token.get_secret_value())
    builder = builder.base_url(f"{settings.telegram_base_url}/bot").concurrent_updates(64)
    builder = builder.connection_pool_size(128).pool_timeout(60)
    application = builder.build()
    application.add_handler(MessageHandler(filters.TEXT, handler(await prepare())))
    async with application:
        await application.start()
        assert application.updater is not None
        await application.updater.start_polling(poll_interval=0)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve())
