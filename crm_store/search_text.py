"""The tokens a message is found by, and where its words hold what was asked for. Pure.

The databases' own ways of splitting words know nothing of Chinese, so tokens are made here: words as they are, folded,
and of what is written without spaces every character and every pair of neighbours. Besides its words, a message is
found by what stands together in it with signs between ("SKU-12/3", "R&D": as one word, however it is spelled), by
words that end in signs of their own ("C++", "C#"), and by any four digits or more of a longer number.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

TOKENS = "3"
"""Counted up with each change of what a text's tokens are: the index is then made anew."""
MAX_TOKEN = 40
MAX_WANTED = 16
SHOWN = 160
"""Characters of a message that a list of hits shows."""
BEGINNING = 4
"""Letters of a word that its other forms begin with, too ("card", "cards"); what is found by it is ranked then."""
LEAST_DIGITS = 4
"""Of the inside of a number; fewer are in too many."""
SHORT = 2
"""Parts of so few letters say nothing by themselves: with signs between they are asked for as one word."""
MOST_PARTS = 8
INSIDE, TOGETHER, SIGNS, ASKED = "\ue000", "\ue001", {"+": "\ue002", "#": "\ue003"}, "\ue004"
"""Of private use, so nobody's words hold them, while the databases take them for letters."""
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_WORD = f"[^\\W_{_CJK}]+"
_RUN = re.compile(f"[{_CJK}]+|{_WORD}")
_IS_CJK = re.compile(f"[{_CJK}]")
_TOGETHER = re.compile(f"{_WORD}(?:[-‐‑–/\\\\._#&+@'’]{{1,2}}{_WORD})+")
_SIGNED = re.compile(f"({_WORD})([+#]{{1,2}})")
_DIGITS = re.compile(r"[0-9]{4,}")
Span = tuple[int, int]
"""Where something begins and ends."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a text; a hit is to be marked."""

    text: str
    is_hit: bool = False


def folded(word: str) -> str:
    """The word without case, width and accents."""
    plain = unicodedata.normalize("NFKD", word).casefold()
    return "".join(sign for sign in plain if not unicodedata.combining(sign))


def tokens(text: str) -> list[str]:
    """What the text is found by, in its order; a word may stand there several times."""
    found: list[str] = []
    for run in _RUN.findall(text):
        if _IS_CJK.match(run):
            found += [*run, *(run[at : at + 2] for at in range(len(run) - 1))]
        elif word := folded(run)[:MAX_TOKEN]:
            found += [word, *_inside(word)]
    for _, word in _together(text):
        found += [TOGETHER + word, *_inside(word)]
    return found + [word for _, word in _signed(text)]


def asked_tokens(text: str) -> list[str]:
    """What a question is found by among those that agents answered: of words the beginning, which their forms share;
    of what is written without spaces the pairs of neighbours."""
    found: list[str] = []
    for run in _RUN.findall(text):
        if not _IS_CJK.match(run):
            found.append(folded(run)[:BEGINNING])
        else:
            found += [run[at : at + 2] for at in range(len(run) - 1)] or [run]
    return [ASKED + token for token in found if token]


def _inside(word: str) -> Iterator[str]:
    """What any digits of the word's numbers are beginnings of; those at its own beginning it is found by anyway."""
    for number in _DIGITS.finditer(word):
        for at in range(max(1, number.start()), number.end() - LEAST_DIGITS + 1):
            yield INSIDE + word[at:]


def _together(text: str) -> Iterator[tuple[Span, str]]:
    """What stands together with signs between, as one word: from its beginning, and from each part but the last."""
    for found in _TOGETHER.finditer(text):
        parts = list(_RUN.finditer(found.group()))
        for at in range(min(len(parts) - 1, MOST_PARTS)):
            word = "".join(folded(part.group()) for part in parts[at:])[:MAX_TOKEN]
            yield (found.start() + parts[at].start(), found.end()), word


def _signed(text: str) -> Iterator[tuple[Span, str]]:
    """Words with signs of their own behind them."""
    for found in _SIGNED.finditer(text):
        signs = "".join(SIGNS[sign] for sign in found.group(2))
        yield found.span(), folded(found.group(1))[:MAX_TOKEN] + signs


