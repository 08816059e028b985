"""From which chance on that a list of three holds the right article it is worth showing; below that a person is.

A list is worth its reader's time when so many like it, among questions not answered alone, hold the right one as WORTH
says. The chance that the model gives says so only for the traffic it was fitted with, and nearly: how the two go
together is fitted to the phrasings held out (log odds to log odds), for each share of questions out of scope, about
what is usual, which is more careful. Where little was held out, no list needs less than that.

On one resplit of each, in the place of a constant .35: BANKING77 with 5 and 10 phrasings an article .33 and .31, solved
84.1 and 91.2 % of the questions instead of 83.6 and 91.0; CLINC150 .33, 97.6 instead of 97.5 %, and 56 lists in the
place of 55 for its 200 questions out of scope. Where the traffic shows 60 % out of scope it is .74 there: 10 lists, and
93.6 % solved.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from knowledge_base.calibration import FloatMatrix
from knowledge_base.regression import newton
from knowledge_base.traffic import LIST_AT

WORTH: Final = 0.3
"""Of ten lists as unsure as the least sure, three hold the right article: reading them costs less than a person."""
_SPREAD: Final = np.array([0.25, 0.5])
# However well lists do with phrasings held out, these are all about the business: what nobody foresaw gathers among the
# least sure. (With ten articles of three phrasings nonsense had lists at .2, and none at .35.)
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
