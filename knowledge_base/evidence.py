"""What the model would have said about each phrasing had it not known it: the ground for confidence."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.blocks import Reading
from knowledge_base.calibration import FloatMatrix
from knowledge_base.features import FeatureSpace, FloatArray, Vector
from knowledge_base.leads import alone, leads_of, parts_of_rows
from knowledge_base.ranking import best_first, log_softmax
from knowledge_base.self_training import fit_with_log
from knowledge_base.shelf import PhrasingRows, as_signal_matrix, coverage, signals_of
from knowledge_base.training import SHARPNESS, LinearModel, Method, fit_linear, folds, taught
from knowledge_base.usual import Size

# More evidence narrows the interval by less than another fold's training is worth.
_ENOUGH: Final = 4_000
_MOST_FOLDS: Final = 5
_COMPARED: Final = 1_000
_LIKEST: Final = 5
LISTED: Final = 3

_Row = tuple[tuple[float, ...], bool, bool, int]

# Whose question a row stands for: an article's, that of an article as if nobody had written it, or of none.
ASKED, HIDDEN, BACKGROUND = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row per question: its signals, whether the first (or one of three) was its article, its kind.

    Only ASKED questions can be right. `size` is that of the models that were asked. `kinship`: how
    often the phrasings that are most like another are like one of their own article.
    """

    signals: FloatMatrix
    first_right: NDArray[np.bool_]
    listed_right: NDArray[np.bool_]
    kinds: NDArray[np.int64]
    size: Size
    kinship: float


@dataclass(frozen=True, slots=True)
class Material:
    """What a shelf's model learns from: the phrasings, in the order of `phrasings`, what answers tell, the background.

    `asked`: whether the text is a question to test with; `told`: whether an answer tells it, which is known whoever
    asks. `log_rows`: of questions that nobody labelled; `common` and `common_words`, of their features and words, those
    that enough people used to be known without any article (hearsay.py).
    """

    space: FeatureSpace
    rows: Any
    labels: NDArray[np.int64]
    phrasings: PhrasingRows
    readings: Sequence[Reading]
    asked: NDArray[np.bool_]
    method: Method
    told: NDArray[np.bool_]
    log_rows: Any = None
    common: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    common_words: frozenset[str] = frozenset()

    def model_of(self, places: NDArray[np.int64], seed: int) -> LinearModel:
        """What is learned from the texts at these places, and from the log."""
        places = places[taught(self.labels[places], seed)]
        rows, labels, classes = self.rows[places], self.labels[places], int(self.labels.max()) + 1
        if self.log_rows is None:
            return fit_linear(rows, labels, classes, self.method, seed)
        return fit_with_log(rows, labels, classes, self.method, self.log_rows, seed)

    @property
    def size(self) -> Size:
        """The size of a model learned from all of it."""
        articles = len(self.phrasings.starts) - 1
        return Size(len(self.phrasings.texts) / max(articles, 1), articles, self.method)


@dataclass(frozen=True, slots=True)
class _Fold:
    """Positions of the texts held out, their log shares, values by block (leads.alone), their rows as a stranger's.

    `left_out`: rows not learned.
    """

    held: NDArray[np.int64]
    logs: FloatArray
    by_block: FloatArray
    rows: Any
    left_out: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Known:
    """For each phrasing, which share of its words' idf mass other phrasings have, and those of other articles."""

    elsewhere: list[float]
    by_others: list[float]


def gather(material: Material, seed: int) -> Evidence:
    """Signals of every asked text from a model that learned without it."""
    known = _known_words(material)
    found: list[_Row] = []
    for fold in _folds(material, seed):
        found += _asked(material, fold, known)
        if material.size.articles > 1:
            found += _hidden(material, fold, known)
    size = material.size
    return Evidence(
        as_signal_matrix([signals for signals, *_ in found]),
        np.array([first for _, first, _, _ in found], bool),
        np.array([listed for _, _, listed, _ in found], bool),
        np.array([kind for *_, kind in found], np.int64),
        Size(size.texts_per_article * (1 - 1 / fold_count(material)), size.articles, size.method),
        kinship_of(material, seed),
    )


def _asked(material: Material, fold: _Fold, known: _Known) -> Iterator[_Row]:
    """The row of each text: its signals, whether the first and one of three is right, its kind."""
    articles, labels = material.size.articles, material.labels[fold.held].tolist()
    best = [best_first(logs[:articles], LISTED) for logs in fold.logs]
    covered = [
        known.elsewhere[position] if own < articles else coverage(material.space, material.readings[position])
        for position, own in zip(fold.held.tolist(), labels, strict=True)
    ]
    every = _signals(material, fold, fold.logs, fold.by_block, best, covered, np.arange(len(best)))
    for signals, own, listed in zip(every, labels, best, strict=True):
        yield signals, listed[0] == own, own in listed, ASKED if own < articles else BACKGROUND


def _hidden(material: Material, fold: _Fold, known: _Known) -> Iterator[_Row]:
    """The rows had each text's own article not been written: questions near the business, but not answered."""
    articles = material.size.articles
    places = np.flatnonzero(material.labels[fold.held] < articles)
    own = material.labels[fold.held][places]
    others = fold.logs[places]
    others[np.arange(len(places)), own] = -np.inf
    others = log_softmax(others)
    by_block = fold.by_block[places]
    by_block[np.arange(len(places)), :, own] = -np.inf
    best = [
        [article for article in best_first(logs[:articles], LISTED + 1) if article != hidden][:LISTED]
        for logs, hidden in zip(others, own.tolist(), strict=True)
    ]
    covered = [known.by_others[position] for position in fold.held[places].tolist()]
    for signals in _signals(material, fold, others, by_block, best, covered, places):
        yield signals, False, False, HIDDEN


