"""Every method the server plays, on one page; names are matched without regard to case, as Telegram does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.botapi import account, posting
from tests.botapi.wire import Params
from tests.botapi.world import World

Handler = Callable[[World, Params], Any]

_TABLE: dict[str, Handler] = {
    "getMe": account.get_me,
    "setMyCommands": account.set_my_commands,
    "getMyCommands": account.get_my_commands,
    "deleteMyCommands": account.delete_my_commands,
    "setMyName": account.set_my_name,
    "getMyName": account.get_my_name,
    "setMyDescription": account.set_my_description,
    "getMyDescription": account.get_my_description,
    "setMyShortDescription": account.set_my_short_description,
    "getMyShortDescription": account.get_my_short_description,
    "setChatMenuButton": account.set_chat_menu_button,
    "getChatMenuButton": account.get_chat_menu_button,
    "sendMessage": posting.send_message,
}

METHODS: dict[str, Handler] = {name.lower(): handler for name, handler in _TABLE.items()}
