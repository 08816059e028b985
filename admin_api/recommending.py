"""What a customer may want next: what customers with similar baskets bought, else what most buy. Pure.

Likeness is the cosine of two baskets as sets, `shared / sqrt(own * theirs)`; a product's score is the sum of the
likenesses of those who bought it (user-based collaborative filtering, CRM.md row 9).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from crm_store.purchases import Bought, Likeness, Popular

NEIGHBOURS = 50


@dataclass(frozen=True, slots=True)
class Recommendation:
    """A product with the reasons for it; `score` is comparable within one list and source only."""

    sku: str
    description: str | None
    score: float
    source: str
    """'similar_customers' or 'popular'."""
    why: tuple[str, ...]


def cosine(shared: int, own: int, theirs: int) -> float:
    """Likeness of two sets of these sizes with so many in common: 0 to 1."""
    return shared / sqrt(own * theirs) if shared else 0.0


def nearest(own: int, found: Iterable[Likeness]) -> dict[int, float]:
    """The most alike customers with their likeness to one who bought `own` products."""
    ranked = sorted(((cosine(one.shared, own, one.bought), -one.customer_id) for one in found), reverse=True)
    return {-negated: likeness for likeness, negated in ranked[:NEIGHBOURS]}


def from_similar(
    near: dict[int, float], baskets: Iterable[Bought], known: Collection[str]
) -> list[Recommendation]:
    """Products the customer does not have, best first."""
    scores: dict[str, float] = defaultdict(float)
    buyers: dict[str, int] = defaultdict(int)
    descriptions: dict[str, str | None] = {}
    for bought in baskets:
        if bought.sku not in known:
            scores[bought.sku] += near[bought.customer_id]
            buyers[bought.sku] += 1
            descriptions[bought.sku] = bought.description
    ranked = sorted(scores, key=lambda sku: (-scores[sku], sku))
    return [
        Recommendation(
            sku,
            descriptions[sku],
            round(scores[sku], 6),
            "similar_customers",
            (f"bought by {buyers[sku]} of the {len(near)} customers with the most similar purchases",),
        )
        for sku in ranked
    ]


def from_popular(found: Iterable[Popular], known: Collection[str]) -> list[Recommendation]:
    """What most customers buy and this one does not have, best first."""
    return [
        Recommendation(
            one.sku,
            one.description,
            float(one.customers),
            "popular",
            (f"bought by {one.customers} customers within the last year",),
        )
        for one in found
        if one.sku not in known
    ]


def together(
    best: Sequence[Recommendation], rest: Sequence[Recommendation], limit: int
) -> list[Recommendation]:
    """The first list, filled up from the second without repeating a product."""
    named = {one.sku for one in best}
    return [*best, *(one for one in rest if one.sku not in named)][:limit]
