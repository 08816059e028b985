"""The commands in Telegram's menu: the customers' in their languages, the staff's in their group."""

import structlog
from telegram.error import TelegramError

from bot.channels.telegram.api import Api
from bot.texts import FALLBACK, SUPPORTED, render

log = structlog.get_logger(__name__)
COMMANDS = ("human", "help", "language", "privacy")
STAFF_COMMANDS = (
    "take", "resolve", "release", "snooze", "transfer", "ban", "shadowban", "unban", "reopen", "phone", "delete",
    "rate", "done", "case", "article",
)  # fmt: skip
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


async def announce_staff_commands(api: Api, chat: int, language: str) -> None:
    """The same for the staff in their group; without the menu the commands work as well."""
    commands = [{"command": n, "description": render(language, f"command.{n}")} for n in STAFF_COMMANDS]
    try:
        await api.call("setMyCommands", commands=commands, scope={"type": "chat", "chat_id": chat})
    except TelegramError as error:
        log.warning("the staff's menu of commands could not be set", error=str(error))
