"""The words of a button, typed instead of pressed: they mean what pressing it means. Pure.

Only of what was said last: of a list also by the button's number, of "did this help?" also by yes and no.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from bot.channels.base import Inbound, Kind, Press
from bot.edition import Edition
from bot.rendering import choices_of
from bot.small_talk import small_talk
from bot.texts import SUPPORTED, load_locale
from bot.understanding import plain
from crm_store.batch import Known
from knowledge_base.matches import Decision

LISTED: Final = frozenset({"article", "order"})
_NUMBER: Final = re.compile(r"\W*(\d{1,2})\W*")
_CODE: Final = re.compile(r"(?=\S*\d)\S{1,24}")
_AGREES: Final = frozenset({"yes", "thanks", "praise", "ok"})
_DENIES: Final = frozenset({"no", "none", "sorry"})


def _labels() -> frozenset[str]:
    locales = [load_locale(language).sentences for language in SUPPORTED]
    return frozenset(
        plain(text) for said in locales for key, text in said.items() if key.startswith("button.")
    )


LABELS: Final = _labels()


def may_be_button(inbound: Inbound, decision: Decision | None, edition: Edition) -> bool:
    """Whether it is worth looking up what was said last."""
    if inbound.kind is not Kind.TEXT or not inbound.text.strip():
        return False
    words = plain(inbound.text)
    talk = small_talk(inbound.text)
    if words in LABELS or _CODE.fullmatch(words) or (talk is not None and talk.kinds & {"yes", "no", "none"}):
        return True
    titles = decision.matches if decision is not None and decision.reason.startswith("exact") else ()
    return any(
        plain(article.question) == words
        for match in titles
        for article in edition.articles.get(match.article_key, {}).values()
    )


def as_pressed(inbound: Inbound, last: Known | None) -> Inbound:
    """The press that the words stand for; the words themselves where they stand for none."""
    choices = choices_of((last.intent or {}), "en") if last is not None and inbound.kind is Kind.TEXT else []
    at = _place(inbound.text, choices) if choices else None
    if last is None or at is None:
        return inbound
    return replace(inbound, kind=Kind.PRESSED, press=Press(last.id, at))


def _place(text: str, choices: Sequence[Mapping[str, Any]]) -> int | None:
    """Which of the buttons is meant."""
    words, actions = plain(text), [choice.get("action", {}) for choice in choices]
    for at, (choice, action) in enumerate(zip(choices, actions, strict=True)):
        said = {plain(str(choice.get("label", ""))), plain(str(action.get("number", "")))}
        if words and words in said and action.get("do") != "check":  # who is no program presses it
            return at
    is_list = any(action.get("do") in LISTED for action in actions)
    number = _NUMBER.fullmatch(text)
    if number is not None:
        at = int(number[1]) - 1
        return at if is_list and 0 <= at < len(choices) else None
    talk = small_talk(text)
    return _said(talk.kinds, actions) if talk is not None else None


def _said(kinds: frozenset[str], actions: Sequence[Mapping[str, Any]]) -> int | None:
    """The button that a yes or a no means."""
    listed = [at for at, action in enumerate(actions) if action.get("do") in LISTED]
    if "yes" in kinds and kinds <= _AGREES:
        if len(listed) == 1:
            return listed[0]
        return _first(actions, {"do": "helped", "yes": True})
    if kinds & {"no", "none"} and kinds <= _DENIES:
        if listed:
            return _first(actions, {"do": "none"})
        return _first(actions, {"do": "helped", "yes": False}) if "no" in kinds else None
    return None


def _first(actions: Sequence[Mapping[str, Any]], wanted: Mapping[str, Any]) -> int | None:
    return next((at for at, action in enumerate(actions) if wanted.items() <= action.items()), None)
