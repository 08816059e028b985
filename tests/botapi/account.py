"""Methods about the bot itself: who it is, its commands and descriptions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.botapi.errors import bad_request
from tests.botapi.wire import Json, Params
from tests.botapi.world import World

COMMANDS_LIMIT = 100


def bot_face(bot_id: int, username: str) -> Json:
    """The bot as a User inside messages."""
    return {"id": bot_id, "is_bot": True, "first_name": "Frontdesk", "username": username}


def get_me(world: World, params: Params) -> Json:
    """getMe: the User with what only the bot itself is told."""
    return {
        **world.bot_user,
        "can_join_groups": True,
        "can_read_all_group_messages": bool(world.settings.get("reads_all", False)),
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def _scope_key(params: Params) -> str:
    scope: Json = params.json("scope") or {"type": "default"}
    place = f"{scope.get('chat_id', '')}/{scope.get('user_id', '')}"
    return f"commands/{scope['type']}/{place}/{params.text('language_code')}"


def set_my_commands(world: World, params: Params) -> bool:
    """setMyCommands, kept per scope and language."""
    commands = params.json("commands")
    if not isinstance(commands, list) or len(commands) > COMMANDS_LIMIT:
        raise bad_request("commands must be an array of at most 100 commands")
    world.settings[_scope_key(params)] = commands
    return True


def get_my_commands(world: World, params: Params) -> list[Json]:
    """getMyCommands of exactly this scope and language."""
    commands: list[Json] = world.settings.get(_scope_key(params), [])
    return commands


def delete_my_commands(world: World, params: Params) -> bool:
    """deleteMyCommands of exactly this scope and language."""
    world.settings.pop(_scope_key(params), None)
    return True


def _text_setting(name: str) -> tuple[Callable[[World, Params], Any], Callable[[World, Params], Any]]:
    def write(world: World, params: Params) -> bool:
        world.settings[f"{name}/{params.text('language_code')}"] = params.text(name)
        return True

    def read(world: World, params: Params) -> Json:
        kept = world.settings.get(f"{name}/{params.text('language_code')}")
        return {name: kept if kept is not None else world.settings.get(f"{name}/", "")}

    return write, read


set_my_name, get_my_name = _text_setting("name")
set_my_description, get_my_description = _text_setting("description")
set_my_short_description, get_my_short_description = _text_setting("short_description")


def set_chat_menu_button(world: World, params: Params) -> bool:
    """setChatMenuButton."""
    world.settings[f"menu_button/{params.text('chat_id')}"] = params.json("menu_button") or {
        "type": "default"
    }
    return True


def get_chat_menu_button(world: World, params: Params) -> Json:
    """getChatMenuButton."""
    button: Json = world.settings.get(f"menu_button/{params.text('chat_id')}", {"type": "default"})
    return button
