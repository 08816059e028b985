"""What people say without asking anything: greetings, thanks, farewells and the like, in whole messages. Pure.

A message is small talk when it is made of the phrases of `locales/small_talk.toml` and of nothing else; whatever has
a word more is a question. What kinds of phrases were said tells the reply.
"""

import re
import tomllib
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final, NamedTuple

from bot.texts import SUPPORTED

LONGEST: Final = 120
MOST_TOKENS: Final = 24
"""Who writes more than that tells something."""
MOST_TYPOS: Final = 2
_ALONG: Final = "along"
_ANY: Final = "any"
_WHOLE: Final = "="
_BESIDE_NO: Final = frozenset({"no", "none", "thanks", "farewell", "decline", "sorry", "greeting"})
"""Beside anything else a no may deny it: "no good" is no praise."""
_TYPED_SMILES: Final = re.compile(r"(?<!\w)(?:[:;=]['’]?-?[)dp3*]+|\^_?\^|<3+|\(:)(?!\w)")
_APOSTROPHES: Final = re.compile("['’ʼ`´]")
_HAN: Final = "\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN: Final = re.compile(rf"[{_HAN}]|[^\W_{_HAN}]+|[^\w\s]")
_ASCII_WORD: Final = re.compile("[a-z0-9]+")
_RUN: Final = re.compile(r"(.)\1+")
_DRAWN_OUT: Final = re.compile(r"(.)\1\1|(.)\2$")
_UNSEEN: Final = re.compile("[\u200b-\u200f\u2060\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]|\u200d[\u2640\u2642]")
"""Marks that make an emoji another colour or gender."""
NO_TYPOS: Final = frozenset({"tank", "tanks", "think", "greet", "hurry", "rewards", "supper"})
"""Words of their own, a letter away from one of ours."""
LONG_ENOUGH: Final = 7
"""Shorter words of languages the bot does not speak are a letter away from too many that it does: salve, sale."""


@dataclass(frozen=True, slots=True)
class SmallTalk:
    """A message that asks nothing."""

    kinds: frozenset[str]
    languages: frozenset[str]
    """In which of them all of it may have been said."""
    is_sure: bool
    """No word was taken for another, and all are of a language the bot speaks."""


class _Phrase(NamedTuple):
    words: tuple[str, ...]
    kind: str
    languages: frozenset[str]
    is_whole: bool


class _Part(NamedTuple):
    """The cheapest way to say the words up to a place."""

    cost: int
    kinds: frozenset[str]
    languages: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Book:
    """All phrases by their first word; the words they are made of, and which are a letter from which."""

    by_first: dict[str, tuple[_Phrase, ...]]
    words: frozenset[str]
    squeezed: dict[str, frozenset[str]]
    near: dict[str, frozenset[str]]
    languages: frozenset[str]


@lru_cache(maxsize=4096)
def small_talk(text: str) -> SmallTalk | None:
    """What kinds of small talk the text is, of which there is at least one; None where it is anything else."""
    if len(text) > LONGEST:
        return None
    book = _book()
    if text.isascii() and _unknown(_ASCII_WORD.findall(text.lower().replace("'", "")), book) > MOST_TYPOS:
        return None  # most questions, at a tenth of the cost
    tokens = _tokens(text)
    if not tokens or len(tokens) > MOST_TOKENS:
        return None
    unknown = _unknown(tokens, book)
    if unknown > MOST_TYPOS:
        return None
    meant = [_meant(token, book) for token in tokens] if unknown else [frozenset({token}) for token in tokens]
    said = _read(meant, book) if all(meant) else None
    if said is None or not said.kinds or ("no" in said.kinds and not said.kinds <= _BESIDE_NO):
        return None
    return SmallTalk(said.kinds, said.languages, not unknown and bool(said.languages & set(SUPPORTED)))


def _unknown(tokens: Sequence[str], book: _Book) -> int:
    return sum(token not in book.words for token in tokens)


def _tokens(text: str) -> list[str]:
    """Words without accents, Chinese signs and emoji, in order; other signs are left out."""
    plain = _TYPED_SMILES.sub(" 🙂 ", unicodedata.normalize("NFKC", text).casefold())
    found = _TOKEN.findall(without_accents(_UNSEEN.sub("", plain)))
    return [each for each in found if each.isalnum() or unicodedata.category(each) == "So"]


def without_accents(text: str) -> str:
    """As many type it: no accents, no apostrophes."""
    without = _APOSTROPHES.sub("", text)
    if without.isascii():
        return without
    bare = unicodedata.normalize("NFD", without)
    return "".join(each for each in bare if not unicodedata.combining(each))


