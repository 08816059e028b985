"""How words sound: anger and content told apart in both languages, and against what people said of 3,708 reviews."""

import csv
from pathlib import Path

import pytest

from crm_store.mood import mood, mood_of

TRUTH = (
    Path(__file__).parents[3].parent / "shared" / "data" / "vader_gt" / "amazonReviewSnippets_GroundTruth.txt"
)


@pytest.mark.parametrize("text", [
    "This is a SCAM!!!", "nobody answers, this is ridiculous", "I am very disappointed", "it is not good",
    "我要投诉，太过分了", "你们骗人！", "还没收到，着急", "不满意",
])  # fmt: skip
def test_anger(text: str) -> None:
    assert mood(text) < 0


@pytest.mark.parametrize("text", ["thanks, that is perfect", "it is not bad", "谢谢，很满意", "太好了！"])
def test_content(text: str) -> None:
    assert mood(text) > 0


@pytest.mark.parametrize(
    "text", ["", "where is my order 1234?", "我的订单在哪里", "🙂", "never mind the colour"[6:]]
)
def test_what_tells_nothing(text: str) -> None:
    assert mood(text) == 0


def test_louder_is_stronger_and_nothing_leaves_the_scale() -> None:
    assert mood("THIS IS A SCAM!!!") < mood("this is a scam!") < mood("this is a scam")
    assert -1 < mood("scam " * 1000) < -0.9


def test_the_last_words_count_most() -> None:
    assert mood_of(["this is awful, a scam", "ah, found it, perfect, thanks, great"]) > 0
    assert mood_of(["perfect, thanks, great", "no, this is awful, a scam"]) < 0
    assert mood_of([]) == mood_of(["where is it?"]) == 0


def test_people_agree_on_the_sign() -> None:
    """Valence of Amazon reviews as raters saw it (Hutto and Gilbert, ICWSM 2014)."""
    if not TRUTH.exists():
        pytest.skip("the ratings of vader_gt are not here")
    with TRUTH.open(encoding="latin-1", newline="") as file:
        rows = [
            (float(row[1]), mood(row[-1])) for row in csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        ]
    told = [(rated, found) for rated, found in rows if found]
    assert len(told) > 1000
    assert sum((rated > 0) == (found > 0) for rated, found in told) / len(told) > 0.8
