"""One score from values in a request, by the same functions that score the store's customers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, get_args

import numpy as np

from admin_api.scoring import loyalty, satisfaction, spend, value
from admin_api.scoring.arrays import Matrix, Vector, check_weights, numeric_rows, shown
from admin_api.scoring.errors import ScoringError
from admin_api.scoring.formulas import VERSIONS
from admin_api.scoring.ranks import percentile_rank
from admin_api.scoring.satisfaction import Scale
from admin_api.scoring.segment_names import plain_names
from admin_api.scoring.segments import DEFAULT_K, check_k, segment

MOST_ROWS: Final = 10_000
MOST_COLUMNS: Final = 50


@dataclass(frozen=True, slots=True)
class _Options:
    weights: object
    scale: object
    k: object


def preview(
    score: object, rows: object, weights: object = None, scale: object = "0-100", k: object = None
) -> dict[str, object]:
    """The score of each row, ready for JSON: `score`, `version`, and what the score has.

    satisfaction: raw (on the given scale), index, overall, overall_index, csat; loyalty and value: raw, index,
    parts (each row's percentile ranks), overall; spend: raw, index, rank, overall; segments: labels, names,
    sizes, centroids, k, silhouette. None where a row has nothing rated. Raises ScoringError on anything else
    than rows it can compute, whatever their type.
    """
    if not isinstance(score, str) or score not in _PREVIEWS:
        raise ScoringError(f"There is no score {shown(score)}. Choose one of: {', '.join(_PREVIEWS)}.")
    if weights is not None and score != "satisfaction":
        raise ScoringError("Weights belong to satisfaction only. Leave them out.")
    if k is not None and score != "segments":
        raise ScoringError("k belongs to segments only. Leave it out.")
    if scale != "0-100" and score != "satisfaction":
        raise ScoringError("A scale belongs to satisfaction only. Leave it out.")
    found = _PREVIEWS[score](rows, _Options(weights, scale, k))
    return {"score": score, "version": VERSIONS[score], **found}


def _satisfaction(rows: object, options: _Options) -> dict[str, object]:
    scale = _scale(options.scale)
    ratings = satisfaction.check_ratings(_rows(rows, missing=True), scale)
    raw = satisfaction.satisfaction(ratings, check_weights(options.weights, ratings.shape[1]))
    index = satisfaction.index(raw, scale)
    return {
        "scale": scale,
        "raw": _told(raw),
        "index": _told(index),
        "overall": satisfaction.overall(raw),
        "overall_index": satisfaction.overall(index),
        "csat": satisfaction.csat(_on_hundred(ratings, scale)),
    }


def _on_hundred(ratings: Matrix, scale: Scale) -> Matrix:
    return satisfaction.index(ratings.ravel(), scale).reshape(ratings.shape)


def _scale(scale: object) -> Scale:
    for known in get_args(Scale):
        if scale == known:
            return known  # type: ignore[no-any-return]  # get_args forgets that it is a Scale
    raise ScoringError(f"The scale {shown(scale)} is unknown. Use one of: {', '.join(get_args(Scale))}.")


def _loyalty(rows: object, _options: _Options) -> dict[str, object]:
    parts = _parts(rows, loyalty.PARTS, counted=("frequency", "variety"))
    return _averaged(parts, loyalty.PARTS, loyalty.loyalty(*parts), loyalty.loyalty_index(*parts))


def _value(rows: object, _options: _Options) -> dict[str, object]:
    parts = _parts(rows, value.PARTS, counted=("referral", "information"))
    return _averaged(parts, value.PARTS, value.value(*parts), value.value_index(*parts))


def _averaged(parts: Sequence[Vector], names: Sequence[str], raw: Vector, index: Vector) -> dict[str, object]:
    ranked = np.stack([percentile_rank(part) for part in parts], axis=1)
    return {
        "raw": _told(raw),
        "index": _told(index),
        "overall": float(raw.mean()),
        "parts": [dict(zip(names, row, strict=True)) for row in ranked.tolist()],
    }


def _spend(rows: object, _options: _Options) -> dict[str, object]:
    amount, count = _parts(rows, spend.PARTS, counted=("count",))
    raw = spend.spend(amount, count)
    return {
        "raw": _told(raw),
        "index": _told(spend.spend_index(raw)),
        "rank": spend.spend_rank(raw).tolist(),
        "overall": float(raw.mean()),
    }


def _segments(rows: object, options: _Options) -> dict[str, object]:
    k = check_k(DEFAULT_K if options.k is None else options.k)
    matrix = _rows(rows)
    found = segment(matrix, k)
    columns = [f"column {number}" for number in range(1, matrix.shape[1] + 1)]
    return {
        "labels": found.labels.tolist(),
        "names": list(plain_names(found.profile, columns)),
        "sizes": list(found.sizes),
        "centroids": found.centroids.tolist(),
        "k": found.k,
        "silhouette": found.silhouette,
    }


_PREVIEWS: Final[dict[str, Callable[[object, _Options], dict[str, object]]]] = {
    "satisfaction": _satisfaction,
    "loyalty": _loyalty,
    "value": _value,
    "spend": _spend,
    "segments": _segments,
}

PREVIEWS: Final = tuple(_PREVIEWS)


def _rows(rows: object, missing: bool = False) -> Matrix:
    matrix = numeric_rows(rows, missing=missing, max_rows=MOST_ROWS)
    if matrix.shape[1] > MOST_COLUMNS:
        raise ScoringError(f"{matrix.shape[1]} columns are too many. Give at most {MOST_COLUMNS}.")
    return matrix


def _parts(rows: object, names: Sequence[str], counted: Sequence[str]) -> list[Vector]:
    """The columns of the rows, one per part; those in `counted` cannot be negative."""
    matrix = _rows(rows)
    if matrix.shape[1] != len(names):
        raise ScoringError(
            f"Each row needs {len(names)} numbers: {', '.join(names)}. Row 1 has {matrix.shape[1]}."
        )
    for column, name in enumerate(names):
        negative = np.flatnonzero(matrix[:, column] < 0)
        if name in counted and len(negative):
            raise ScoringError(f"Row {negative[0] + 1}: {name} is negative. Give zero or more.")
    return [matrix[:, column] for column in range(len(names))]


def _told(values: Vector) -> list[float | None]:
    return [None if np.isnan(one) else one for one in values.tolist()]
