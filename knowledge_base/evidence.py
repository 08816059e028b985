"""What the model would have said about each phrasing had it not known it: the ground for confidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.calibration import FloatMatrix
from knowledge_base.features import FeatureSpace, FloatArray, Reading, Vector
from knowledge_base.shelf import PhrasingRows, as_signal_matrix, best_first, coverage, log_softmax, signals_of
from knowledge_base.training import fit_linear, folds, method_for

_FOLDS = 5
# More evidence narrows the interval by less than another fold's training is worth.
_ENOUGH = 4_000
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
    chosen, scores, held_out = _held_out_scores(space, rows, labels, asked, seed)
    in_scope, truth = len(phrasings.starts) - 1, labels[chosen]
    sharpness = _sharpness(scores, truth)
    logs = log_softmax(scores * np.float32(sharpness))
    signals, first, listed = [], [], []
    for place, position in enumerate(chosen.tolist()):
        best = best_first(logs[place, :in_scope], _LISTED)
        dense = phrasings.dense(_vector(held_out, place))
        cosines = [phrasings.nearest(dense, article, skip=position)[0] for article in best]
        covered = coverage(space, readings[position], alone=position < len(phrasings.texts))
        signals.append(signals_of(logs[place], in_scope, best, cosines, covered))
        first.append(best[0] == truth[place])
        listed.append(int(truth[place]) in best)
    return Evidence(
        as_signal_matrix(signals), np.array(first, bool), np.array(listed, bool), truth >= in_scope, sharpness
    )


def _held_out_scores(
    space: FeatureSpace, rows: Any, labels: NDArray[np.int64], asked: NDArray[np.bool_], seed: int
) -> tuple[NDArray[np.int64], FloatArray, Any]:
    """Positions of the texts held out, their decision values, and their rows as a stranger's would be."""
    from scipy.sparse import vstack

    class_count, method = int(labels.max()) + 1, method_for(labels)
    positions, scores, parts = [], [], []
    for learn, out in folds(labels, _FOLDS, seed):
        held = out[asked[out]]
        unseen = without_unseen(space, rows[held], rows[learn])
        scores.append(fit_linear(rows[learn], labels[learn], class_count, method, seed).scores(unseen))
        positions.append(held)
        parts.append(unseen)
        if sum(map(len, positions)) >= _ENOUGH:
            break
    return np.concatenate(positions), np.vstack(scores), vstack(parts).tocsr()


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


def _vector(rows: Any, place: int) -> Vector:
    low, high = rows.indptr[place], rows.indptr[place + 1]
    return Vector(rows.indices[low:high], rows.data[low:high])


def _sharpness(scores: FloatArray, labels: NDArray[np.int64]) -> float:
    """The factor on scores whose softmax gives the held-out labels the most probability."""
    if not len(labels):
        return 1.0
    own = np.arange(len(labels))
    losses = [-log_softmax(scores * np.float32(factor))[own, labels].mean() for factor in _SHARPNESS_GRID]
    return float(_SHARPNESS_GRID[int(np.argmin(losses))])
