"""Refusals in the reader's language: by their kind, else by their status, else in the words they came with. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from admin_api.desk.texts import FALLBACK, Words

TOLD_BY_STATUS: Final = frozenset({401, 403, 404, 500, 503})
"""What these came with says nothing to who reads pages."""
VALUES: Final[Mapping[str, str]] = {"status": "status", "state": "case_state"}
"""Values that have words of their own: the table of sentences they stand in."""

LABELS: Final = ("field", "labels", "staff")
"""The tables of sentences in which fields of forms have their labels."""


def worded(told: Mapping[str, Any], words: Words) -> str:
    """What a problem document says, as a sentence for this reader."""
    kind, status = told.get("kind"), told["status"]
    if kind and (sentence := words.maybe(f"refused.{kind}", "", **_values(told.get("params") or {}, words))):
        return _at(told, words) + sentence
    detail = str(told.get("detail") or told.get("title", ""))
    if status in TOLD_BY_STATUS:
        return words.maybe(f"refusal.told_{status}", detail)
    if words.language == FALLBACK:
        return detail
    return f"{words.maybe(f'refusal.title_{status}', str(told.get('title', '')))} ({detail})"


def _at(told: Mapping[str, Any], words: Words) -> str:
    """Which field of a form it is about, where it is about one; in another language only by its label."""
    name = next((str(one["field"]) for one in told.get("errors") or ()), "")
    if name and words.language != FALLBACK:
        name = next((label for table in LABELS if (label := words.maybe(f"{table}.{name}", ""))), "")
    return f"{name}: " if name else ""


def _values(params: Mapping[str, Any], words: Words) -> dict[str, Any]:
    return {
        name: words.maybe(f"{VALUES[name]}.{value}", str(value)) if name in VALUES else value
        for name, value in params.items()
    }
