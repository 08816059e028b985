"""What a card's button asks before it does something: until when, to whom, why. Pure."""

import re
import zlib
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from bot.channels.telegram.drawing import MAX_LABEL, cut, rows
from bot.texts import render
from crm_store.models.staff import Agent
from crm_store.staff import Role
from crm_store.working_hours import WorkingHours

Json = dict[str, Any]
PREFIX = "desk"
BACK = "back"
ANYWAY = "anyway"
"""Said with `take`: also a conversation whose customer waits for nobody."""
SNOOZES = ("1h", "4h", "tomorrow", "week")
SILENTLY = "silently"
BAN_REASONS = ("spam", "abuse", "fraud", "other", "day", "week", SILENTLY)
BAN_LENGTHS = {"day": timedelta(days=1), "week": timedelta(days=7)}
"""Bans with an end, for who only has to calm down."""
MORNING = time(9)
MOST_OFFERED = 12
_LENGTH = re.compile(r"([1-9][0-9]{0,3}) ?(m|min|h|d)")
_UNITS = {"m": timedelta(minutes=1), "min": timedelta(minutes=1), "h": timedelta(hours=1),
          "d": timedelta(days=1)}  # fmt: skip
_DAYS = {"tomorrow": 1, "week": 7, "明天": 1, "下周": 7, "一周": 7}


def snoozed_until(words: str, now: datetime, hours: WorkingHours) -> datetime | None:
    """When '30m', '2h', '3d', 'tomorrow' or 'week' is over; a day begins when people are there. None: not clear."""
    words = words.strip().lower()
    length = length_of(words)
    if length is not None:
        return now + length
    days = _DAYS.get(words)
    if days is None:
        return None
    local = now.astimezone(hours.zone) + timedelta(days=days)
    midnight = datetime.combine(local.date(), time(), local.tzinfo)
    is_always_open = hours.is_open(midnight)
    opens = None if is_always_open else hours.opens_at(midnight)
    return (opens or datetime.combine(local.date(), MORNING, local.tzinfo)).astimezone(now.tzinfo)


def length_of(word: str) -> timedelta | None:
    """How long '30m', '2h' or '3d' is."""
    length = _LENGTH.fullmatch(word.strip().lower())
    return int(length.group(1)) * _UNITS[length.group(2)] if length is not None else None


def ban_of(words: str) -> tuple[timedelta | None, str]:
    """How long, None for ever, and why: from a button's code, or from '7d insults' as it was typed."""
    if words in BAN_LENGTHS:
        return BAN_LENGTHS[words], words
    first, _, rest = words.strip().partition(" ")
    length = length_of(first)
    return (length, rest.strip()) if length is not None else (None, words.strip())


def team_code(team: str) -> str:
    """A team in a button, whose 64 bytes a name may not fit into."""
    return f"t{zlib.crc32(team.encode()):08x}"


_OTHERWISE = {BACK: (BACK,), SILENTLY: ("shadowban", "other")}
"""What is offered beside an action's own choices."""


def data(conversation_id: int, action: str, argument: str = "") -> str:
    """What a button sends back."""
    return f"{PREFIX}:{conversation_id}:{action}" + (f".{argument}" if argument else "")


def menu(conversation_id: int, action: str, offered: Iterable[tuple[str, str]], language: str) -> Json:
    """The buttons (argument, label) that follow a press on `action`, and the way back."""
    shown = [*list(offered)[:MOST_OFFERED], (BACK, render(language, "desk.back"))]
    buttons = [
        {
            "text": cut(label, MAX_LABEL),
            "callback_data": data(conversation_id, *_OTHERWISE.get(argument, (action, argument))),
        }
        for argument, label in shown
    ]
    return {"inline_keyboard": [[buttons[n] for n in row] for row in rows([b["text"] for b in buttons])]}


def fixed(action: str, language: str) -> list[tuple[str, str]]:
    """What is offered for snooze and ban."""
    known = {"snooze": SNOOZES, "ban": BAN_REASONS}[action]
    return [(argument, render(language, f"desk.{action}_{argument}")) for argument in known]


def can_take(agent: Agent) -> bool:
    """Whether a conversation may be handed on to them."""
    return agent.disabled_at is None and agent.role != Role.ANALYST and not agent.is_program
