"""The linear model over articles: what a text's features say for each article.

Imports scikit-learn when it trains; what comes out is a plain array.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from knowledge_base.features import FloatArray

# One-vs-rest hinge wins with many phrasings an article, multinomial logistic regression with few
# (at twenty-one the Chinese set would gain a point from the latter, for twenty times the training time).
_MANY_PHRASINGS = 20
_MULTINOMIAL_C = 30.0
_HINGE_C = 1.0
# Looser than scikit-learn's defaults, for a third of the time. The multinomial one is divided by the number
# of classes, since the gradient of one among many is small.
_MULTINOMIAL_TOLERANCE = 0.03
_HINGE_TOLERANCE = 0.05
# Above this an eigendecomposition (cubic) takes longer than fitting on the sparse rows.
GRAM_TEXTS: Final = 2_500
_NEGLIGIBLE = 1e-6
# Five hundred phrasings of each of eighty articles; more of them cost minutes and say hardly more.
_MOST_TAUGHT = 40_000

Method = Literal["hinge", "multinomial"]

# The factor on decision values whose softmax gives held-out labels the most probability: near these on
# BANKING77's and CLINC150's articles.csv with 2 to 20 phrasings an article; calibration does the rest.
SHARPNESS: Final[dict[Method, float]] = {"multinomial": 1.5, "hinge": 6.0}


@dataclass(frozen=True, slots=True)
class LinearModel:
    """`weights` (features × classes) and `bias`; a text's score for a class is its row times the column."""

    weights: FloatArray
    bias: FloatArray

    def scores(self, rows: Any) -> FloatArray:
        """Decision values, texts × classes, of CSR rows."""
        return np.asarray(rows @ self.weights, dtype=np.float32) + self.bias


def taught(labels: NDArray[np.int64], seed: int) -> NDArray[np.int64]:
    """Places of the texts that the linear model learns from: all, or of very many an even share for each class."""
    places = np.arange(len(labels))
    if len(labels) <= _MOST_TAUGHT:
        return places
    classes = len(np.unique(labels))
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    kept = shuffled[rank_within(labels[shuffled]) < max(_MOST_TAUGHT // classes, _MANY_PHRASINGS)]
    return np.sort(kept)


def rank_within(labels: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many of the same label stand before each."""
    order = np.argsort(labels, kind="stable")
    ranks = np.empty(len(labels), np.int64)
    ordered = labels[order]
    ranks[order] = np.arange(len(labels)) - np.searchsorted(ordered, ordered)
    return ranks


def method_for(labels: NDArray[np.int64]) -> Method:
    """How to learn from this many texts an article; held-out folds must learn the same way as the whole."""
    return "hinge" if len(labels) > _MANY_PHRASINGS * len(np.unique(labels)) else "multinomial"


def fit_linear(
    rows: Any, labels: NDArray[np.int64], class_count: int, method: Method, seed: int = 0
) -> LinearModel:
    """The model learned from CSR rows; with fewer than two classes every weight is zero."""
    present = np.unique(labels)
    weights = np.zeros((rows.shape[1], class_count), np.float32)
    bias = np.full(class_count, 0 if len(present) < 2 else -1e3, np.float32)
    if len(present) < 2 or not rows.shape[1]:
        return LinearModel(weights, np.zeros(class_count, np.float32))
    coefficients, intercept = _FITS[method](rows, labels, seed)
    if len(present) == 2:  # scikit-learn keeps only the second class's side of a pair
        coefficients, intercept = np.vstack([-coefficients, coefficients]), np.hstack([-intercept, intercept])
    weights[:, present] = coefficients.T
    bias[present] = intercept
    return LinearModel(weights, bias)


def _hinge(rows: Any, labels: NDArray[np.int64], seed: int) -> tuple[FloatArray, FloatArray]:
    from sklearn.svm import LinearSVC

    estimator = LinearSVC(C=_HINGE_C, tol=_HINGE_TOLERANCE, random_state=seed).fit(rows, labels)
    return estimator.coef_, estimator.intercept_


def _multinomial(rows: Any, labels: NDArray[np.int64], seed: int) -> tuple[FloatArray, FloatArray]:
    """Coefficients of a multinomial logistic regression.

    The solution lies in the span of the texts, so with few texts it is found in their own coordinates
    (an eigenbasis of the Gram matrix): the same coefficients, five to eight times sooner.
    """
    from sklearn.linear_model import LogisticRegression

    estimator = LogisticRegression(
        C=_MULTINOMIAL_C, tol=_MULTINOMIAL_TOLERANCE / len(np.unique(labels)), max_iter=200, random_state=seed
    )
    if rows.shape[0] > min(GRAM_TEXTS, rows.shape[1]):
        estimator.fit(rows, labels)
        return estimator.coef_, estimator.intercept_
    values, vectors = np.linalg.eigh((rows @ rows.T).toarray())
    kept = values > _NEGLIGIBLE * values[-1]
    lengths = np.sqrt(values[kept])
    estimator.fit(vectors[:, kept] * lengths, labels)
    coefficients = rows.T @ ((vectors[:, kept] / lengths) @ estimator.coef_.T)
    return coefficients.T, estimator.intercept_


_FITS: Final = {"hinge": _hinge, "multinomial": _multinomial}


def folds(
    labels: NDArray[np.int64], count: int, seed: int, in_blocks: int = -1
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """`count` splits (learn, held out) that take each class's texts in turn, so none loses two where one would do.

    The class `in_blocks` is cut into runs as it stands: where neighbours are alike, none of them gives the other away.
    """
    generator = np.random.default_rng(seed)
    shuffled = generator.permutation(len(labels))
    order = shuffled[np.argsort(labels[shuffled], kind="stable")]
    fold_of = np.empty(len(labels), np.int64)
    fold_of[order] = np.arange(len(labels)) % count
    run = np.flatnonzero(labels == in_blocks)
    fold_of[run] = np.arange(len(run)) * count // max(len(run), 1)
    for fold in range(count):
        yield np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)
