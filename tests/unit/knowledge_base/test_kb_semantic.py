"""Word vectors, the optional extra: what they add, and what becomes of a model of theirs where they are missing."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base import semantic
from knowledge_base.blocks import MEANINGS, read
from knowledge_base.explaining import explain
from knowledge_base.fitting import fit_space, rows_of
from knowledge_base.index import build_index
from knowledge_base.policy import USUAL, Policy
from knowledge_base.samples import load_sample
from knowledge_base.semantic import SemanticMissing, word_vectors
from knowledge_base.shared_words import MEANING, shared_words, words_for, words_with_meanings
from knowledge_base.storage import UnusableModel, dump, load

MEANT = Policy(semantic=True)
TEXTS = ["I lost my card", "what is my balance", "misplaced it"]
WORDS = ["lost", "card", "misplaced", "blizzard", "balance", "zqxv", "my", "!?"]


@pytest.fixture
def not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for cached in (word_vectors, words_with_meanings):
        cached.cache_clear()
    monkeypatch.setattr(semantic, "find_spec", lambda name: None)


def alike(one: str, other: str) -> float:
    vectors = word_vectors()
    return float(vectors.meaning_of(read(one, "en").tokens) @ vectors.meaning_of(read(other, "en").tokens))


@pytest.mark.parametrize(
    ("asked", "meant", "not_meant"),
    [
        ("parcel", "package", "refund"),
        ("where is my parcel", "my package has not arrived", "how do I return a sofa"),
        ("my money back please", "refund my payment", "where is the shop"),
    ],
)
def test_words_of_like_meaning_lie_near(asked: str, meant: str, not_meant: str) -> None:
    assert alike(asked, meant) > alike(asked, not_meant)


def test_a_meaning_has_length_one_or_none() -> None:
    assert np.linalg.norm(word_vectors().meaning_of(["card"])) == pytest.approx(1)
    assert not word_vectors().meaning_of([]).any()


def test_english_alone_has_meanings() -> None:
    found = words_for("en-US", semantic=True)
    assert found is not None
    assert found.vectors is not None
    assert found.vectors.name == word_vectors().name
    assert words_for("zh", semantic=True) is None
    assert shared_words().vectors is None


@given(st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join))
def test_served_vectors_equal_learned_rows(text: str) -> None:
    words = words_with_meanings()
    space, rows = fit_space([*TEXTS, text], "alphabetic", "en", words)
    served = rows_of(space, [read(each, "en") for each in [*TEXTS, text]])

    np.testing.assert_allclose(served.toarray(), rows.toarray(), atol=1e-6)
    sound = rows[-1, space.blocks[-1].offset :].toarray().ravel()
    meaning = sound[words.subjects.shape[1] :]
    wanted = word_vectors().meaning_of(read(text, "en").tokens) * math.sqrt(MEANINGS.share)
    has_subjects = bool(sound[: words.subjects.shape[1]].any())
    np.testing.assert_allclose(meaning, wanted * (math.sqrt(MEANING) if has_subjects else 1), atol=1e-6)


def test_a_paraphrase_without_a_word_in_common_finds_its_article() -> None:
    articles = load_sample("shop_en")
    question = "my package never showed up"
    plain, meant = (build_index(articles, policy, gather_evidence=False) for policy in (USUAL, MEANT))
    assert meant.search(question)[0].confidence > plain.search(question)[0].confidence


def test_what_words_add_explains_the_whole_score() -> None:
    index = build_index(load_sample("shop_en")[:10], MEANT, gather_evidence=False)
    [shelf] = index.shelves.values()

    question = "when will my parcel get here"
    told = explain(shelf, read(question, "en"), question)

    best = shelf.keys.index(told.decision.matches[0].article_key)
    assert shelf.space.shared is not None
    assert shelf.space.shared.vectors is not None
    assert sum(part.weight for part in told.for_best) == pytest.approx(
        told.decision.matches[0].score - shelf.model.bias[best], abs=1e-3
    )


def test_a_stored_model_decides_the_same() -> None:
    index = build_index(load_sample("shop_en")[:10], MEANT, gather_evidence=False)
    questions = ["my package never showed up", "pay with paypal", "blizzard"]
    assert load(dump(index)).decide_many(questions) == index.decide_many(questions)


def test_chinese_does_without() -> None:
    articles = load_sample("shop_zh")[:6]
    plain, same = (build_index(articles, policy, gather_evidence=False) for policy in (USUAL, MEANT))
    assert same.decide("怎么退货") == plain.decide("怎么退货")


@pytest.mark.usefixtures("not_installed")
def test_without_the_extra_it_is_said_what_to_install() -> None:
    with pytest.raises(SemanticMissing, match=r"frontdesk\[semantic\]"):
        build_index(load_sample("shop_en")[:4], MEANT, gather_evidence=False)


def test_a_model_with_meanings_is_no_use_without_the_extra(
    monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    stored = dump(build_index(load_sample("shop_en")[:4], MEANT, gather_evidence=False))
    request.getfixturevalue("not_installed")

    with pytest.raises(UnusableModel, match="build anew"):
        load(stored)
