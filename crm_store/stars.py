"""What a customer's stars come to: one figure over the aspects they answered, and whether it is a low one. Pure.

The same mean as `admin_api.scoring.satisfaction` takes over many rows (articles S1 and S2).
"""

from collections.abc import Mapping

FEWEST, MOST = 1, 5
TOLERANCE = 1e-9
"""Keeps a mean that lies exactly at the line there after a sum that rounded."""


def index_of(stars: float) -> float:
    """Stars 1-5, also between them, as 0-100."""
    return (stars - FEWEST) / (MOST - FEWEST) * 100.0


def stars_of(index: float) -> float:
    """0-100 as stars 1-5."""
    return FEWEST + index / 100.0 * (MOST - FEWEST)


def weighted_mean(scores: Mapping[str, float], weights: Mapping[str, float]) -> float | None:
    """Σ w·x / Σ w over the aspects that were answered; what has no weight counts 1. None where nothing counts."""
    counted = [(weights.get(aspect, 1.0), score) for aspect, score in scores.items()]
    total = sum(weight for weight, _ in counted)
    return sum(weight * score for weight, score in counted) / total if total > 0 else None


def is_low(mean: float, line: float) -> bool:
    """Whether a mean of 0-100 is at most so many stars; a line of 0 calls nothing low."""
    return line > 0 and mean <= index_of(line) + TOLERANCE


def parse_weights(text: str) -> dict[str, float]:
    """'product_quality 2, price 0.5' as weights by aspect; raises ValueError that says what to write."""
    found: dict[str, float] = {}
    for part in (part.strip() for part in text.split(",")):
        if not part:
            continue
        aspect, _, figure = part.rpartition(" ")
        try:
            weight = float(figure)
        except ValueError:
            weight = -1.0
        if not aspect.strip() or not 0 <= weight < float("inf"):
            raise ValueError(
                f"'{part}' is no aspect with its weight; write it as: service_quality 2, price 1"
            )
        found[aspect.strip()] = weight
    return found
