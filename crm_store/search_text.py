"""The tokens a message is found by, and where its words hold what was asked for. Pure.

The databases' own ways of splitting words know nothing of Chinese, so tokens are made here: words as they are, folded,
and of what is written without spaces every character and every pair of neighbours.
"""

import re
import unicodedata
from dataclasses import dataclass

MAX_TOKEN = 40
MAX_WANTED = 16
SHOWN = 160
"""Characters of a message that a list of hits shows."""
_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f"
_RUN = re.compile(f"[{_CJK}]+|[^\\W_{_CJK}]+")
_IS_CJK = re.compile(f"[{_CJK}]")


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
            found.append(word)
    return found


def wanted(query: str) -> list[str]:
    """The tokens a message must hold: words (as beginnings of words), and pairs of characters."""
    found: dict[str, None] = {}
    for run in _RUN.findall(query):
        if not _IS_CJK.match(run):
            found[folded(run)[:MAX_TOKEN]] = None
        elif len(run) == 1:
            found[run] = None
        else:
            found |= dict.fromkeys(run[at : at + 2] for at in range(len(run) - 1))
    return [token for token in found if token][:MAX_WANTED]


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


def _hits(text: str, asked: list[str]) -> list[tuple[int, int]]:
    """Where hits begin and end, in order and not overlapping."""
    words = tuple(token for token in asked if is_word(token))
    found: list[tuple[int, int]] = []
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
        elif words and folded(run.group()).startswith(words):
            found.append(run.span())
    return found


def _spans(places: list[int]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for at in places:
        if spans and spans[-1][1] == at:
            spans[-1] = (spans[-1][0], at + 1)
        else:
            spans.append((at, at + 1))
    return spans
