"""One script's part of a knowledge base: its phrasings as vectors, its model, its calibration."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from knowledge_base.blocks import Reading, character_grams
from knowledge_base.calibration import Calibration, FloatMatrix
from knowledge_base.features import FeatureSpace, FloatArray, IdArray, Vector
from knowledge_base.leads import alone, leads_of, parts_of
from knowledge_base.training import LinearModel

_CANDIDATES = 3
_MOST_LEAD = 10.0
# Of the character grams longer than two, words with one typo share a sixth with a knowledge base of three articles in
# 98 of 100 cases, random letters in 4 (measured on the sample shop's words; the more articles, the further apart).
_SHORT_GRAM = 2
_WORDLIKE = 0.15
# Stems that say nothing about what is asked; in Chinese each is one character (您好, 请问, 谢谢, 吗 …).
_POLITE = frozenset(
    ["pleas", "hi", "hello", "hey", "thank", "thanks", "dear", "sir", "madam", *"您你好请谢吗呢啊呀吧"]
)


@dataclass(frozen=True, slots=True)
class PhrasingRows:
    """Every phrasing by its words, grouped by article: rows `starts[c]:starts[c + 1]` are article c's.

    Without the character block, which has six times as many features and says little more about which
    phrasing is nearest; cosines are of what is left.
    """

    texts: tuple[str, ...]
    languages: tuple[str, ...]
    starts: IdArray
    indptr: IdArray
    ids: IdArray
    weights: FloatArray

    size: int
    share: float
    _spans: list[tuple[int, int, int, int]] = field(init=False, repr=False, compare=False)
    """For each article its first row and the one after its last, and where their ids begin and end."""

    def __post_init__(self) -> None:
        starts, indptr = self.starts.tolist(), self.indptr.tolist()
        spans = [(low, high, indptr[low], indptr[high]) for low, high in pairwise(starts)]
        object.__setattr__(self, "_spans", spans)

    def dense(self, vector: Vector) -> FloatArray:
        """The vector's part that phrasings are compared by, with its zeros."""
        dense = np.zeros(self.size, np.float32)
        inside = vector.ids < self.size
        dense[vector.ids[inside]] = vector.weights[inside] / self.share
        return dense

    def nearest(
        self, dense: FloatArray, article: int, left_out: NDArray[np.bool_] | None = None
    ) -> tuple[float, int]:
        """The best cosine of the dense vector with the article's phrasings, and its row; (0, -1) for none.

        Rows `left_out` count as having nothing in common with it.
        """
        first, last, low, high = self._spans[article]
        if first == last:
            return 0.0, -1
        products = dense.take(self.ids[low:high])
        products *= self.weights[low:high]
        cosines = np.add.reduceat(products, self.indptr[first:last] - low)
        if left_out is not None:
            cosines[left_out[first:last]] = 0
        best = int(cosines.argmax())
        return float(cosines[best]), first + best


@dataclass(frozen=True, slots=True)
class Candidates:
    """The best articles for one text, best first, and the signals for the first; `exact`: who has its very words."""

    articles: list[int]
    scores: list[float]
    shares: list[float]
    phrasings: list[int]
    signals: tuple[float, ...]
    exact: tuple[int, ...]
    has_known_features: bool


@dataclass(frozen=True, slots=True)
class Shelf:
    """Articles readable in one script; column `len(keys)` of the model, if any, is the background."""

    keys: tuple[str, ...]
    space: FeatureSpace
    model: LinearModel
    rows: PhrasingRows
    exact: dict[str, tuple[int, ...]]
    sharpness: float
    calibration: Calibration

    def parts(self, readings: Sequence[Reading]) -> tuple[list[Vector], FloatArray]:
        """Each reading's vector, and what each block adds to its decision values: blocks × readings × classes."""
        vectors = self.space.vectors(readings)
        return list(vectors.each()), parts_of(self.model, vectors)

    def candidates(self, readings: Sequence[Reading], limit: int) -> list[Candidates]:
        """The best articles for each reading."""
        vectors, parts = self.parts(readings)
        scores = parts.sum(axis=0) + self.model.bias
        log_shares = log_softmax(scores * self.sharpness)
        by_block = alone(self.space, self.model, parts, self.sharpness)
        best = best_of_each(log_shares[:, : len(self.keys)], max(limit, _CANDIDATES))
        scratch = np.zeros(self.rows.size, np.float32)
        return [
            self._candidates(reading, vector, values, logs, by_block[:, place], best[place], scratch, limit)
            for place, (reading, vector, values, logs) in enumerate(
                zip(readings, vectors, scores, log_shares, strict=True)
            )
        ]

    def _candidates(  # one text's row of the batch
        self,
        reading: Reading,
        vector: Vector,
        values: FloatArray,
        logs: FloatArray,
        by_block: FloatArray,
        best: list[int],
        scratch: FloatArray,
        limit: int,
    ) -> Candidates:
        count = len(self.keys)
        exact = self.exact.get(exact_key(reading), ())
        if len(exact) == 1:  # who writes an article's very words means that article
            best = [exact[0], *(article for article in best if article != exact[0])][: len(best)]
        inside = vector.ids[: vector.ids.searchsorted(self.rows.size)]
        scratch[inside] = vector.weights[: len(inside)] / np.float32(self.rows.share)
        nearest = [self.rows.nearest(scratch, article) for article in best]
        scratch[inside] = 0  # for the next text: cheaper than zeros anew
        covered = coverage(self.space, reading)
        leads = leads_of(by_block, best[0], count)
        signals = signals_of(logs, count, best, leads, [cosine for cosine, _ in nearest], covered)
        shares = np.exp(logs[best]).tolist()
        phrasings = [row for _, row in nearest]
        kept = slice(0, limit)
        return Candidates(
            articles=best[kept],
            scores=values[best].tolist()[kept],
            shares=shares[kept],
            phrasings=phrasings[kept],
            signals=signals,
            exact=exact,
            has_known_features=covered > 0 or (len(vector.ids) > 0 and reads_like_words(self.space, reading)),
        )


