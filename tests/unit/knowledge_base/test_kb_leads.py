"""What each block says alone: sums to the model's decision values, and compares the right articles."""

import numpy as np
import pytest

from knowledge_base.blocks import read
from knowledge_base.fitting import rows_of
from knowledge_base.index import build_index
from knowledge_base.leads import MOST_LEAD, leads_of, parts_of, parts_of_rows
from knowledge_base.samples import load_sample

TEXTS = ("where is my parcel", "zzz", "", "money back please", "Wo ist 我的包裹?")


@pytest.mark.parametrize(("sample", "script"), [("shop_en", "alphabetic"), ("shop_zh", "cjk")])
def test_parts_add_up_to_the_decision_values_in_either_form(sample: str, script: str) -> None:
    index = build_index(load_sample(sample)[:8], gather_evidence=False)
    shelf = index.shelves[script]  # type: ignore[index]  # a literal, from the table above
    readings = [read(text, shelf.space.language) for text in TEXTS]
    rows = rows_of(shelf.space, readings)

    from_rows = parts_of_rows(shelf.space, shelf.model, rows)
    from_vectors = parts_of(shelf.model, shelf.space.vectors(readings))

    assert np.allclose(from_rows.sum(axis=1) + shelf.model.bias, shelf.model.scores(rows), atol=1e-5)
    assert np.allclose(from_rows, from_vectors, atol=1e-5)


@pytest.mark.parametrize(
    ("values", "article", "in_scope", "expected"),
    [
        ([[3, 1, 2], [1, 2, 0], [5, 5, 5]], 0, 3, (1, -1, 0, 1)),
        ([[3, 1, 9], [1, 2, 9], [5, 0, 9]], 0, 2, (2, -1, 5, 2)),  # the last column is the background
        ([[90, 1], [-90, 2], [0, 1]], 0, 2, (MOST_LEAD, -MOST_LEAD, -1, MOST_LEAD)),
        ([[4, 1], [1, 2]], 0, 2, (3, -1, 3, 3)),  # without characters and subjects, words speak for them
        ([[4, 1]], 0, 2, (3, 3, 3, 3)),
        ([[4, 1], [1, 2], [0, 1], [9, 2]], 0, 2, (3, -1, -1, 7)),
        ([[2, -np.inf], [1, -np.inf], [0, -np.inf]], 0, 2, (MOST_LEAD,) * 4),
        ([[4], [1], [1]], 0, 1, (MOST_LEAD,) * 4),
    ],
)
def test_the_lead_is_over_the_best_of_the_others(
    values: list[list[float]], article: int, in_scope: int, expected: tuple[float, ...]
) -> None:
    assert leads_of(np.array([values], np.float32), [article], in_scope) == [pytest.approx(expected)]
