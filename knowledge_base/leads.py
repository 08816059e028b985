"""What words, word pairs, characters and subjects each say alone: where they agree, an answer is seldom wrong.

On knowledge bases drawn from BANKING77's, CLINC150's and the Chinese articles.csv with 3 to 10 phrasings an article,
weights fitted on two sets and measured on the third, 53 % of the questions instead of 44 % can be answered
at 2 % wrong when confidence looks at the blocks apart.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from knowledge_base.features import FeatureSpace, FloatArray, Vectors
from knowledge_base.kernels import rows_by_matrix
from knowledge_base.training import LinearModel

MOST_LEAD: Final = 8.0


def parts_of_rows(space: FeatureSpace, model: LinearModel, rows: Any) -> FloatArray:
    """What each block adds to the decision values of CSR rows: texts × blocks × classes, without the bias."""
    parts = np.zeros((rows.shape[0], len(space.blocks), len(model.bias)), np.float32)
    for place, (first, last) in enumerate(_extents(space)):
        parts[:, place] = rows[:, first:last] @ model.weights[first:last]
    return parts


def parts_of(model: LinearModel, vectors: Vectors) -> FloatArray:
    """`parts_of_rows` for vectors."""
    parts = rows_by_matrix(vectors.bounds, vectors.ids, vectors.weights, model.weights)
    return parts.reshape(-1, vectors.blocks, len(model.bias))


def alone(space: FeatureSpace, model: LinearModel, parts: FloatArray, sharpness: float) -> FloatArray:
    """Decision values, texts × blocks × classes, had each block been the whole vector; times `sharpness`."""
    values = parts * (np.float32(sharpness) / space.shares[:, None])
    values += model.bias * np.float32(sharpness)
    return values


def leads_of(values: FloatArray, articles: Sequence[int], in_scope: int) -> list[tuple[float, ...]]:
    """By how much each kind of feature, `alone`, prefers the text's article to any other of the `in_scope`.

    `values`: texts × blocks × classes; `articles`: one for each text. Where a kind is missing, its words count:
    Chinese words are characters here.
    """
    if in_scope < 2 or not values.shape[1]:
        return [(MOST_LEAD,) * 4] * len(values)
    top = np.partition(values[:, :, :in_scope], in_scope - 2, axis=2)[:, :, in_scope - 2 :].tolist()
    own = [text[:, article].tolist() for text, article in zip(values, articles, strict=True)]
    return list(map(_leads, own, top))


def _leads(own: Sequence[float], top: Sequence[Sequence[float]]) -> tuple[float, ...]:
    """Of one text: its article's value by each kind, and each kind's second and first."""
    found = []
    for value, (second, first) in zip(own, top, strict=True):
        # Whoever is first is compared with the second, everyone else with the first.
        lead = value - (second if value >= first else first)
        found.append(MOST_LEAD if lead > MOST_LEAD else max(lead, -MOST_LEAD))
    return (*found, *found[:1] * 4)[:4]


def _extents(space: FeatureSpace) -> list[tuple[int, int]]:
    return [(fitted.offset, fitted.offset + len(fitted.vocabulary)) for fitted in space.blocks]
