"""What is known of words elsewhere: the table, and the spaces that use it."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.blocks import SUBJECTS, read
from knowledge_base.explaining import explain
from knowledge_base.features import idf_of
from knowledge_base.fitting import fit_space, rows_of
from knowledge_base.index import build_index
from knowledge_base.samples import load_sample
from knowledge_base.shared_words import SharedWords, dump_words, load_words, shared_words, words_for
from knowledge_base.storage import UnusableModel, dump, load

TABLE = SharedWords(
    "",
    1000,
    {"lost": 50, "misplac": 2, "card": 400, "weather": 60},
    {"lost": 0, "misplac": 1, "weather": 2},
    np.array([[1, 0, -0.2], [0.5, 0, 0.1], [-1, 2, 0]], np.float32),
)
TEXTS = ["I lost my card", "what is my balance", "misplaced it"]
WORDS = ["lost", "card", "misplaced", "weather", "balance", "zebra", "my", "!?"]


def test_a_table_is_read_back_as_written() -> None:
    found = load_words(dump_words(TABLE))

    assert (found.texts, found.counts, found.places) == (TABLE.texts, TABLE.counts, TABLE.places)
    np.testing.assert_allclose(found.subjects, TABLE.subjects, atol=2 / 254)
    assert found.name == load_words(dump_words(TABLE)).name != shared_words().name


def test_what_sounds_alike_lies_near() -> None:
    lost, misplaced, weather = (TABLE.sound_of(read(word, "en")) for word in ("lost", "misplaced", "weather"))

    assert lost @ misplaced > 0.9
    assert lost @ weather == 0
    assert TABLE.sound_of(read("zebra", "en")).tolist() == [0, 0, 0]


def test_the_projects_table_knows_paraphrases() -> None:
    table = shared_words()

    def alike(one: str, other: str) -> float:
        return float(table.sound_of(read(one, "en")) @ table.sound_of(read(other, "en")))

    assert alike("my card was stolen", "someone robbed me") > alike("my card was stolen", "book a table")
    assert table.idf("whether") < table.idf("overdraft")


def test_there_is_a_table_for_english_alone() -> None:
    assert words_for("en-GB") is words_for("en") is shared_words()
    assert words_for("de") is words_for("zh") is None


def test_a_words_worth_is_between_here_and_elsewhere() -> None:
    here, elsewhere = idf_of(1, 3, "card", None), TABLE.idf("card")

    assert here == pytest.approx(math.log(4 / 2) + 1)
    assert idf_of(1, 3, "card", TABLE) == pytest.approx(math.sqrt(here * elsewhere))


@given(st.lists(st.sampled_from(WORDS), max_size=10).map(" ".join))
def test_served_vectors_equal_learned_rows(text: str) -> None:
    space, rows = fit_space([*TEXTS, text], "alphabetic", "en", TABLE)
    served = rows_of(space, [read(each, "en") for each in [*TEXTS, text]])

    np.testing.assert_allclose(served.toarray(), rows.toarray(), atol=1e-6)
    sound = rows[-1, space.blocks[-1].offset :].toarray().ravel()
    expected = TABLE.sound_of(read(text, "en")) * math.sqrt(SUBJECTS.share)
    np.testing.assert_allclose(sound, expected, atol=1e-6)


def test_what_words_add_explains_the_whole_score() -> None:
    index = build_index(load_sample("shop_en")[:10], gather_evidence=False)
    [shelf] = index.shelves.values()
    reading = read("when will my parcel get here", "en")

    told = explain(shelf, reading, "when will my parcel get here")

    best = shelf.keys.index(told.decision.matches[0].article_key)
    assert shelf.space.shared is shared_words()
    assert sum(part.weight for part in told.for_best) == pytest.approx(
        told.decision.matches[0].score - shelf.model.bias[best], abs=1e-3
    )


def test_a_model_of_other_words_is_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    stored = dump(build_index(load_sample("shop_en")[:4], gather_evidence=False))
    other = load_words(dump_words(TABLE))
    monkeypatch.setattr("knowledge_base.storage.shared_words", lambda: other)

    with pytest.raises(UnusableModel, match="other shared words"):
        load(stored)