def exact_key(reading: Reading) -> str:
    """The text's stems without greeting and politeness at either end: equal for equal questions."""
    stems = reading.stems
    start, end = 0, len(stems)
    while start < end and stems[start] in _POLITE:
        start += 1
    while end > start and stems[end - 1] in _POLITE:
        end -= 1
    return " ".join(stems[start:end] or stems)


def best_first(values: FloatArray, count: int) -> list[int]:
    """Positions of the `count` largest values, largest first; equal values in order of position."""
    if len(values) > 4 * count:
        top = np.sort(np.argpartition(-values, count)[:count])
        return list(top[np.argsort(-values[top], kind="stable")].tolist())
    return list(np.argsort(-values, kind="stable")[:count].tolist())


def best_of_each(values: FloatArray, count: int) -> list[list[int]]:
    """`best_first` of each row."""
    if len(values) == 1:
        return [best_first(values[0], count)]
    if values.shape[1] > 4 * count:
        top = np.sort(np.argpartition(-values, count, axis=1)[:, :count], axis=1)
        order = np.argsort(-np.take_along_axis(values, top, axis=1), axis=1, kind="stable")
        found: list[list[int]] = np.take_along_axis(top, order, axis=1).tolist()
        return found
    ordered: list[list[int]] = np.argsort(-values, axis=1, kind="stable")[:, :count].tolist()
    return ordered


def log_softmax(values: FloatArray) -> FloatArray:
    """Logarithms of the rows' softmax."""
    shifted = values - values.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)), dtype=np.float32)


def signals_of(
    logs: FloatArray,
    in_scope: int,
    best: Sequence[int],
    leads: tuple[float, ...],
    cosines: Sequence[float],
    covered: float,
) -> tuple[float, ...]:
    """The signals (calibration.SIGNAL_NAMES) for the first of the best articles.

    `logs` are log shares of the `in_scope` articles and then, if there is one, of the background.
    """
    first = float(logs[best[0]])
    log_odds = first - math.log(-math.expm1(min(first, -1e-6)))
    others = [float(logs[article]) for article in best[1:]] + logs[in_scope:].tolist()
    lead = min(first - max(others, default=-_MOST_LEAD), _MOST_LEAD)
    return (log_odds, lead, *leads, cosines[0], cosines[0] - max(cosines[1:], default=0.0), covered)


def coverage(space: FeatureSpace, reading: Reading) -> float:
    """Which share of the words' idf mass any phrasing has; 0 for a text without words."""
    known, total = space.known_idf(reading.stems) if space.blocks else (0.0, 0.0)
    return known / total if total else 0.0


def reads_like_words(space: FeatureSpace, reading: Reading) -> bool:
    """Whether a text of unknown words may be typos, or words known elsewhere; keys struck at random are neither."""
    if space.shared is not None and any(stemmed in space.shared.places for stemmed in reading.stems):
        return True
    by_name = {fitted.block.name: fitted.vocabulary for fitted in space.blocks}
    if "characters" not in by_name:
        return True
    grams = [gram for token in reading.tokens for gram in character_grams(token) if len(gram) > _SHORT_GRAM]
    return sum(gram in by_name["characters"] for gram in grams) > _WORDLIKE * len(grams)


def as_signal_matrix(rows: Sequence[tuple[float, ...]]) -> FloatMatrix:
    """Signals as a matrix, texts × signals."""
    return np.array(rows, np.float64).reshape(len(rows), -1)
