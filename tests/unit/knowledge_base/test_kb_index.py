"""Searching, deciding and explaining, from no article to several languages."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.articles import Article
from knowledge_base.blocks import read
from knowledge_base.index import KnowledgeIndex, build_index
from knowledge_base.samples import SAMPLES, load_sample
from knowledge_base.shelf import exact_key


def article(key: str, *phrasings: str, language: str = "en", question: str = "") -> Article:
    return Article(key, question or key, phrasings, f"About {key}", language)


CARD = article("card", "where is my card", "my card has not arrived", "track my card delivery")
REFUND = article("refund", "I want my money back", "how do I get a refund", "refund my order")
HOURS = article("hours", "when are you open", "opening hours", "are you open on sunday")
ORDER_ZH = article("order", "怎么取消订单", "订单不要了", "取消订单", language="zh")
MIXED = [CARD, REFUND, HOURS, ORDER_ZH]


@pytest.fixture(scope="module")
def index() -> KnowledgeIndex:
    return build_index(MIXED)


@pytest.fixture(scope="module")
def payments() -> KnowledgeIndex:
    return build_index([*load_sample("payments_en"), *load_sample("payments_zh")])


def test_an_empty_knowledge_base_knows_nothing() -> None:
    empty = build_index([])

    assert empty.search("anything") == []
    assert empty.decide("anything").kind == "unknown"
    assert empty.explain("anything").rule == "no_articles"


@pytest.mark.parametrize(
    "articles",
    [
        [article("one", question="How much is it?")],
        [article("one", "how much is it")],
        [article("one", "how much is it"), article("two", "where are you")],
        [article("one", "how much is it", "???"), article("two", "!!!", question="…")],
    ],
    ids=["a title only", "one phrasing", "two articles", "texts without words"],
)
def test_the_tiniest_knowledge_bases_answer_their_own_phrasing(articles: list[Article]) -> None:
    decision = build_index(articles).decide("How much is it?")

    assert (decision.kind, decision.reason) == ("answer", "exact_phrasing")
    assert decision.matches[0].article_key == "one"


@pytest.mark.parametrize("text", ["", "   ", "🎉", "?!", "مرحبا", "\x00", "\ud800"])
def test_a_text_without_known_features_is_unknown(index: KnowledgeIndex, text: str) -> None:
    assert index.decide(text).kind == "unknown"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Where is my card?", "card"),
        ("where is my caard", "card"),
        ("HELLO, where is my card please", "card"),
        ("how do i get refunds", "refund"),
        ("订单怎么取消", "order"),
        ("我要取消订单 please", "order"),
    ],
)
def test_the_right_article_comes_first(index: KnowledgeIndex, text: str, key: str) -> None:
    assert index.search(text)[0].article_key == key


def test_many_texts_give_what_each_gives_alone(payments: KnowledgeIndex) -> None:
    texts = [
        "how do i open an account",
        "怎么开户",
        "send money abroad",
        "",
        "取消付款",
        "fees?",
        "xyzzy",
    ] * 3

    together = payments.search_many(texts)

    for text, found in zip(texts, together, strict=True):
        alone = payments.search(text)
        assert [match.article_key for match in found] == [match.article_key for match in alone]
        for one, other in zip(found, alone, strict=True):
            assert one.score == pytest.approx(other.score, abs=1e-4)
            assert one.confidence == pytest.approx(other.confidence, abs=1e-4)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_phrasing_finds_its_article(name: str) -> None:
    articles = load_sample(name)
    asked = [(text, entry.key) for entry in articles for text in (entry.question, *entry.phrasings)]

    decisions = build_index(articles).decide_many([text for text, _ in asked])

    wrong = [
        text
        for (text, key), decision in zip(asked, decisions, strict=True)
        if decision.kind == "answer" and decision.matches[0].article_key != key
    ]
    answered = sum(decision.kind == "answer" for decision in decisions)
    assert wrong == []
    assert answered >= 0.98 * len(asked)


def test_matches_are_in_order_with_the_nearest_phrasing(payments: KnowledgeIndex) -> None:
    matches = payments.search("what documents do I need to open an account", limit=5)

    assert len(matches) == 5
    confidences = [match.confidence for match in matches]
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 <= confidence <= 1 for confidence in confidences)
    assert all(match.phrasing and match.language == "en" for match in matches)


def test_a_phrasing_of_two_articles_is_never_answered_outright() -> None:
    both = [*MIXED, article("late", "where is my card", "it takes too long")]

    decision = build_index(both).decide("where is my card")

    assert (decision.kind, decision.reason) == ("suggest", "exact_in_several")
    assert {match.article_key for match in decision.matches[:2]} == {"card", "late"}


def test_off_topic_questions_are_not_answered(payments: KnowledgeIndex) -> None:
    texts = ["who won the cup final in 1974", "zebras eat grass", "昨天的电影好看吗", "peel two carrots"]

    assert {decision.kind for decision in payments.decide_many(texts)} <= {"unknown", "suggest"}


def test_the_same_articles_give_the_same_model() -> None:
    first, second = build_index(MIXED), build_index(list(reversed(MIXED)))

    for script, shelf in first.shelves.items():
        np.testing.assert_array_equal(shelf.model.weights, second.shelves[script].model.weights)


def test_a_label_in_another_script_is_no_phrasing() -> None:
    shelves = build_index([article("q1", "怎么取消订单", question="q1"), ORDER_ZH]).shelves

    assert set(shelves) == {"cjk"}


def test_titles_can_be_left_out() -> None:
    titled = [article("card", "where is it", question="Card delivery"), REFUND]

    with_titles, without = build_index(titled), build_index(titled, titles=False)

    assert with_titles.decide("card delivery").kind == "answer"
    assert without.decide("card delivery").reason != "exact_phrasing"


@given(st.text(max_size=60))
@settings(max_examples=60)
def test_any_text_gets_a_decision_and_an_explanation(text: str) -> None:
    index = build_index_once()

    decision, explanation = index.decide(text), index.explain(text)

    assert decision == explanation.decision
    assert 0 <= decision.confidence <= 1


_BUILT: list[KnowledgeIndex] = []


def build_index_once() -> KnowledgeIndex:
    if not _BUILT:
        _BUILT.append(build_index(MIXED))
    return _BUILT[0]


def test_politeness_does_not_change_what_is_asked() -> None:
    plain, polite = (
        exact_key(read(text, "en")) for text in ("where is my card", "Hello! Where is my card, please?")
    )

    assert plain == polite
    assert exact_key(read("hello", "en")) == "hello"
