"""The questions of a message, each with what leans on it: "how do I return it, and how much is that?". Pure.

A part of general words alone ("and who made it?", "那要多久？") says nothing by itself: it is read together with what
stands before it.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from bot.questions import is_bare, parts_of, says_nothing_alone, size_of

_AND: Final = re.compile(r"\s+(?:and|&|\+)\s+|\s*[和跟与及&+、]\s*", re.IGNORECASE)
_MOST_NOUNS_EN, _MOST_SIGNS_ZH = 7, 12


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a message: its `head`, which stands alone, and the `tail` that leans on it; `whole` is both.

    `is_bare`: a word or two, which is a question only where something is known of it.
    """

    head: str
    tail: str
    whole: str
    is_bare: bool = False


@lru_cache(maxsize=4096)
def questions_of(text: str) -> tuple[Question, ...]:
    """The questions of the message, in order; one without a tail where it is only one."""
    parts = parts_of(text)
    starts = _places(text, parts)
    heads = [n for n, part in enumerate(parts) if n == 0 or not says_nothing_alone(part)]
    return tuple(
        _question(text, parts, starts, first, after) for first, after in pairwise([*heads, len(parts)])
    )


def _question(text: str, parts: tuple[str, ...], starts: list[int], first: int, after: int) -> Question:
    """The parts from `first` to before `after`, in the words of the message."""
    head, end = parts[first], starts[after - 1] + len(parts[after - 1])
    tail = text[starts[first + 1] : end] if after > first + 1 else ""
    return Question(head, tail, text[starts[first] : end], is_bare(head))


def _places(text: str, parts: tuple[str, ...]) -> list[int]:
    """Where each part begins."""
    starts, after = [], 0
    for part in parts:
        starts.append(text.index(part, after))
        after = starts[-1] + len(part)
    return starts


@lru_cache(maxsize=4096)
def halves_of(text: str) -> tuple[Question, ...]:
    """The two things of a message that only names them: "password reset and invoice?"; nothing where it does not."""
    halves = tuple(half.strip() for half in _AND.split(text.strip()))
    signs, words = size_of(text)
    is_short = signs <= _MOST_SIGNS_ZH if signs else words <= _MOST_NOUNS_EN
    if len(halves) != 2 or not is_short or any(map(says_nothing_alone, halves)) or not all(halves):
        return ()
    return tuple(Question(half, "", half, is_bare=True) for half in halves)