def _signals(
    material: Material,
    fold: _Fold,
    logs: FloatArray,
    by_block: FloatArray,
    best: Sequence[list[int]],
    covered: Sequence[float],
    places: NDArray[np.int64],
) -> Iterator[tuple[float, ...]]:
    """Signals of the fold's texts at the places, by what the arguments before say of each of them."""
    articles, rows = material.size.articles, fold.rows
    leads = leads_of(by_block, [own[0] for own in best], articles)
    for number, place in enumerate(places.tolist()):
        low, high = rows.indptr[place], rows.indptr[place + 1]
        vector = Vector(rows.indices[low:high], rows.data[low:high])
        nearest = material.phrasings.best_cosines(vector, best[number], fold.left_out)
        own, cosines = logs[number], [cosine for cosine, _ in nearest]
        yield signals_of(
            own[best[number]].tolist(), own[articles:].tolist(), leads[number], cosines, covered[number]
        )


def kinship_of(material: Material, seed: int) -> float:
    """Of the fifth of the phrasings that are most like another one, the share whose likest is of their article.

    Customers' questions repeat each other within an article; phrasings written to differ do so no more than
    across articles. 1 when nothing can be compared.
    """
    from scipy.sparse import csr_matrix

    known = material.phrasings
    rows = csr_matrix((known.weights, known.ids, known.indptr), shape=(len(known.texts), known.size))
    labels = np.repeat(np.arange(len(known.starts) - 1), np.diff(known.starts))
    asked = np.flatnonzero(material.asked[: len(labels)])
    drawn = np.random.default_rng(seed).permutation(asked)[:_COMPARED]
    alike = (rows[drawn] @ rows[asked].T).toarray()
    alike[drawn[:, None] == asked[None]] = -1
    same = labels[drawn][:, None] == labels[asked][None]
    own = np.where(same, alike, -1).max(axis=1, initial=-1)
    others = np.where(same, -1, alike).max(axis=1, initial=-1)
    compared = np.flatnonzero((own >= 0) & (others >= 0))
    likest = compared[np.argsort(-np.maximum(own, others)[compared], kind="stable")]
    likest = likest[: -(-len(likest) // _LIKEST)]
    return float((own > others)[likest].mean()) if len(likest) else 1.0


def _known_words(material: Material) -> _Known:
    asked = len(material.phrasings.texts)
    own = asked + int(material.told.sum())
    words = [set(reading.stems) for reading in material.readings[:own]]
    texts_with = Counter(stem for text in words for stem in text)
    texts_with.update(material.common_words)
    by_article: dict[int, Counter[str]] = defaultdict(Counter)
    for label, text in zip(material.labels.tolist(), words, strict=False):
        by_article[label].update(text)
    known = _Known([], [])
    for label, reading in zip(material.labels.tolist()[:asked], material.readings, strict=False):
        idf = [(stem, material.space.word_idf(stem)[0]) for stem in reading.stems]
        total = max(sum(worth for _, worth in idf), 1e-9)
        known.elsewhere.append(sum(worth for stem, worth in idf if texts_with[stem] > 1) / total)
        own_article = by_article[label]
        known.by_others.append(
            sum(worth for stem, worth in idf if texts_with[stem] > own_article[stem]) / total
        )
    return known


def _folds(material: Material, seed: int) -> Iterator[_Fold]:
    """Each fold's texts asked of a model that learned from the others."""
    rows, labels = material.rows, material.labels
    asked = 0
    # Background texts stand in order of subject; customers' questions are of subjects that nobody foresaw.
    always, parted = np.flatnonzero(material.told), np.flatnonzero(~material.told)
    for learn, out in folds(labels[parted], fold_count(material), seed, material.size.articles):
        learn, out = np.concatenate([parted[learn], always]), parted[out]
        held = out[material.asked[out]]
        seen = np.union1d(rows[learn].indices, material.common)
        unseen = without_unseen(material.space, rows[held], seen)
        model = material.model_of(learn, seed)
        parts, sharpness = parts_of_rows(material.space, model, unseen), SHARPNESS[material.method]
        logs = log_softmax((parts.sum(axis=1) + model.bias) * np.float32(sharpness))
        by_block = alone(material.space, model, parts, sharpness)
        left_out = np.zeros(len(labels), bool)
        left_out[out] = True
        yield _Fold(held, logs, by_block, unseen, left_out[: len(material.phrasings.texts)])
        asked += len(held)
        if asked >= _ENOUGH:
            break


def fold_count(material: Material) -> int:
    """As many folds as take at most one text of most articles: more would favour the articles that lose none."""
    counts = np.bincount(material.labels[~material.told])[: material.size.articles]
    return int(np.clip(np.median(counts), 2, _MOST_FOLDS))


def without_unseen(space: FeatureSpace, rows: Any, features: NDArray[np.int64]) -> Any:
    """The rows as they would look had the space been learned from texts with these features only."""
    from scipy.sparse import csr_matrix, diags, hstack

    seen = np.zeros(rows.shape[1], bool)
    seen[features] = True
    kept = rows.copy()
    kept.data = kept.data * seen[kept.indices]
    parts = []
    for fitted in space.blocks:
        part = kept[:, fitted.offset : fitted.offset + len(fitted.vocabulary)]
        lengths = np.sqrt(np.asarray(part.multiply(part).sum(axis=1)).ravel())
        scale = np.sqrt(fitted.block.share) / np.maximum(lengths, 1e-9)
        parts.append(diags(scale) @ part)
    result = csr_matrix(hstack(parts), dtype=np.float32)
    result.eliminate_zeros()
    result.sort_indices()
    return result
