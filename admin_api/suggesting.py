"""Which past answers fit a question, and why. Pure.

Likeness is the Dice coefficient (Dice 1945) of the two questions' stems, each weighted with how rare it is in what
agents are asked (among the likest questions those they share would seem common), so that "please" counts less than
"lamp"; the shortest words and those of small talk, which say little, count a third. One rare word in common makes no
two questions alike, unless neither has another.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import log

from admin_api.openers import SMALL, is_opener
from crm_store.past_answers import PastAnswer
from knowledge_base.text import language_of, normalise, stems, tokenise

ENOUGH = 0.42
"""Chosen on BANKING77, where the first is then right three times in four (benchmarks/suggested.py)."""
SHOWN = 3
WHY = 5
LITTLE_COUNTS = 1 / 3
IN_COMMON = 2
"""So many words that say something two questions share at least; a Chinese sign is half a word."""


@dataclass(frozen=True, slots=True)
class LikeAnswer:
    """A past answer that may fit: `likeness` 0-1, and the words that made it so, the weightiest first."""

    past: PastAnswer
    likeness: float
    why: tuple[str, ...]


def _words(text: str) -> dict[str, str]:
    """Stem to the word as it was written."""
    words = tokenise(normalise(text))
    return dict(zip(stems(words, language_of(text)), words, strict=True))


def _says_little(stem: str, word: str) -> bool:
    return word in SMALL or (stem.isascii() and len(stem) <= 3 and not stem.isdigit())


def _telling(words: dict[str, str]) -> frozenset[str]:
    """The stems of words that say what it is about."""
    return frozenset(stem for stem, word in words.items() if word not in SMALL)


def _is_sign(stem: str) -> bool:
    return len(stem) == 1 and "\u3400" <= stem <= "\u9fff"


def has_enough_in_common(one: str, other: str) -> bool:
    """Whether two questions share words that say what they are about, and more than one by chance."""
    return _in_common(_telling(_words(one)), _telling(_words(other)))


def _in_common(one: frozenset[str], other: frozenset[str]) -> bool:
    shared = one & other
    if sum(0.5 if _is_sign(stem) else 1 for stem in shared) >= IN_COMMON:
        return True
    is_all = shared == min(one, other, key=len)
    return bool(shared) and is_all and (one == other or (len(shared) > 1 and all(map(_is_sign, shared))))


def fitting(
    question: str, found: Sequence[PastAnswer], usual: Sequence[str], *, shown: int = SHOWN
) -> list[LikeAnswer]:
    """Those that fit, the likest first; of the same words said twice, the likest only. `usual`: what is asked."""
    found = [past for past in found if not is_opener(past.answer)]
    own = _words(question)
    theirs = [_words(past.question) for past in found]
    weights = _weights(_all_words(own, theirs), usual)
    ranked = []
    for past, words in zip(found, theirs, strict=True):
        if not _in_common(_telling(own), _telling(words)):
            continue
        shared = own.keys() & words.keys()
        total = _sum(weights, own) + _sum(weights, words)
        likeness = 2 * _sum(weights, shared) / total if total else 0.0
        if likeness >= ENOUGH:
            why = sorted(shared & _telling(own), key=lambda stem: (-weights[stem], stem))[:WHY]
            ranked.append(LikeAnswer(past, likeness, tuple(words[stem] for stem in why)))
    ranked.sort(key=lambda one: (-one.likeness, -one.past.message_id))
    likest: dict[str, LikeAnswer] = {}
    for one in ranked:
        likest.setdefault(one.past.answer, one)
    return list(likest.values())[:shown]


def _weights(words: dict[str, str], usual: Sequence[str]) -> dict[str, float]:
    """How much each stem says, by how few of the usual questions have it."""
    counts = Counter(stem for question in usual for stem in _words(question))
    return {
        stem: log(1 + (len(usual) + 1) / (counts[stem] + 1))
        * (LITTLE_COUNTS if _says_little(stem, word) else 1)
        for stem, word in words.items()
    }


def _all_words(own: dict[str, str], theirs: Sequence[dict[str, str]]) -> dict[str, str]:
    found = dict(own)
    for words in theirs:
        found = words | found
    return found


def _sum(weights: dict[str, float], stems_of: Collection[str]) -> float:
    return sum(weights[stem] for stem in stems_of)
