"""Names for segments, derived from where their centroids lie among all customers: distinct, the same every run."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import numpy as np

from admin_api.scoring.arrays import Matrix, Vector

# What the name means, as (recent, often, much): standard deviations from the average customer.
# The order breaks ties. The words are the common ones of RFM segmentation.
ARCHETYPES: Final[dict[str, tuple[float, float, float]]] = {
    "Champions": (0.9, 1.6, 1.6),
    "Loyal": (0.6, 0.8, 0.5),
    "Big spenders": (0.3, 0.2, 1.5),
    "Frequent small buyers": (0.3, 1.2, -0.5),
    "Regulars": (0.0, 0.0, 0.0),
    "Promising": (0.6, -0.2, -0.1),
    "New": (0.6, -0.9, -0.9),
    "Cooling": (-0.6, -0.2, -0.2),
    "At risk": (-0.9, 0.3, 0.4),
    "One big purchase": (-0.3, -0.8, 0.6),
    "Dormant": (-1.6, -0.8, -0.8),
    "Mostly returned": (-0.4, -0.8, -5.0),
}

# Within a quarter of a standard deviation of everybody, a segment is average in that respect.
_AVERAGE: Final = 0.25


def rfm_names(profile: Matrix) -> tuple[str, ...]:
    """A name per segment from its standardised (recency in days, frequency, monetary) centroid.

    Each name is the archetype that lies nearest when all segments are named together, no name used twice.
    With more segments than archetypes the surplus is named by its nearest archetype and a number.
    """
    from scipy.optimize import linear_sum_assignment

    seen = profile * np.array([-1.0, 1.0, 1.0])  # many days mean not recent
    names = list(ARCHETYPES)
    targets = np.array(list(ARCHETYPES.values()))
    distance = np.round(((seen[:, None, :] - targets[None, :, :]) ** 2).sum(axis=2), 9)
    segments, chosen = linear_sum_assignment(distance)
    found = {int(s): names[int(c)] for s, c in zip(segments, chosen, strict=True)}
    nearest = [found.get(s, names[int(np.argmin(distance[s]))]) for s in range(len(profile))]
    return _distinct(nearest, first=set(found))


def plain_names(profile: Matrix, columns: Sequence[str]) -> tuple[str, ...]:
    """A name per segment for any columns, like "low amount, high visits": where it differs from all rows."""
    return _distinct([_plain(centroid, columns) for centroid in profile], first=set())


def _plain(centroid: Vector, columns: Sequence[str]) -> str:
    strongest = np.argsort(-np.abs(np.round(centroid, 9)), kind="stable")[:2]
    told = [
        f"{'high' if centroid[c] > 0 else 'low'} {columns[c]}"
        for c in strongest
        if abs(centroid[c]) >= _AVERAGE
    ]
    return ", ".join(told) if told else "average"


def _distinct(names: Sequence[str], first: set[int]) -> tuple[str, ...]:
    """The names, repeated ones numbered from 2; those at the positions in `first` keep theirs unnumbered."""
    used: Counter[str] = Counter()
    result = list(names)
    for position in sorted(range(len(names)), key=lambda p: (p not in first, p)):
        name = names[position]
        used[name] += 1
        if used[name] > 1:
            result[position] = f"{name} {used[name]}"
    return tuple(result)
