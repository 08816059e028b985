"""A stored index answers as the one that was built, and damage is refused with what to do."""

import io
import json

import numpy as np
import pytest

from knowledge_base.index import KnowledgeIndex, build_index
from knowledge_base.samples import load_sample
from knowledge_base.storage import FORMAT, UnusableModel, dump, load

TEXTS = ["how do I open an account", "怎么开户", "fees abroad", "weather tomorrow", "", "怎么取消自动扣款"]


@pytest.fixture(scope="module")
def index() -> KnowledgeIndex:
    return build_index([*load_sample("payments_en"), *load_sample("payments_zh")])


def test_a_stored_index_decides_the_same(index: KnowledgeIndex) -> None:
    restored = load(dump(index))

    assert restored.decide_many(TEXTS) == index.decide_many(TEXTS)
    assert [restored.explain(text) for text in TEXTS] == [index.explain(text) for text in TEXTS]
    assert dump(restored) == dump(index)


def test_an_empty_index_is_stored_too() -> None:
    assert load(dump(build_index([]))).search("anything") == []


def other_format() -> bytes:
    out = io.BytesIO()
    header = json.dumps({"format": FORMAT + 1, "shelves": {}}).encode()
    np.savez(out, index=np.frombuffer(header, np.uint8))
    return out.getvalue()


def pickled() -> bytes:
    out = io.BytesIO()
    np.savez(out, index=np.array([{"format": FORMAT}], dtype=object))
    return out.getvalue()


@pytest.mark.parametrize(
    "data",
    [b"", b"not a model", b"PK\x03\x04broken", other_format(), pickled()],
    ids=["empty", "text", "broken", "other format", "pickled"],
)
def test_what_is_no_model_is_refused(data: bytes) -> None:
    with pytest.raises(UnusableModel, match="build"):
        load(data)


def test_a_cut_model_is_refused(index: KnowledgeIndex) -> None:
    data = dump(index)

    with pytest.raises(UnusableModel, match="build"):
        load(data[: len(data) // 2])
