"""Why a score is what it is: inputs, as-of time, version, and what moved it most. One customer at a time."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import isnan
from typing import Final

from admin_api.scoring.customers import Scores, ScoringContext
from admin_api.scoring.errors import ScoringError
from admin_api.scoring.facts import ASPECT_PREFIX
from admin_api.scoring.formulas import FORMULAS

FLAGS: Final = ("no_orders", "only_returns", "not_rated")


@dataclass(frozen=True, slots=True)
class Part:
    """One input of a score; `moved` is by how many points of the index it lies above or below the middle customer.

    The middle is the mean rating of the aspect for satisfaction, percentile 50 or quintile 3 for the others.
    """

    name: str
    value: float | None
    moved: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """A score with its reasons, the strongest first; raw and index are None when nothing was rated."""

    score: str
    customer_id: object
    raw: float | None
    index: float | None
    as_of: datetime
    window_days: int
    version: str
    formula: str
    parts: tuple[Part, ...]
    flags: tuple[str, ...]


def explain(scores: Scores, customer_id: object, score: str) -> Explanation:
    """Why this customer has this score. Raises ScoringError for an unknown score or a customer without one."""
    if score not in FORMULAS:
        raise ScoringError(f"There is no score {score!r}. Choose one of: {', '.join(FORMULAS)}.")
    rows = scores.frame.loc[scores.frame["customer_id"] == customer_id]
    if rows.empty:
        raise ScoringError(f"Customer {customer_id} was not among the customers scored.")
    return explain_row({str(name): found for name, found in rows.iloc[0].items()}, score, scores.context)


def explain_row(row: Mapping[str, object], score: str, context: ScoringContext) -> Explanation:
    """The same from one row of the scores, from their frame or as stored (`customers.stored_rows`)."""
    parts = _PARTS[score](row, context)
    return Explanation(
        score=score,
        customer_id=_plain(row["customer_id"]),
        raw=_number(row, f"{score}_raw"),
        index=_number(row, f"{score}_index"),
        as_of=context.as_of,
        window_days=context.rules.window.days,
        version=FORMULAS[score].version,
        formula=FORMULAS[score].raw,
        parts=tuple(sorted(parts, key=lambda part: -abs(part.moved))),
        flags=tuple(flag for flag in FLAGS if row[flag]),
    )


def _satisfaction_parts(row: Mapping[str, object], context: ScoringContext) -> list[Part]:
    ratings = {aspect: _number(row, ASPECT_PREFIX + aspect) for aspect in context.rules.aspects}
    total = sum(context.rules.weights[aspect] for aspect, rating in ratings.items() if rating is not None)
    parts = []
    for aspect, rating in ratings.items():
        usual = context.aspect_means[aspect]
        if rating is None or usual is None or total == 0:
            parts.append(Part(aspect, rating, 0.0))
        else:
            parts.append(Part(aspect, rating, context.rules.weights[aspect] / total * (rating - usual)))
    return parts


def _ranked_parts(names: Mapping[str, str]) -> Callable[[Mapping[str, object], ScoringContext], list[Part]]:
    """Parts whose percentiles are averaged: each moves the index by its distance from 50, divided by their number."""

    def parts(row: Mapping[str, object], _context: ScoringContext) -> list[Part]:
        percentiles = {name: _number(row, f"{column}_percentile") or 0.0 for name, column in names.items()}
        return [
            Part(name, _number(row, column), (percentiles[name] - 50.0) / len(names))
            for name, column in names.items()
        ]

    return parts


def _rfm_parts(row: Mapping[str, object], _context: ScoringContext) -> list[Part]:
    inputs: Sequence[tuple[str, str]] = (
        ("recency", "recency_days"),
        ("frequency", "order_count"),
        ("monetary", "amount"),
    )
    return [
        Part(name, _number(row, column), ((_number(row, f"rfm_{name}") or 1.0) - 3.0) / 12.0 * 100.0)
        for name, column in inputs
    ]


# Spend is a product, so its two parts share the credit by their own percentiles; they need not add up to the index.
_PARTS: Final[dict[str, Callable[[Mapping[str, object], ScoringContext], list[Part]]]] = {
    "satisfaction": _satisfaction_parts,
    "loyalty": _ranked_parts({"frequency": "order_count", "amount": "amount", "variety": "variety"}),
    "value": _ranked_parts({"purchase": "amount", "referral": "referral", "information": "information"}),
    "spend": _ranked_parts({"amount": "amount", "count": "order_count"}),
    "rfm": _rfm_parts,
}


def _number(row: Mapping[str, object], name: str) -> float | None:
    cell = row[name]
    if cell is None:
        return None
    number = float(cell)  # type: ignore[arg-type]  # a cell of a numeric column
    return None if isnan(number) else number


def _plain(identifier: object) -> object:
    """A NumPy scalar as the Python value it stands for, ready for JSON."""
    item = getattr(identifier, "item", None)
    return item() if callable(item) else identifier
