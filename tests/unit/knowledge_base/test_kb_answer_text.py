"""A little of the answers is learned: what is read of them, and what it is worth."""

import dataclasses

import numpy as np
import pytest

from knowledge_base.answer_text import (
    ENOUGH_PHRASINGS,
    MOST_SENTENCES,
    sentences,
    taught_by_answer,
    telling_sentences,
)
from knowledge_base.articles import Article
from knowledge_base.examples import examples_by_script
from knowledge_base.fingerprints import article_fingerprint
from knowledge_base.index import build_index
from knowledge_base.samples import load_sample

RETURNS = Article(
    "returns",
    "How do I send something back?",
    ("I want to return my order", "can I give it back"),
    "Print the label from your account. The courier collects the parcel at your doorstep.",
)
VOUCHERS = Article(
    "vouchers",
    "My voucher does not work",
    ("the code is refused", "discount code error"),
    "A voucher runs out after twelve months. It cannot be combined with a sale.",
)


def test_an_answer_is_read_sentence_by_sentence_without_blanks_and_links() -> None:
    answer = "Hello {customer.first_name|there}! See https://shop.example/way for it.\nCall us\n\n"
    answer += "您好。三天内送达；免运费！"

    assert sentences(answer) == ["See for it.", "Call us", "您好。", "三天内送达；", "免运费！"]


def test_of_a_long_answer_only_the_first_sentences_are_read() -> None:
    answer = " ".join(f"Point number {number}." for number in range(50))

    assert sentences(answer) == [f"Point number {number}." for number in range(MOST_SENTENCES)]


def test_what_several_answers_say_tells_nothing_of_any() -> None:
    answers = ["Pay by card. Any questions? Just ask us.", "Pay by cash. any questions? JUST ask us!", ""]
    articles = [dataclasses.replace(RETURNS, answer=answer) for answer in answers]

    assert telling_sentences(articles) == [["Pay by card."], ["Pay by cash."], []]


@pytest.mark.parametrize("answer", ["card_arrival", "card arrival", "Where is my card?", "has it been sent"])
def test_what_the_article_says_elsewhere_is_learned_once(answer: str) -> None:
    article = Article("card_arrival", "Where is my card?", ("has it been sent?",), answer)

    assert taught_by_answer(article) == []


def test_where_phrasings_are_many_the_answer_is_not_needed() -> None:
    enough = tuple(f"way {number} of asking" for number in range(ENOUGH_PHRASINGS))
    many = dataclasses.replace(RETURNS, phrasings=(*enough, "one more"))

    assert taught_by_answer(dataclasses.replace(RETURNS, phrasings=enough)) == sentences(RETURNS.answer)
    assert taught_by_answer(many) == []
    other = dataclasses.replace(many, answer="Something else.")
    assert article_fingerprint(other) == article_fingerprint(many)


def test_a_question_in_words_that_only_the_answer_has_is_understood() -> None:
    index = build_index((RETURNS, VOUCHERS))

    for text, key in (("does the courier come to my doorstep?", "returns"), ("twelve months", "vouchers")):
        decision = index.decide(text)
        assert decision.kind != "unknown"
        assert decision.matches[0].article_key == key


def test_answers_teach_in_the_script_they_are_written_in() -> None:
    both = dataclasses.replace(RETURNS, answer="Print the label. 请打印标签。")
    found = examples_by_script((both, VOUCHERS), titles=True)

    assert set(found) == {"alphabetic"}
    assert [each.text for each in found["alphabetic"].told if each.label == 0] == ["Print the label."]


def test_an_answer_is_no_phrasing() -> None:
    index = build_index((RETURNS, VOUCHERS))
    told = sentences(RETURNS.answer)[0]

    assert index.decide(told).reason != "exact_phrasing"
    shelf = index.shelves["alphabetic"]
    assert told not in shelf.rows.texts


def test_what_teaches_differently_is_learned_anew() -> None:
    other = dataclasses.replace(RETURNS, answer=RETURNS.answer.replace("courier", "neighbour"))
    tagged = dataclasses.replace(RETURNS, tags=("orders",))

    assert article_fingerprint(other) != article_fingerprint(RETURNS)
    assert article_fingerprint(tagged) == article_fingerprint(RETURNS)


def test_phrasings_nobody_learned_are_guessed_better_with_the_answers() -> None:
    """Of the samples' own phrasings: their questions only measure."""
    right = {True: 0, False: 0}
    for name in ("shop_en", "payments_zh"):
        learned, asked = [], []
        for article in load_sample(name):
            learned.append(dataclasses.replace(article, phrasings=article.phrasings[:3]))
            asked += [(text, article.key) for text in article.phrasings[3:8]]
        for has_answers in right:
            answer = {} if has_answers else {"answer": "See the shop."}
            articles = [dataclasses.replace(article, **answer) for article in learned]
            index = build_index(articles, gather_evidence=False)
            found = index.decide_many([text for text, _ in asked])
            keys = [each.matches[0].article_key if each.matches else "" for each in found]
            right[has_answers] += int(np.sum([key == own for key, (_, own) in zip(keys, asked, strict=True)]))

    assert right[True] > 1.15 * right[False]