def wanted(query: str) -> list[str]:
    """The tokens a message must hold: words (as beginnings of words), and pairs of characters."""
    found: dict[str, None] = {}
    whole, end = _whole(query), 0
    for one in _RUN.finditer(query):
        run = one.group()
        if one.start() < end:
            continue
        if one.start() in whole:
            end, token = whole[one.start()]
            found[token] = None
        elif not _IS_CJK.match(run):
            found[folded(run)[:MAX_TOKEN]] = None
        elif len(run) == 1:
            found[run] = None
        else:
            found |= dict.fromkeys(run[at : at + 2] for at in range(len(run) - 1))
    return [token for token in found if token][:MAX_WANTED]


def _whole(query: str) -> dict[int, tuple[int, str]]:
    """What is asked for together with its signs, by where it begins: until where, and the token.

    It is where signs end a word, and where the parts between them say little each by itself."""
    found = {
        start: (end, word) for (start, end), word in _signed(query) if not query[end : end + 1].isalnum()
    }
    for (start, end), word in _together(query):
        runs = _RUN.findall(query[start:end])
        if any(len(run) <= SHORT or any(sign.isdigit() for sign in run) for run in runs):
            found[start] = (end, TOGETHER + word)
    return found


def spellings(token: str) -> tuple[str, ...]:
    """The entries of the index that answer to a wanted token, any of them."""
    word = token.removeprefix(TOGETHER)
    is_number = len(word) >= LEAST_DIGITS and _DIGITS.fullmatch(word) is not None
    joined = (token,) if token != word else ()
    return (word, *joined, *((INSIDE + word,) if is_number else ()))


def is_word(token: str) -> bool:
    """Whether the token stands for all words that begin with it."""
    return not _IS_CJK.match(token)


def marked(text: str, query: str, *, length: int = SHOWN) -> list[Part]:
    """The part of the text around the first hit, cut into what is a hit and what is not."""
    hits = _hits(text, wanted(query))
    start = max(0, hits[0][0] - length // 3) if hits else 0
    end = min(len(text), start + length)
    parts = [Part("…")] if start else []
    at = start
    for first, last in hits:
        if last > end:
            break
        if first > at:
            parts.append(Part(text[at:first]))
        parts.append(Part(text[first:last], True))
        at = last
    parts.append(Part(text[at:end] + ("…" if end < len(text) else "")))
    return [part for part in parts if part.text]


def _hits(text: str, asked: list[str]) -> list[Span]:
    """Where hits begin and end, in order and not overlapping."""
    words = tuple(spelling for token in asked if is_word(token) for spelling in spellings(token))
    found: list[Span] = []
    for run in _RUN.finditer(text):
        if _IS_CJK.match(run.group()):
            places = {
                at
                for token in asked
                if not is_word(token)
                for start in range(len(run.group()))
                if run.group().startswith(token, start)
                for at in range(start, start + len(token))
            }
            found += _spans(sorted(run.start() + at for at in places))
        elif _is_found(folded(run.group()), words):
            found.append(run.span())
    found += [span for span, word in _together(text) if _is_found(TOGETHER + word, words)]
    found += [span for span, word in _signed(text) if word.startswith(words)]
    return _apart(found)


def _is_found(word: str, words: tuple[str, ...]) -> bool:
    return word.startswith(words) or any(each.startswith(words) for each in _inside(word))


def _apart(hits: list[Span]) -> list[Span]:
    """The same in order, those that overlap as one."""
    apart: list[Span] = []
    for first, last in sorted(hits):
        if apart and first < apart[-1][1]:
            apart[-1] = (apart[-1][0], max(last, apart[-1][1]))
        else:
            apart.append((first, last))
    return apart


def _spans(places: list[int]) -> list[Span]:
    spans: list[Span] = []
    for at in places:
        if spans and spans[-1][1] == at:
            spans[-1] = (spans[-1][0], at + 1)
        else:
            spans.append((at, at + 1))
    return spans
