"""What only one or two people wrote in a log leaves nothing in a model."""

from typing import Any

import numpy as np
import pytest

from knowledge_base import building
from knowledge_base.articles import Article
from knowledge_base.blocks import read
from knowledge_base.evidence import without_unseen
from knowledge_base.features import FeatureSpace
from knowledge_base.fitting import fit_space, rows_of
from knowledge_base.hearsay import LEAST_PEOPLE, heard, people_with
from knowledge_base.index import build_index
from knowledge_base.logs import Said, said_once
from knowledge_base.storage import dump

TAUGHT = ["where is my parcel", "what does it cost"]
LOG = [
    Said("where is my shipment", (1,)),
    Said("shipment where", (2,)),
    Said("has my shipment left", (2, 3)),
    Said("zerbinetta zerbinetta where is it", (4,)),
    Said("zerbinetta again", (4,)),
    Said("zerbinetta once more", (4,)),
    Said("cost of parcel xanadu", (5,)),
]


@pytest.fixture
def space_and_rows() -> tuple[FeatureSpace, Any]:
    return fit_space([*TAUGHT, *(said.text for said in LOG)], "alphabetic", "en")


def test_people_are_counted_once_each(space_and_rows: tuple[FeatureSpace, Any]) -> None:
    space, rows = space_and_rows
    counts = people_with(rows[len(TAUGHT) :], [said.askers for said in LOG])
    of = {word: counts[space.words[word]] for word in ("shipment", "zerbinetta", "where", "xanadu")}
    assert of == {"shipment": 3, "zerbinetta": 1, "where": 3, "xanadu": 1}


def test_what_too_few_used_is_unknown_and_what_is_taught_stays(
    space_and_rows: tuple[FeatureSpace, Any],
) -> None:
    known = heard(*space_and_rows, len(TAUGHT), [said.askers for said in LOG])
    assert LEAST_PEOPLE == 3
    assert "shipment" in known.space.words
    assert not {"zerbinetta", "xanadu"} & set(known.space.words)
    assert {"parcel", "cost"} <= set(known.space.words)
    assert {"shipment", "where"} <= known.words
    # One person's words are known of the articles, but nobody else's log tells them.
    assert not {"parcel", "cost"} & known.words
    terms = [term for block in known.space.blocks for term in block.vocabulary]
    assert not [term for term in terms if "zerb" in term or "xana" in term]


def test_the_rows_are_those_that_the_smaller_space_gives(space_and_rows: tuple[FeatureSpace, Any]) -> None:
    known = heard(*space_and_rows, len(TAUGHT), [said.askers for said in LOG])
    texts = [*TAUGHT, *(said.text for said in LOG)]
    served = rows_of(known.space, [read(text, "en") for text in texts])
    assert served.shape == known.rows.shape
    np.testing.assert_allclose(served.toarray(), known.rows.toarray(), atol=1e-6)
    everything = np.arange(known.space.size)
    np.testing.assert_allclose(
        without_unseen(known.space, served, everything).toarray(), served.toarray(), atol=1e-6
    )


def test_no_text_and_nobodys_own_word_of_a_log_is_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "is_better", lambda logged, plain: True)  # whatever it is worth here
    articles = [
        Article("parcel", "Parcel", ("where is my parcel", "track my order", "has it been sent"), "a"),
        Article("price", "Price", ("what does it cost", "how much is it", "your prices please"), "a"),
    ]
    index = build_index(articles, log=LOG)
    stored = dump(index).decode("latin-1")
    assert index.learned_from_log == len(LOG)
    assert "shipment" in stored
    assert "zerb" not in stored
    assert "xana" not in stored
    texts = {text for shelf in index.shelves.values() for text in shelf.rows.texts}
    assert not texts & {said.text for said in LOG}


def test_each_wording_is_kept_once_with_all_who_used_it() -> None:
    log = [("Where IS it", 7), ("where is it?", 3), ("where is it", 7), ("?!", 1), ("how much", 1)]
    assert said_once(log, ["How much?"]) == [Said("Where IS it", (3, 7))]
