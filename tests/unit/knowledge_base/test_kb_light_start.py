"""Answering needs none of the libraries that training does."""

import json
import subprocess
import sys

import pytest
from nltk.stem.snowball import SnowballStemmer

from knowledge_base.index import build_index
from knowledge_base.samples import load_sample
from knowledge_base.storage import dump
from knowledge_base.text import stem

WORDS = (
    "arrives",
    "payments",
    "generously",
    "skies",
    "dying",
    "häuser",
    "corriendo",
    "finalement",
    "a",
    "x1",
)
HEAVY = {"sklearn", "scipy", "pandas", "nltk", "threadpoolctl", "joblib"}
ANSWERS = """
import json, sys
from knowledge_base.storage import load
index = load(sys.stdin.buffer.read())
kind = index.decide("when will my parcels be arriving").kind
print(json.dumps([kind, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


@pytest.mark.parametrize(("language", "name"), [("en", "english"), ("de", "german"), ("fr", "french")])
def test_stems_are_those_of_nltk(language: str, name: str) -> None:
    stemmer = SnowballStemmer(name)
    assert [stem(word, language) for word in WORDS] == [stemmer.stem(word) for word in WORDS]


def test_a_stored_index_answers_without_what_trained_it() -> None:
    shop = dump(build_index(load_sample("shop_en"), gather_evidence=False))
    done = subprocess.run([sys.executable, "-c", ANSWERS], input=shop, capture_output=True, check=True)
    kind, modules = json.loads(done.stdout)
    assert kind in ("answer", "suggest", "unknown")
    assert not HEAVY & set(modules)
