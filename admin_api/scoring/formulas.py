"""Every score on one page: its formula's version, its words and its source."""

from dataclasses import dataclass
from typing import Final

from admin_api.scoring import loyalty, rfm, satisfaction, segments, spend, statistics, value


@dataclass(frozen=True, slots=True)
class Formula:
    """What is told with a score, so that a stored figure can be traced to what computed it."""

    version: str
    raw: str
    index: str
    source: str


FORMULAS: Final[dict[str, Formula]] = {
    "satisfaction": Formula(
        satisfaction.VERSION,
        "sum of weight x rating / sum of weights, over the aspects answered",
        "the same, on 0-100",
        "S1, S2",
    ),
    "loyalty": Formula(
        loyalty.VERSION,
        "(frequency + amount + variety) / 3",
        "mean of the three parts' percentile ranks",
        "S2",
    ),
    "value": Formula(
        value.VERSION,
        "(purchase + referral + information) / 3",
        "mean of the three parts' percentile ranks",
        "S2",
    ),
    "spend": Formula(spend.VERSION, "amount x count", "percentile rank of amount x count", "S4"),
    "rfm": Formula(
        rfm.VERSION,
        "recency + frequency + monetary, each a quintile score 1-5",
        "(raw - 3) / 12 x 100",
        "Hughes 1994",
    ),
}

SCORES: Final = tuple(FORMULAS)

# Of BG/NBD with Gamma-Gamma; declared here because `lifetime` loads pandas and scipy.
LIFETIME_VERSION: Final = "lifetime-1"

VERSIONS: Final[dict[str, str]] = {
    **{name: formula.version for name, formula in FORMULAS.items()},
    "segments": segments.VERSION,
    "statistics": statistics.VERSION,
    "lifetime": LIFETIME_VERSION,
}
