"""What an agent means by /case and what follows it, in English or Chinese, whichever the group speaks. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from typing import TypeVar

from bot.channels.telegram.desk.choices import length_of
from bot.texts import SUPPORTED, render
from crm_store.amounts import checked_amount, parse_amount, parse_currency
from crm_store.case_states import CaseKind, CaseState
from crm_store.errors import InvalidValue
from crm_store.working_hours import WorkingHours

NUMBER = re.compile(r"(?:RET|REF|REP|FOL)-[1-9][0-9]{0,17}", re.IGNORECASE)
T = TypeVar("T", bound=StrEnum)
LAST_MINUTE = time(23, 59)


class Verb(StrEnum):
    """What is done with a case."""

    SHOW = "show"
    STEP = "step"
    MINE = "mine"
    OWNER = "owner"
    DUE = "due"
    AMOUNT = "amount"
    TELL = "tell"
    REASON = "reason"
    NOTE = "note"


VERBS = {
    "mine": Verb.MINE, "我的": Verb.MINE, "接手": Verb.MINE,
    "owner": Verb.OWNER, "负责人": Verb.OWNER,
    "due": Verb.DUE, "期限": Verb.DUE,
    "amount": Verb.AMOUNT, "金额": Verb.AMOUNT,
    "tell": Verb.TELL, "告知": Verb.TELL,
    "reason": Verb.REASON, "原因": Verb.REASON,
    "note": Verb.NOTE, "备注": Verb.NOTE,
}  # fmt: skip
"""Words that say what is to be set; a state by its name is a step."""
ALONE = frozenset({Verb.SHOW, Verb.STEP, Verb.MINE})
"""What needs nothing behind it."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The customer's cases are asked for."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A case of this kind is to be opened; `rest` is its reason, perhaps behind an amount."""

    kind: CaseKind
    rest: str


@dataclass(frozen=True, slots=True)
class Updating:
    """The case of this number is to be shown or changed."""

    number: str
    verb: Verb
    rest: str = ""
    state: CaseState | None = None


def read_case(argument: str) -> Listing | Opening | Updating | None:
    """What is meant; None for what is not understood."""
    words = argument.strip()
    if not words:
        return Listing()
    first, rest = _split(words)
    if NUMBER.fullmatch(first):
        return _updating(first.upper(), rest)
    kind, rest = _named(words, {kind: f"desk.case_kind_{kind}" for kind in CaseKind})
    return Opening(kind, rest) if kind is not None else None


def _updating(number: str, words: str) -> Updating | None:
    if not words:
        return Updating(number, Verb.SHOW)
    state, rest = _named(words, {state: f"desk.case_state_{state}" for state in CaseState})
    if state is not None:
        return Updating(number, Verb.STEP, rest, state)
    first, rest = _split(words)
    verb = VERBS.get(first.casefold())
    if verb is None or (not rest and verb not in ALONE):
        return None
    return Updating(number, verb, rest)


def _split(words: str) -> tuple[str, str]:
    first, *rest = words.split(maxsplit=1)
    return first, rest[0] if rest else ""


def _named(words: str, keys: Mapping[T, str]) -> tuple[T | None, str]:
    """Which of these the words begin with, by its own name or by what either language calls it; the longest first."""
    names: dict[str, T] = {}
    for one, key in keys.items():
        names |= {one.value: one, one.value.replace("_", " "): one}
        names |= {render(language, key).casefold(): one for language in SUPPORTED}
    plain = " ".join(words.split())
    for name in sorted(names, key=len, reverse=True):
        if f"{plain} ".casefold().startswith(f"{name} "):
            return names[name], plain[len(name) :].strip()
    return None, words


def money_and_words(text: str) -> tuple[str | None, str | None, str]:
    """Amount and currency where the words begin with them, such as 12.50 EUR, and the rest."""
    parts = text.split(maxsplit=2)
    try:
        currency = parse_currency(parts[1])
        amount = checked_amount(parse_amount(parts[0], currency), currency)
    except (InvalidValue, IndexError):
        return None, None, text
    return str(amount), currency, parts[2] if len(parts) > 2 else ""


def moment_of(text: str, now: datetime, hours: WorkingHours) -> datetime | None:
    """When 3d, 2026-04-01 (its last minute) or 2026-04-01 12:00 is, where the business is; None: not clear, or past."""
    try:
        at = _moment(text.strip(), now, hours)
    except (ValueError, OverflowError):  # what no calendar holds, here or elsewhere
        return None
    return at if at > now and at.year <= 2200 else None


def _moment(text: str, now: datetime, hours: WorkingHours) -> datetime:
    length = length_of(text)
    if length is not None:
        return now + length
    local = datetime.fromisoformat(text)
    if len(text) <= len("2026-04-01"):
        local = datetime.combine(local.date(), LAST_MINUTE)
    return (local if local.tzinfo else local.replace(tzinfo=hours.zone)).astimezone(now.tzinfo)
