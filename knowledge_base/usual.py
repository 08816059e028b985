"""What the calibrations of knowledge bases have in common: where one starts that has little evidence of its own.

The weights are made by `python -m benchmarks.shared_calibration` from hundreds of small knowledge bases drawn
from BANKING77 (Casanueva et al. 2020, CC BY 4.0) and CLINC150 (Larson et al. 2019, CC BY 3.0).
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final, Literal

import numpy as np

from knowledge_base.calibration import FloatMatrix
from knowledge_base.training import Method

Known = Literal["words", "meanings", "nothing"]
FILES: Final[Mapping[Known, str]] = MappingProxyType(
    {
        "words": "shared_calibration.json",
        "meanings": "shared_calibration_semantic.json",
        "nothing": "shared_calibration_unknown.json",
    }
)
"""By what is known of a language beforehand: what its words are worth, their meanings, too, or nothing at all.

Where nothing is, "what does it cost" weighs like a subject: near a phrasing means less, unknown words mean more. On
knowledge bases of 8 to 60 articles with 2 to 8 phrasings, drawn from BANKING77's and CLINC150's articles.csv as if
nothing were known of English, fitted on one set and measured on the other, 1.0 to 2.6 % of the answers are wrong with
"nothing" in the place of 1.6 to 3.4 % with "words", and of a hundred questions about something else 20 to 54 get a list
in the place of 64 to 83. Of a hundred questions in scope 1 to 9 fewer are answered alone, and 1 to 6 fewer solved.
"""


@dataclass(frozen=True, slots=True)
class Size:
    """How much a model learned from: mean texts an article, articles, and by which method."""

    texts_per_article: float
    articles: int
    method: Method

    def terms(self) -> FloatMatrix:
        """What each weight is a linear function of."""
        texts, articles = math.log(max(self.texts_per_article, 1.0)), math.log(max(self.articles, 1))
        return np.array([1.0, texts, articles, float(self.method == "hinge")])


@dataclass(frozen=True, slots=True)
class Usual:
    """Logistic weights (bias last) that are usual at a size.

    `margin`: how many times as often as the budget allows the least sure answer may be wrong, because the
    surer ones make up for it.
    """

    first: FloatMatrix
    listed: FloatMatrix
    margin: float


def usual_at(size: Size, shared: Mapping[str, Any] | None = None) -> Usual:
    """The usual calibration of a knowledge base of this size, by the project's coefficients or by others."""
    shared, terms = shared or coefficients(), size.terms()
    first, listed = (_not_negative(np.array(shared[name]) @ terms) for name in ("first", "listed"))
    return Usual(first, listed, max(1.0, float(np.array(shared["margin"]) @ terms[:2])))


@dataclass(frozen=True, slots=True)
class Apartness:
    """By how many log odds phrasings held out are `harder` to guess than questions of the same signals.

    Whoever writes phrasings to differ leaves each without a like; customers repeat each other. It is taken
    low, by the `deviation` that the fit leaves.
    """

    harder: float
    deviation: float


def apartness(kinship: float, shared: Mapping[str, Any] | None = None) -> Apartness:
    """That of phrasings of this kinship; fitted on phrasings drawn at random and drawn to differ."""
    level, slope, deviation = (shared or coefficients())["harder"]
    harder = max(0.0, slope * (level - kinship) - deviation)
    return Apartness(harder, deviation if harder else 0.0)


def _not_negative(weights: FloatMatrix) -> FloatMatrix:
    return np.append(np.maximum(weights[:-1], 0), weights[-1])


@lru_cache(maxsize=3)
def coefficients(known: Known = "words") -> Mapping[str, Any]:
    """The project's own."""
    loaded: dict[str, Any] = json.loads(files("knowledge_base").joinpath(FILES[known]).read_text("utf-8"))
    return loaded
