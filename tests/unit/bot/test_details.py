"""Questions that name nothing, after an answer: they ask for a detail of what it was about."""

import pytest

from benchmarks.conversation_sense import DETAILS_BARS, measure_details
from bot.details import asks_detail


@pytest.mark.parametrize(
    "text",
    [
        "how much?", "How long does that take", "until when", "from what age?", "on Sundays?", "is it free?",
        "wie viel?", "und was kostet das", "ab welchem Alter?", "bis wann?",
        "¿cuánto cuesta?", "¿a partir de qué hora?", "cada cuánto",
        "c'est combien ?", "jusqu'à quand", "quel est le prix ?",
        "多少钱？", "最晚几点", "要多久", "免费吗",
    ],
)  # fmt: skip
def test_general_words_that_ask_are_a_detail(text: str) -> None:
    assert asks_detail(text)


@pytest.mark.parametrize(
    "text",
    [
        "no", "not now", "yes please", "how much is the deposit", "invoice?", "where can I park?", "nein", "doch nicht",
        "wie viel kostet der Anhänger", "no, ahora no",
        "cuánto cuesta el garaje", "pas maintenant", "combien coûte le four",
        "不", "好的", "发票呢", "怎么付款", "", "?", "123",
    ],
)  # fmt: skip
def test_what_asks_nothing_or_names_something_is_none(text: str) -> None:
    assert not asks_detail(text)


def test_a_long_row_of_words_is_read_fast_and_is_none() -> None:
    assert not asks_detail("how much " * 500)
    assert not asks_detail("多少钱" * 2_000 + "发票")


def test_the_cases_of_five_languages_that_were_held_back() -> None:
    figures = measure_details(held_back=True)
    for bar in DETAILS_BARS:
        assert bar.holds(figures[bar.name]["bot"]), (bar, figures)
