"""One script's part of a knowledge base: its phrasings as vectors, its model, its calibration."""

import math
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from knowledge_base.background import is_told_of
from knowledge_base.blocks import Reading, character_grams
from knowledge_base.calibration import Calibration, FloatMatrix
from knowledge_base.features import FeatureSpace, FloatArray, IdArray, Vector
from knowledge_base.identifiers import read_question
from knowledge_base.kernels import rows_by_vector
from knowledge_base.leads import alone, leads_of, parts_of
from knowledge_base.question_language import language_in, read_in
from knowledge_base.ranking import best_of_each, log_softmax
from knowledge_base.traffic import Needed
from knowledge_base.training import LinearModel

_CANDIDATES = 3
# So many phrasings have nearly all the words there are; it takes a quarter of a second.
_WARMED = 20_000
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
    indptr: NDArray[np.int32]
    ids: NDArray[np.int32]
    weights: FloatArray

    size: int
    share: float
    _spans: list[tuple[int, NDArray[np.int32]]] = field(init=False, repr=False, compare=False)
    """For each article its first row, and where the ids of its rows begin and end."""
    _zeros: deque[FloatArray] = field(default_factory=lambda: deque(maxlen=4), repr=False, compare=False)

    def __post_init__(self) -> None:
        starts = self.starts.tolist()
        spans = [(low, self.indptr[low : high + 1]) for low, high in pairwise(starts)]
        object.__setattr__(self, "_spans", spans)

    def best_cosines(
        self, vector: Vector, articles: Sequence[int], left_out: NDArray[np.bool_] | None = None
    ) -> list[tuple[float, int]]:
        """`nearest` for each of the articles."""
        ids = vector.ids[: vector.ids.searchsorted(self.size)]
        # Setting what was set back to zero is cheaper than zeros anew; several threads may ask at a time.
        try:
            dense = self._zeros.pop()
        except IndexError:
            dense = np.zeros(self.size, np.float32)
        dense[ids] = vector.weights[: len(ids)] / np.float32(self.share)
        found = [self.nearest(dense, article, left_out) for article in articles]
        dense[ids] = 0
        self._zeros.append(dense)
        return found

    def nearest(
        self, dense: FloatArray, article: int, left_out: NDArray[np.bool_] | None = None
    ) -> tuple[float, int]:
        """The best cosine of the dense vector with the article's phrasings, and its row; (0, -1) for none.

        Rows `left_out` count as having nothing in common with it.
        """
        first, indptr = self._spans[article]
        if len(indptr) < 2:
            return 0.0, -1
        cosines = rows_by_vector(indptr, self.ids, self.weights, dense)
        if left_out is not None:
            cosines[left_out[first : first + len(cosines)]] = 0
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
    learned_from_log: int = 0
    """How many texts of a log helped."""
    cautious: Calibration | None = None
    """That of questions in a language of which nothing is known beforehand, where `calibration` is of one that is."""
    is_abroad: bool = False
    """Whether the question at hand is in a language of which nothing is known, unlike that of the most articles."""
    _abroad: "Shelf | None" = field(init=False, default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.cautious is not None:
            object.__setattr__(
                self, "_abroad", replace(self, calibration=self.cautious, cautious=None, is_abroad=True)
            )

    @property
    def knows_words(self) -> bool:
        """Whether it is known beforehand what words of the question's language are worth."""
        return not self.is_abroad and is_told_of(self.space.language)

    def for_question(self, normalised: str) -> "Shelf":
        """The same articles with the calibration that is right for the question's language."""
        if self._abroad is None or is_told_of(language_in(self.space, normalised)):
            return self
        return self._abroad

    def raised(self, needed: Needed) -> "Shelf":
        """The same with these thresholds, where they are higher; itself where none is."""
        usual = self.calibration.raised(needed)
        cautious = self.cautious.raised(needed) if self.cautious is not None else None
        if (usual, cautious) == (self.calibration, self.cautious):
            return self
        return replace(self, calibration=usual, cautious=cautious)

    def warm(self) -> None:
        """Know the phrasings' words before the first question comes: it has most of its words from them."""
        texts = self.rows.texts[:_WARMED]
        self.space.remember(read_in(self.space, text) for text in texts or ("warm",))

    def question(self, normalised: str) -> Reading:
        """What a customer wrote, without numbers and addresses that no phrasing has."""
        return read_question(normalised, language_in(self.space, normalised), self.space.words)

    def candidates(self, readings: Sequence[Reading], limit: int) -> list[Candidates]:
        """The best articles for each reading."""
        count = len(self.keys)
        vectors = self.space.vectors(readings)
        parts = parts_of(self.model, vectors)
        scores = np.add.reduce(parts, axis=1)
        scores += self.model.bias
        logs = log_softmax(scores * np.float32(self.sharpness))
        exact = [self.exact.get(exact_key(reading), ()) for reading in readings]
        best = [
            _led_by(own, articles)
            for own, articles in zip(
                exact, best_of_each(logs[:, :count], max(limit, _CANDIDATES)), strict=True
            )
        ]
        by_block = alone(self.space, self.model, parts, self.sharpness)
        leads = leads_of(by_block, [articles[0] for articles in best], count)
        asked = zip(
            readings,
            vectors.each(),
            vectors.covered,
            exact,
            best,
            _at(scores, best),
            _at(logs, best),
            logs[:, count:].tolist(),
            leads,
            strict=True,
        )
        return [self._candidates(limit, *text) for text in asked]

    def _candidates(  # one text's row of the batch
        self,
        limit: int,
        reading: Reading,
        vector: Vector,
        covered: float,
        exact: tuple[int, ...],
        best: list[int],
        scores: list[float],
        logs: list[float],
        background: list[float],
        leads: tuple[float, ...],
    ) -> Candidates:
        nearest = self.rows.best_cosines(vector, best)
        cosines = [cosine for cosine, _ in nearest]
        return Candidates(
            articles=best[:limit],
            scores=scores[:limit],
            shares=list(map(math.exp, logs[:limit])),
            phrasings=[row for _, row in nearest[:limit]],
            signals=signals_of(logs, background, leads, cosines, covered),
            exact=exact,
            has_known_features=covered > 0 or (len(vector.ids) > 0 and reads_like_words(self.space, reading)),
        )


def _at(values: FloatArray, places: Sequence[Sequence[int]]) -> list[list[float]]:
    """Of each row the values at its places."""
    if len(values) == 1:  # sooner than NumPy picks three of one
        row = values[0].tolist()
        return [[row[place] for place in places[0]]]
    found: list[list[float]] = np.take_along_axis(values, np.array(places), axis=1).tolist()
    return found


def _led_by(exact: tuple[int, ...], best: list[int]) -> list[int]:
    """Who writes an article's very words means that article."""
    if len(exact) != 1:
        return best
    return [exact[0], *(article for article in best if article != exact[0])][: len(best)]


def exact_key(reading: Reading) -> str:
    """The text's stems without greeting and politeness at either end: equal for equal questions."""
    stems = reading.stems
    start, end = 0, len(stems)
    while start < end and stems[start] in _POLITE:
        start += 1
    while end > start and stems[end - 1] in _POLITE:
        end -= 1
    return " ".join(stems[start:end] or stems)


def signals_of(
    logs: Sequence[float],
    background: Sequence[float],
    leads: tuple[float, ...],
    cosines: Sequence[float],
    covered: float,
) -> tuple[float, ...]:
    """The signals (calibration.SIGNAL_NAMES) for the first of the best articles.

    `logs` are log shares of these, best first; `background` has that of the background, if there is one.
    """
    first = logs[0]
    log_odds = first - math.log(-math.expm1(min(first, -1e-6)))
    lead = min(first - max([*logs[1:], *background], default=-_MOST_LEAD), _MOST_LEAD)
    near = cosines[0] - max(cosines[1:], default=0.0)
    return (log_odds, lead, *leads, cosines[0], near, covered)


def coverage(space: FeatureSpace, reading: Reading) -> float:
    """Which share of the words' idf mass any phrasing has; 0 for a text without words."""
    return space.vectors([reading]).covered[0]


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
