"""The commands in Telegram's menu, in the customers' languages."""

import structlog
from telegram.error import TelegramError

from bot.channels.telegram.api import Api
from bot.texts import FALLBACK, SUPPORTED, render

log = structlog.get_logger(__name__)
COMMANDS = ("human", "help", "language", "privacy")
SCOPE = {"type": "all_private_chats"}


async def announce_commands(api: Api) -> None:
    """Put the menu up to date; a menu that could not be set changes nothing else."""
    try:
        for language in SUPPORTED:
            commands = [
                {"command": name, "description": render(language, f"command.{name}")} for name in COMMANDS
            ]
            # What is set without a language is shown to everybody whose language has no menu of its own.
            code = None if language == FALLBACK else language
            await api.call("setMyCommands", commands=commands, scope=SCOPE, language_code=code)
    except TelegramError as error:
        log.warning("the menu of commands could not be set", error=str(error))
