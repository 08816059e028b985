"""Why a text was decided as it was: words, phrasings, the gap, the rule."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from knowledge_base.blocks import Reading, character_grams, characters
from knowledge_base.calibration import SIGNAL_NAMES
from knowledge_base.deciding import conclude
from knowledge_base.features import FeatureSpace, FittedBlock, FloatArray
from knowledge_base.matches import Decision, Match, Reason
from knowledge_base.shelf import Candidates, Shelf


@dataclass(frozen=True, slots=True)
class WordWeight:
    """A word of the text and what it adds to a score (negative: takes away)."""

    word: str
    weight: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """`decision`, the `rule` behind it, and what spoke for the best article.

    `for_best`: what each word adds to its score; `against_runner_up`: to its `gap` over the runner-up;
    both strongest first. `threshold` is the confidence an answer needs; `unknown_words` no phrasing has.
    """

    decision: Decision
    rule: Reason
    threshold: float
    best: Match | None = None
    runner_up: Match | None = None
    gap: float = 0.0
    for_best: tuple[WordWeight, ...] = ()
    against_runner_up: tuple[WordWeight, ...] = ()
    unknown_words: tuple[str, ...] = ()
    signals: tuple[tuple[str, float], ...] = ()

    def of(self, decision: Decision) -> "Explanation":
        """The same of what became of the decision; words are left out where they spoke of other articles."""
        best, runner_up = (*decision.matches, None, None)[:2]
        if (best, runner_up) == (self.best, self.runner_up):
            return replace(self, decision=decision, rule=decision.reason)
        is_best = best is not None and best == self.best
        return Explanation(
            decision=decision,
            rule=decision.reason,
            threshold=self.threshold,
            best=best,
            runner_up=runner_up,
            gap=best.score - runner_up.score if best and runner_up else 0.0,
            for_best=self.for_best if is_best else (),
            unknown_words=self.unknown_words if is_best or best is None else (),
            signals=self.signals if is_best else (),
        )


def explain(shelf: Shelf, reading: Reading, text: str) -> Explanation:
    """The explanation of the decision about one text, which reads so."""
    found: Candidates = shelf.candidates([reading], 3)[0]
    decision = conclude(shelf, found, text)
    best, runner_up = (*decision.matches, None, None)[:2]
    weights = shelf.model.weights
    own = weights[:, found.articles[0]]
    against = own - weights[:, found.articles[1]] if runner_up else np.zeros_like(own)
    unknown = [
        token
        for token, stemmed in zip(reading.tokens, reading.stems, strict=True)
        if not shelf.space.word_idf(stemmed)[1]
    ]
    return Explanation(
        decision=decision,
        rule=decision.reason,
        threshold=shelf.calibration.answer_at,
        best=best,
        runner_up=runner_up,
        gap=best.score - runner_up.score if best and runner_up else 0.0,
        for_best=_by_word(shelf.space, reading, own),
        against_runner_up=_by_word(shelf.space, reading, against),
        unknown_words=tuple(dict.fromkeys(unknown)),
        signals=tuple(zip(SIGNAL_NAMES, found.signals, strict=True)),
    )


def _by_word(space: FeatureSpace, reading: Reading, model_column: FloatArray) -> tuple[WordWeight, ...]:
    """Every feature's part of the score, shared among the words it comes from."""
    vector = space.vector(reading)
    parts = dict(zip(vector.ids.tolist(), (vector.weights * model_column[vector.ids]).tolist(), strict=True))
    sources: dict[int, list[str]] = defaultdict(list)
    for fitted in space.blocks:
        for feature, words in _sources(fitted, reading):
            index = fitted.vocabulary.get(feature)
            if index is not None:
                sources[index + fitted.offset] += words
    totals: dict[str, float] = dict.fromkeys(reading.tokens, 0.0)
    for index, words in sources.items():
        for word in words:
            totals[word] += parts[index] / len(words)
    for word, weight in _by_sound(space, reading, parts):
        totals[word] += weight
    ordered = sorted(totals.items(), key=lambda item: (-abs(item[1]), item[0]))
    return tuple(WordWeight(word, weight) for word, weight in ordered)


def _by_sound(
    space: FeatureSpace, reading: Reading, parts: Mapping[int, float]
) -> Iterator[tuple[str, float]]:
    """What each word adds through what it makes the text sound like."""
    if space.shared is None:
        return
    rows = space.shared.of_words(reading)
    first = space.blocks[-1].offset
    heard = [index for index in parts if index >= first]
    subjects = [index - first for index in heard]
    of_each = rows[:, subjects] / rows.sum(axis=0)[subjects] @ np.array([parts[index] for index in heard])
    yield from zip(reading.tokens, of_each.tolist(), strict=True)


def _sources(fitted: FittedBlock, reading: Reading) -> Iterator[tuple[str, list[str]]]:
    """Each feature of the text with the words it comes from."""
    if fitted.block.features is characters:
        for token in reading.tokens:
            yield from ((gram, [token]) for gram in character_grams(token))
        return
    for token, stemmed in zip(reading.tokens, reading.stems, strict=True):
        yield stemmed, [token]
    tokens, stems = ["", *reading.tokens, ""], ["^", *reading.stems, "$"]
    for left in range(len(tokens) - 1):
        yield f"{stems[left]} {stems[left + 1]}", [token for token in tokens[left : left + 2] if token]
