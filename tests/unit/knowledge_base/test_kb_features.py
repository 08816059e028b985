"""Own vectors and scores against scikit-learn's, which trained them."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.feature_extraction.text import TfidfVectorizer

from knowledge_base import features
from knowledge_base.blocks import BLOCKS, read
from knowledge_base.features import FeatureSpace
from knowledge_base.fitting import fit_space, rows_of
from knowledge_base.text import Script

CORPUS: dict[Script, list[str]] = {
    "alphabetic": [
        "where is my card",
        "my card has not arrived, where is it?",
        "how do I top up my account",
        "top up by card top up by bank",
        "refund my payment please",
    ],
    "cjk": ["怎么取消订单", "订单取消不了", "怎么退款", "退款退款什么时候到", "level2怎么开"],
}


def reference(script: Script, texts: list[str], asked: list[str]) -> np.ndarray:
    """The same features by scikit-learn's own transform."""
    parts = []
    for block in BLOCKS[script]:
        vectoriser = TfidfVectorizer(analyzer=block.features, sublinear_tf=True)
        vectoriser.fit([read(text, "en") for text in texts])
        rows = vectoriser.transform([read(text, "en") for text in asked]).toarray()
        parts.append(rows * math.sqrt(block.share))
    return np.hstack(parts)


SPACES = {script: fit_space(texts, script, "en")[0] for script, texts in CORPUS.items()}


def dense(space: FeatureSpace, text: str) -> np.ndarray:
    vector = space.vector(read(text, "en"))
    values = np.zeros(space.size)
    np.add.at(values, vector.ids, vector.weights)
    return values


WORDS: dict[Script, list[str]] = {
    "alphabetic": ["card", "card", "my", "where", "refund", "tops", "zebra", "i", "!?"],
    "cjk": ["订单", "取消", "退", "款", "怎么", "level2", "猫"],
}


@pytest.mark.parametrize("script", ["alphabetic", "cjk"])
@given(data=st.data())
def test_a_vector_equals_scikit_learns_row(script: Script, data: st.DataObject) -> None:
    text = " ".join(data.draw(st.lists(st.sampled_from(WORDS[script]), max_size=12)))

    [expected] = reference(script, CORPUS[script], [text])

    np.testing.assert_allclose(dense(SPACES[script], text), expected, atol=1e-6)


@pytest.mark.parametrize("script", ["alphabetic", "cjk"])
@given(data=st.data())
def test_many_texts_and_remembered_words_change_no_vector(script: Script, data: st.DataObject) -> None:
    words = st.lists(st.sampled_from([*WORDS[script], "x" * 60]), max_size=8).map(" ".join)
    readings = [read(text, "en") for text in data.draw(st.lists(words, min_size=1, max_size=5))]
    warm = SPACES[script]
    cold = FeatureSpace(warm.script, warm.language, warm.blocks, warm.text_count)

    together = list(warm.vectors(readings).each())

    assert len(together) == len(readings)
    for reading, vector in zip(readings, together, strict=True):
        for alone in (warm.vector(reading), cold.vector(reading)):
            np.testing.assert_array_equal(vector.ids, alone.ids)
            np.testing.assert_array_equal(vector.weights, alone.weights)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "_WORD_CACHE_SIZE", 50)
    warm = SPACES["alphabetic"]
    space = FeatureSpace(warm.script, warm.language, warm.blocks, warm.text_count)

    for number in range(200):
        space.vector(read(f"card{number} {'long' * 20}{number}", "en"))

    assert len(space._words) <= 50
    assert max(map(len, space._words)) <= 40


def test_learned_rows_equal_served_vectors() -> None:
    for script, texts in CORPUS.items():
        space, rows = fit_space(texts, script, "en")
        served = rows_of(space, [read(text, "en") for text in texts])
        np.testing.assert_allclose(served.toarray(), rows.toarray(), atol=1e-6)


def test_an_unseen_word_tells_the_most() -> None:
    space = SPACES["alphabetic"]

    common, rare, unseen = space.word_idf("card"), space.word_idf("refund"), space.word_idf("zebra")

    assert common[0] < rare[0] < unseen[0]
    assert [common[1], rare[1], unseen[1]] == [True, True, False]
