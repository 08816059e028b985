"""What the model would have said about each phrasing had it not known it: the ground for confidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.calibration import FloatMatrix
from knowledge_base.features import FeatureSpace, FloatArray, Reading
from knowledge_base.shelf import PhrasingRows, as_signal_matrix, best_first, coverage, log_softmax, signals_of
from knowledge_base.training import fit_linear, folds

_FOLDS_FOR_FEW = 5
_FOLDS_FOR_MANY = 3
_MANY_TEXTS = 3_000
_LISTED = 3
_SHARPNESS_GRID = np.geomspace(0.4, 10, 25)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One row per text asked: its signals, and whether the first (or one of three) was its article.

    A text that no article answers (background) is never right.
    """

    signals: FloatMatrix
    first_right: NDArray[np.bool_]
    listed_right: NDArray[np.bool_]
    background: NDArray[np.bool_]
    sharpness: float


def gather(
    space: FeatureSpace,
    rows: Any,
    labels: NDArray[np.int64],
    phrasings: PhrasingRows,
    readings: Sequence[Reading],
    asked: NDArray[np.bool_],
    seed: int,
) -> Evidence:
    """Signals of every asked text from a model that learned without it.

    `rows` and `labels` hold the phrasings first, in the order of `phrasings`, then the background.
    """
    scores, held_out = _held_out_scores(space, rows, labels, seed)
    in_scope = len(phrasings.starts) - 1
    sharpness = _sharpness(scores, labels)
    logs = log_softmax(scores * np.float32(sharpness))
    signals, first, listed = [], [], []
    chosen = np.flatnonzero(asked)
    for position in chosen.tolist():
        best = best_first(logs[position, :in_scope], _LISTED)
        dense = _dense(held_out, position)
        cosines = [phrasings.nearest(dense, article, skip=position)[0] for article in best]
        covered = coverage(space, readings[position], alone=position < len(phrasings.texts))
        signals.append(signals_of(logs[position], best, cosines, covered))
        first.append(best[0] == labels[position])
        listed.append(int(labels[position]) in best)
    background = labels[chosen] >= in_scope
    return Evidence(as_signal_matrix(signals), np.array(first), np.array(listed), background, sharpness)


def _held_out_scores(
    space: FeatureSpace, rows: Any, labels: NDArray[np.int64], seed: int
) -> tuple[FloatArray, Any]:
    from scipy.sparse import vstack

    class_count = int(labels.max()) + 1
    scores = np.zeros((len(labels), class_count), np.float32)
    parts, order = [], []
    count = _FOLDS_FOR_MANY if len(labels) > _MANY_TEXTS else _FOLDS_FOR_FEW
    for learn, out in folds(labels, count, seed):
        held_out = without_unseen(space, rows[out], rows[learn])
        scores[out] = fit_linear(rows[learn], labels[learn], class_count, seed).scores(held_out)
        parts.append(held_out)
        order.append(out)
    back = np.argsort(np.concatenate(order))
    return scores, vstack(parts).tocsr()[back]


def without_unseen(space: FeatureSpace, rows: Any, learned_from: Any) -> Any:
    """The rows as they would look had the space been learned from the other rows only."""
    from scipy.sparse import csr_matrix, diags, hstack

    seen = np.zeros(rows.shape[1], bool)
    seen[learned_from.indices] = True
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
    return result


def _dense(rows: Any, position: int) -> FloatArray:
    dense = np.zeros(rows.shape[1], np.float32)
    low, high = rows.indptr[position], rows.indptr[position + 1]
    dense[rows.indices[low:high]] = rows.data[low:high]
    return dense


def _sharpness(scores: FloatArray, labels: NDArray[np.int64]) -> float:
    """The factor on scores whose softmax gives the held-out labels the most probability."""
    own = np.arange(len(labels))
    losses = [-log_softmax(scores * np.float32(factor))[own, labels].mean() for factor in _SHARPNESS_GRID]
    return float(_SHARPNESS_GRID[int(np.argmin(losses))])
