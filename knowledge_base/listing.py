"""From which chance on that a list of three holds the right article it is worth showing; below that a person is.

A list is worth its reader's time when so many like it, among questions not answered alone, hold the right one as WORTH
says. The chance that the model gives says so only for the traffic it was fitted with, and nearly: how the two go
together is fitted to the phrasings held out (log odds to log odds), for each share of questions out of scope, about
what is usual, which is more careful. Where little was held out, no list needs less than that.

The trade: one list with the right article is worth four without. A customer who is shown the right one needs no person;
one who is not has three titles to read, and a person a tap away as before. What it does, on bases of 10 to 40 articles
with 1 to 8 phrasings (tenth to three tenths of the questions out of scope; for each hundred in scope), in the place of
WORTH .3 and LIST_AT .35, by which two and a third useless lists were worth one right:

| | solved | useless lists | of these in scope | worth it at 1 : 4 |
|---|---|---|---|---|
| BANKING77 (weights fitted without it) | 91.0 to 91.6 | 22.1 to 25.9 | 6.7 to 7.1 | -.3 |
| CLINC150 (weights fitted without it) | 91.4 to 93.0 | 16.3 to 21.3 | 2.1 to 2.7 | +.4 |
| securities in Chinese | 96.5 to 96.9 | 25.8 to 28.4 | 2.3 to 2.4 | -.3 |
| sample shop, both languages | 63.4 to 66.5, 74.3 to 76.0 | 41.8 to 49.3, 43.2 to 48.5 | +3.1, +1.8 | +1.2, +.4 |
| sample payments, both languages | 64.2 to 66.8, 71.9 to 73.0 | 49.4 to 56.1, 49.2 to 53.7 | +2.4, +1.5 | +1.0, .0 |

LIST_AT is what is best at this trade for the other six when one is left out: .22 to .26 for six of the seven, .16 for
BANKING77. Nine bases of 3 to 40 articles that somebody else wrote by hand (no bar was fitted to them, but they were
seen when the trade was settled): 130 instead of 122 of 159 questions solved, 9 instead of 7 useless lists in scope,
56 instead of 50 lists for 82 questions out of scope.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.calibration import FloatMatrix
from knowledge_base.regression import newton
from knowledge_base.traffic import LIST_AT

WORTH: Final = 0.2
"""Of five lists as unsure as the least sure, one holds the right article: reading them costs less than a person."""
_SPREAD: Final = np.array([0.25, 0.5])
# However well lists do with phrasings held out, these are all about the business: what nobody foresaw gathers among the
# least sure.
_LEAST, _MOST = WORTH, 0.95


def list_thresholds(
    log_odds: FloatMatrix,
    holds: NDArray[np.bool_],
    weights: Sequence[FloatMatrix],
    offset: FloatMatrix,
    least: float = _LEAST,
) -> tuple[float, ...]:
    """The chance a list needs, for the traffic of each of the weights, never lower for a later one, nor than `least`.

    Of questions not answered alone: the `log_odds` of the model, whether their list `holds` the right article, and
    log odds that each has beside (`offset`).
    """
    design = np.stack([log_odds, np.ones(len(log_odds))], axis=1)
    usual = np.array([1.0, _logit(WORTH) - _logit(LIST_AT)])
    found = []
    for weight in weights:
        fitted, _ = newton(design, holds, weight, usual, 1 / _SPREAD**2, offset)
        needed = (_logit(WORTH) - fitted[1]) / max(float(fitted[0]), 0.1)
        found.append(1 / (1 + np.exp(-needed)))
    return tuple(np.maximum.accumulate(np.clip(found, least, _MOST)).tolist())


def _logit(chance: float) -> float:
    return float(np.log(chance / (1 - chance)))
