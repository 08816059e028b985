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
from typing import Any, Final

import numpy as np

from knowledge_base.calibration import FloatMatrix
from knowledge_base.training import Method

FILES: Final = {False: "shared_calibration.json", True: "shared_calibration_semantic.json"}
"""Without word vectors, and with them."""


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


@lru_cache(maxsize=2)
def coefficients(*, semantic: bool = False) -> Mapping[str, Any]:
    """The project's own."""
    loaded: dict[str, Any] = json.loads(files("knowledge_base").joinpath(FILES[semantic]).read_text("utf-8"))
    return loaded
