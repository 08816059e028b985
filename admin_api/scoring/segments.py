"""Segments: customers grouped by likeness. Source: articles S0, S3 and S4 (StandardScaler, then KMeans).

The same rows give the same segments from run to run and in any order: rows are sorted before the fit, the seed is
fixed, and segments are numbered by their centroids.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from admin_api.scoring.arrays import Integers, Matrix, Vector
from admin_api.scoring.errors import ScoringError

VERSION: Final = "segments-1"
DEFAULT_K: Final = 3
MOST_SEGMENTS: Final = 20
AUTO_MOST: Final = 8

_SEED: Final = 20240229
_STARTS: Final = 10
# Beyond this many rows the centres come from an even sample of the sorted rows; every row is still assigned.
_FIT_ROWS: Final = 50_000
_SILHOUETTE_ROWS: Final = 2_000

K = int | Literal["auto"]


@dataclass(frozen=True, slots=True)
class Segmentation:
    """Segments 0..k-1, from the lowest centroid (mean of its standardised values) to the highest.

    `centroids` are means of the members in the units given; `profile` the same in standard deviations from the
    mean of all rows. `silhouette` is None where it does not exist (one segment, or every row its own).
    """

    labels: Integers
    centroids: Matrix
    profile: Matrix
    sizes: tuple[int, ...]
    silhouette: float | None
    k_asked: K

    @property
    def k(self) -> int:
        """How many segments there are: fewer than asked when there are not that many different rows."""
        return len(self.sizes)


def check_k(k: object) -> K:
    """The number of segments, as asked: a whole number from 1 to 20, or "auto"."""
    if k == "auto":
        return "auto"
    if isinstance(k, bool) or not isinstance(k, int) or not 1 <= k <= MOST_SEGMENTS:
        raise ScoringError(f"k must be a whole number from 1 to {MOST_SEGMENTS}, or 'auto'.")
    return k


def segment(
    features: Matrix, k: object = DEFAULT_K, *, original: Matrix | None = None, fit_rows: int = _FIT_ROWS
) -> Segmentation:
    """The rows of `features` grouped into k segments, or into as many as have the best silhouette (2 to 8).

    `original` holds the same rows in the units the centroids are to be told in, when the features were
    transformed. Raises ScoringError on missing values and when there are no rows.
    """
    asked = check_k(k)
    if features.ndim != 2 or 0 in features.shape:
        raise ScoringError("There are no rows to group. Give at least one row with at least one number.")
    if not np.isfinite(features).all():
        row, column = np.argwhere(~np.isfinite(features))[0] + 1
        raise ScoringError(
            f"Row {row}, column {column} has no value. Segments need every value: fill it in or leave the row out."
        )
    order = np.lexsort(features.T[::-1])
    ordered = features[order]
    sample = _even_sample(ordered, fit_rows)
    scaled, scaled_sample = _standardise(ordered, sample)
    labels, silhouette = _cluster(scaled, scaled_sample, asked)
    told = ordered if original is None else original[order]
    return _numbered(labels, order, told, scaled, silhouette, asked)


def _even_sample(ordered: Matrix, most: int) -> Matrix:
    if len(ordered) <= most:
        return ordered
    return ordered[np.linspace(0, len(ordered) - 1, most).astype(np.int64)]


def _standardise(ordered: Matrix, sample: Matrix) -> tuple[Matrix, Matrix]:
    from sklearn.preprocessing import StandardScaler  # a second of import that reading a score does without

    scaler = StandardScaler().fit(ordered)
    scaled: Matrix = scaler.transform(ordered)
    # A constant column tells nobody apart, but its mean may differ from it by a rounding error: make it plain 0.
    constant = np.ptp(ordered, axis=0) == 0
    scaled[:, constant] = 0.0
    scaled_sample: Matrix = scaler.transform(sample)
    scaled_sample[:, constant] = 0.0
    return scaled, scaled_sample


def _cluster(scaled: Matrix, sample: Matrix, asked: K) -> tuple[Integers, float | None]:
    # Rows nearer than a millionth of a deviation are one point to KMeans, whose distances are squares.
    different = len(np.unique(np.round(sample, 6), axis=0))
    if asked != "auto":
        return _fit(scaled, sample, min(asked, different))
    if different <= 2:
        return _fit(scaled, sample, different)
    tried = [_fit(scaled, sample, k) for k in range(2, min(AUTO_MOST, different - 1) + 1)]
    # The first of equals: fewer segments are easier to act on.
    return max(tried, key=lambda one: -2.0 if one[1] is None else round(one[1], 9))


def _fit(scaled: Matrix, sample: Matrix, k: int) -> tuple[Integers, float | None]:
    from sklearn.cluster import KMeans
    from threadpoolctl import threadpool_limits  # it ships no types

    if k == 1:
        return np.zeros(len(scaled), dtype=np.int64), None
    # One thread: sums come in the same order each time, and small fits are ten times slower when a second
    # OpenMP thread has to wait for a busy core.
    with threadpool_limits(limits=1):
        model = KMeans(n_clusters=k, n_init=_STARTS, random_state=_SEED, algorithm="lloyd").fit(sample)
        labels = np.asarray(model.predict(scaled), dtype=np.int64)
        return labels, _silhouette(scaled, labels)


def _silhouette(scaled: Matrix, labels: Integers) -> float | None:
    from sklearn.metrics import silhouette_score

    chosen = np.linspace(0, len(labels) - 1, min(len(labels), _SILHOUETTE_ROWS)).astype(np.int64)
    seen = len(np.unique(labels[chosen]))
    if not 2 <= seen < len(chosen):
        return None
    return float(silhouette_score(scaled[chosen], labels[chosen]))


def _numbered(
    labels: Integers, order: Integers, told: Matrix, scaled: Matrix, silhouette: float | None, asked: K
) -> Segmentation:
    _, labels = np.unique(labels, return_inverse=True)
    profile = _means(labels, scaled)
    by_height = np.lexsort([*np.round(profile, 9).T[::-1], np.round(profile.mean(axis=1), 9)])
    number = np.empty_like(by_height)
    number[by_height] = np.arange(len(by_height))
    renamed = number[labels]
    back = np.empty(len(labels), dtype=np.int64)
    back[order] = renamed
    return Segmentation(
        labels=back,
        centroids=_means(renamed, told),
        profile=profile[by_height],
        sizes=tuple(int(size) for size in np.bincount(renamed)),
        silhouette=silhouette,
        k_asked=asked,
    )


def _means(labels: Integers, rows: Matrix) -> Matrix:
    size: Vector = np.bincount(labels).astype(np.float64)
    columns = [np.bincount(labels, weights=column) / size for column in rows.T]
    return np.asarray(np.stack(columns, axis=1), dtype=np.float64)
