"""Which past answers fit a question, and why. Pure.

Likeness is the Dice coefficient (Dice 1945) of the two questions' stems, each weighted with how rare it is among all
that are compared, so that "please" counts less than "lamp"; the shortest words, which mostly say little, count a third.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import log

from crm_store.past_answers import PastAnswer
from knowledge_base.text import language_of, normalise, stems, tokenise

ENOUGH = 0.35
SHOWN = 3
WHY = 5
SHORT_COUNTS = 1 / 3


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


def _is_short(stem: str) -> bool:
    return stem.isascii() and len(stem) <= 3 and not stem.isdigit()


def fitting(question: str, found: Sequence[PastAnswer], *, shown: int = SHOWN) -> list[LikeAnswer]:
    """Those that fit, the likest first; of the same words said twice, the likest only."""
    own = _words(question)
    theirs = [_words(past.question) for past in found]
    counts = Counter(stem for words in theirs for stem in words)
    weights = {
        stem: log(1 + (len(found) + 1) / (counts[stem] + 1)) * (SHORT_COUNTS if _is_short(stem) else 1)
        for stem in {*own, *counts}
    }
    ranked = []
    for past, words in zip(found, theirs, strict=True):
        shared = own.keys() & words.keys()
        total = _sum(weights, own) + _sum(weights, words)
        likeness = 2 * _sum(weights, shared) / total if total else 0.0
        if likeness >= ENOUGH:
            why = sorted(shared, key=lambda stem: (-weights[stem], stem))[:WHY]
            ranked.append(LikeAnswer(past, likeness, tuple(words[stem] for stem in why)))
    ranked.sort(key=lambda one: (-one.likeness, -one.past.message_id))
    likest: dict[str, LikeAnswer] = {}
    for one in ranked:
        likest.setdefault(one.past.answer, one)
    return list(likest.values())[:shown]


def _sum(weights: dict[str, float], stems_of: Collection[str]) -> float:
    return sum(weights[stem] for stem in stems_of)
