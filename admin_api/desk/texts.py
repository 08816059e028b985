"""Every sentence of the desk, per language, and the choice of a language for a browser. Pure."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from crm_store.counted import filled

SUPPORTED = {"en": "English", "zh": "中文"}
FALLBACK = "en"
NAMES = {
    **SUPPORTED, "ar": "العربية", "cs": "Čeština", "da": "Dansk", "de": "Deutsch", "es": "Español", "fi": "Suomi",
    "fr": "Français", "hu": "Magyar", "it": "Italiano", "ja": "日本語", "ko": "한국어", "nb": "Norsk",
    "nl": "Nederlands", "pl": "Polski", "pt": "Português", "ro": "Română", "ru": "Русский", "sv": "Svenska",
    "tr": "Türkçe", "uk": "Українська",
}  # fmt: skip
"""What languages that articles, questions and people may have call themselves."""


@cache
def sentences(language: str) -> dict[str, str]:
    """The sentences of a supported language by `table.key`."""
    text = files("admin_api").joinpath(f"desk/locales/{language}.toml").read_text("utf-8")
    return {
        f"{table}.{key}": sentence
        for table, entries in tomllib.loads(text).items()
        for key, sentence in entries.items()
    }


@dataclass(frozen=True, slots=True)
class Words:
    """One language's sentences, called with a key: words("time.minutes", n=3)."""

    language: str

    def __call__(self, key: str, **params: Any) -> str:
        """The sentence; an unknown key is a programming error: KeyError."""
        sentence = sentences(self.language)[key]
        return filled(sentence, params) if params else sentence

    def maybe(self, key: str, otherwise: str, **params: Any) -> str:
        """The sentence where there is one: names of aspects, tags and so on may be an owner's own."""
        return self(key, **params) if key in sentences(self.language) else otherwise

    def who(self, actor: str) -> str:
        """Who did something, from "agent:1 Ann", "system" or "command line": a name, else in words what it was."""
        number, _, name = actor.partition(" ")
        return name if name and ":" in number else self.maybe(f"actor.{actor.replace(' ', '_')}", actor)


def order_status(language: str, status: str) -> str:
    """Where an order stands, in words; one of the owner's own as it is."""
    return Words(language if language in SUPPORTED else FALLBACK).maybe(f"order_status.{status}", status)


def choose(chosen: str | None, accepted: str | None) -> str:
    """The language chosen here before, else the browser's favourite that we speak (RFC 9110, 12.5.4)."""
    if chosen in SUPPORTED:
        return str(chosen)
    wishes: list[tuple[float, str]] = []
    for part in (accepted or "")[:200].split(","):
        code, _, weight = part.strip().partition(";q=")
        primary = code.strip().split("-")[0].lower()
        if primary in SUPPORTED:
            wishes.append((_weight(weight), primary))
    best = max(wishes, key=lambda wish: wish[0], default=(0.0, FALLBACK))
    return best[1] if best[0] > 0 else FALLBACK


def _weight(text: str) -> float:
    if not text:
        return 1.0
    try:
        return float(text)
    except ValueError:
        return 0.0