def _meant(token: str, book: _Book) -> frozenset[str]:
    """The words of ours this may be: itself, or drawn out, or with one letter missing, too many or wrong."""
    if token in book.words:
        return frozenset({token})
    if not token.isascii() or not token.isalpha() or token in NO_TYPOS:
        return frozenset()
    drawn_out = {word for word in book.squeezed.get(_squeezed(token), ()) if len(word) < len(token)}
    if drawn_out and _DRAWN_OUT.search(token):
        return frozenset(drawn_out)
    found = {word for part in _without_one(token) for word in book.near.get(part, ())}
    return frozenset(word for word in found if _is_typo(token, word))


def _is_typo(token: str, word: str) -> bool:
    """Words are known by their ends: "food" is not meant for good, nor "cheer" for cheers.

    One with as many letters has them in another order, or one of them wrong; of short words so many are a letter apart
    that only the order is forgiven.
    """
    if min(len(token), len(word)) < 4 or token[0] != word[0]:
        return False
    if len(token) != len(word):
        return token[-1] == word[-1]
    wrong = [at for at, letter in enumerate(token) if letter != word[at]]
    if len(wrong) == 1:
        return token[-1] == word[-1] and len(word) >= 5
    return len(wrong) == 2 and wrong[1] == wrong[0] + 1 and sorted(token) == sorted(word)


def _squeezed(word: str) -> str:
    return _RUN.sub(r"\1", word)


def _without_one(word: str) -> set[str]:
    """The word, and what is left of it without one of its letters."""
    return {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}


def _read(said: Sequence[frozenset[str]], book: _Book) -> _Part | None:
    """The words as phrases one after the other, as few as possible; None where that cannot be."""
    best: list[_Part | None] = [_Part(0, frozenset(), book.languages)] + [None] * len(said)
    for at in range(len(said)):
        before = best[at]
        if before is None:
            continue
        for phrase in _phrases_at(said, at, book):
            end = at + len(phrase.words)
            is_along = phrase.kind == _ALONG
            kinds = before.kinds if is_along else before.kinds | {phrase.kind}
            part = _Part(before.cost + 1 + is_along, kinds, before.languages & phrase.languages)
            known = best[end]
            if known is None or part.cost < known.cost:
                best[end] = part
    return best[-1]


def _phrases_at(said: Sequence[frozenset[str]], at: int, book: _Book) -> Iterator[_Phrase]:
    for first in sorted(said[at]):
        for phrase in book.by_first.get(first, ()):
            words = phrase.words
            if phrase.is_whole and len(words) != len(said):
                continue
            if len(words) <= len(said) - at and all(
                word in said[at + n] for n, word in enumerate(words[1:], 1)
            ):
                yield phrase


def phrases() -> Iterator[tuple[str, str]]:
    """All phrases that are known, each with its kind."""
    for kind, of in _table().items():
        for some in of.values():
            yield from ((kind, phrase.removeprefix(_WHOLE)) for phrase in some)


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(files("bot").joinpath("locales/small_talk.toml").read_text("utf-8"))


@cache
def _book() -> _Book:
    table = _table()
    spoken = frozenset(language for of in table.values() for language in of) - {_ANY}
    kinds: dict[tuple[tuple[str, ...], bool], tuple[str, frozenset[str]]] = {}
    for kind, of in table.items():
        for language, some in of.items():
            for phrase in some:
                key = (tuple(_tokens(phrase.removeprefix(_WHOLE))), phrase.startswith(_WHOLE))
                first, known = kinds.get(key, (kind, frozenset()))  # of two kinds the one written first
                kinds[key] = (first, known | (spoken if language == _ANY else {language}))
    by_first: dict[str, tuple[_Phrase, ...]] = {}
    for (said, is_whole), (kind, languages) in kinds.items():
        by_first[said[0]] = (*by_first.get(said[0], ()), _Phrase(said, kind, languages, is_whole))
    words = frozenset(word for found, _ in kinds for word in found)
    latin = [word for word in words if word.isascii() and word.isalpha()]
    ours = {word for (found, _), (_, of) in kinds.items() if "en" in of for word in found}
    likened = [word for word in latin if word in ours or len(word) >= LONG_ENOUGH]
    squeezed = _by(latin, lambda word: {_squeezed(word)})
    return _Book(by_first, words, squeezed, _by(likened, _without_one), spoken)


def _by(words: Sequence[str], keys_of: Callable[[str], set[str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for word in words:
        for key in keys_of(word):
            found.setdefault(key, set()).add(word)
    return {key: frozenset(some) for key, some in found.items()}
