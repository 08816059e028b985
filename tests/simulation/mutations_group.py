"""The staff group broken on purpose."""

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from bot.channels.telegram.desk.errands import Errands
from bot.channels.telegram.desk.group import StaffGroup
from bot.channels.telegram.desk.handling import StaffDesk
from bot.channels.telegram.desk.pace import GroupPace
from bot.channels.telegram.desk.speaking import Speaking
from crm_store import relaying, staff
from crm_store.models.staff import Agent

Patches = list[Any]
Planted = tuple[Callable[[], Patches], str]
"""How it is broken, and what the rule says that has to find it."""


def _limit_not_kept() -> Patches:
    """No post is ever counted."""
    return [patch.object(GroupPace, "_count", lambda *_: None)]


def _cards_not_redrawn() -> Patches:
    """A card stays as it was first drawn."""

    async def leave(_self: Any, place: Any, _card: Any) -> Any:
        return place

    return [patch.object(StaffGroup, "draw", leave)]


def _strangers_may_speak() -> Patches:
    """Who is linked with nobody speaks for the first agent."""
    find = staff.find_by_telegram

    async def anybody(session: Any, user_id: int) -> Any:
        return await find(session, user_id) or await session.get(Agent, 1)

    return [patch.object(staff, "find_by_telegram", anybody)]


def _refusals_not_told() -> Patches:
    """Words that cannot be sent are dropped in silence."""

    async def silent(self: Any, event: Any, _group: Any, _text: str) -> None:
        async def nothing(_session: Any) -> None: ...

        await self._in_one(event.update_id, nothing)

    return [patch.object(StaffDesk, "_refuse", silent)]


def _edits_not_carried_on() -> Patches:
    """An agent's edit stays in the store."""

    async def nothing(*_: Any) -> None: ...

    return [patch.object(Errands, "_reword", nothing), patch.object(relaying, "take_back", nothing)]


def _no_cards() -> Patches:
    """Topics are opened and no card is put into them."""

    async def leave(_self: Any, place: Any, _card: Any, **_how: Any) -> Any:
        return place

    return [patch.object(StaffGroup, "_send_card", leave)]


def _words_kept_twice() -> Patches:
    """An agent's words are stored once more, as if they had been said again."""
    reply = Speaking._reply

    async def twice(*args: Any) -> Any:
        await reply(*args)
        return await reply(*args)

    return [patch.object(Speaking, "_reply", twice)]


IN_GROUP: dict[str, Planted] = {
    "the staff group's limit is not kept": (
        _limit_not_kept,
        "posts leave for the staff group within a minute",
    ),
    "cards are not redrawn": (_cards_not_redrawn, "the card of conversation"),
    "cards are not posted": (_no_cards, "has no card"),
    "an agent's words are kept twice": (_words_kept_twice, "an agent's word is kept"),
    "strangers may speak": (_strangers_may_speak, "a stranger spoke for the shop"),
    "refusals are not told": (_refusals_not_told, "were refused"),
    "edits are not carried on": (_edits_not_carried_on, "where the agent wrote"),
}
