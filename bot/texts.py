"""Every sentence, per language: looked up by key, rendered with its parameters."""

import tomllib
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from crm_store.counted import filled

SUPPORTED = ("en", "zh")
FALLBACK = "en"
_WIDE_ENDS = "。！？；：，）"


@dataclass(frozen=True, slots=True)
class Locale:
    """One language: sentences by dotted key."""

    sentences: dict[str, str]


@cache
def load_locale(language: str) -> Locale:
    """The locale of a supported language."""
    raw = tomllib.loads(files("bot").joinpath(f"locales/{language}.toml").read_text("utf-8"))
    sentences = {
        f"{table}.{key}" if table != "say" else key: text
        for table in ("say", "button", "aspect", "media", "web", "desk", "command")
        for key, text in raw[table].items()
    }
    return Locale(sentences)


def best_language(code: str | None) -> str | None:
    """The supported language for a code such as 'zh-hans' or 'en_GB'; None when there is none."""
    primary = (code or "").replace("_", "-").split("-")[0].lower()
    return primary if primary in SUPPORTED else None


def render(language: str, key: str, **params: Any) -> str:
    """The sentence `key` in `language` (else English). An unknown key is a programming error: KeyError."""
    spoken = language if language in SUPPORTED else FALLBACK
    return filled(load_locale(spoken).sentences[key], params) if params else _as_it_is(spoken, key)


@cache
def _as_it_is(language: str, key: str) -> str:
    """A sentence without parameters, such as a button's label: several of them are in every answer."""
    return filled(load_locale(language).sentences[key], {})


def local_moment(language: str, at: datetime, now: datetime) -> str:
    """A moment to come, as one says it to a customer; `at` is in the zone that is meant, whose offset from UTC is told
    with it: where the customer is nobody knows, and names of zones are not read alike everywhere."""
    days = (at.date() - now.astimezone(at.tzinfo).date()).days
    kind = ("today", "tomorrow")[days] if days < 2 else "weekday" if days < 7 else "date"
    weekday = render(language, "weekdays").split(",")[at.weekday()]
    parts = {
        "time": f"{at:%H:%M}",
        "zone": offset_of(at),
        "weekday": weekday,
        "day": at.day,
        "month": at.month,
    }
    return render(language, f"when_{kind}", **parts)


def offset_of(at: datetime) -> str:
    """The offset from UTC at this moment of its zone: UTC, UTC+1, UTC-3:30."""
    minutes = round((at.utcoffset() or timedelta()) / timedelta(minutes=1))
    hours, rest = divmod(abs(minutes), 60)
    if not minutes:
        return "UTC"
    return f"UTC{'-' if minutes < 0 else '+'}{hours}{f':{rest:02}' if rest else ''}"


def find(language: str, key: str) -> str | None:
    """The sentence, or None where no locale has it (names an owner made up, such as aspects)."""
    return load_locale(language if language in SUPPORTED else FALLBACK).sentences.get(key)


def order_status(language: str, status: str) -> str:
    """Where an order stands, in words; one of the owner's own as it is."""
    return find(language, f"order_status_{status}") or status


def in_a_row(*sentences: str) -> str:
    """The sentences, one behind the other; a blank stands between where the first does not end in a Chinese sign."""
    row = ""
    for one in filter(None, sentences):
        row += one if not row or row[-1] in _WIDE_ENDS else f" {one}"
    return row
