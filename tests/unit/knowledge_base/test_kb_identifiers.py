"""Order numbers and addresses in a question: they are no words of it, unless a phrasing has them."""

import pytest

from knowledge_base.articles import Article
from knowledge_base.blocks import Reading, read
from knowledge_base.identifiers import read_question, without_addresses
from knowledge_base.index import KnowledgeIndex, build_index

ARTICLES = (
    Article(
        "track", "Where is my order?", ("track my parcel", "when does my parcel come"), "See Orders.", "en"
    ),
    Article(
        "refund", "How do I get a refund?", ("money back", "return money for my order"), "See Refunds.", "en"
    ),
    Article("error", "What is error 4012?", ("the app says 4012",), "Update the app.", "en"),
    Article("site", "Is www.shop.example your shop?", ("who is behind the shop",), "It is ours.", "en"),
    Article("zh-track", "我的订单在哪里？", ("包裹到哪里了", "什么时候送到"), "请看订单页。", "zh"),
    Article("zh-refund", "怎么退款？", ("我想把钱退回来", "退款要多久"), "请看退款页。", "zh"),
)


@pytest.fixture(scope="module")
def index() -> KnowledgeIndex:
    return build_index(ARTICLES, gather_evidence=False)


@pytest.mark.parametrize(
    ("plain", "named"),
    [
        ("where is my order", "where is my order 482913"),
        ("where is my order", "Where is my order (#A48213-B12)?"),
        ("where is my order", "Where is my order FD-20391?"),
        ("where is my order", "where is my order #A-100/7"),
        ("where is my order", "where is my order jo.smith97+shop@mail.example.com"),
        ("money back please", "money back please https://shop.example/o/77?x=1"),
        ("我的订单在哪里", "我的订单482913在哪里"),
        ("怎么退款", "怎么退款 https://shop.example/orders/482913?from=mail"),
        ("怎么退款", "怎么退款wang97@mail.example"),
    ],
)
def test_the_decision_is_that_of_the_words_alone(index: KnowledgeIndex, plain: str, named: str) -> None:
    assert index.decide(named) == index.decide(plain)
    assert index.decide_many([named, plain])[0] == index.decide(plain)
    assert index.explain(named) == index.explain(plain)
    assert index.decide(named).kind == "answer"


@pytest.mark.parametrize(
    ("text", "article"),
    [
        ("error 4012", "error"),
        ("the app says e-4012", "error"),
        ("what about 4012", "error"),
        ("Is www.shop.example your shop?", "site"),
    ],
)
def test_what_a_phrasing_has_is_a_word(index: KnowledgeIndex, text: str, article: str) -> None:
    decision = index.decide(text)
    assert decision.matches[0].article_key == article


def test_what_is_nothing_but_a_number_is_not_known(index: KnowledgeIndex) -> None:
    for text in ("482913", "jo@mail.test", "https://pay.test/x"):
        assert index.decide(text).kind == "unknown"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("my iphone15 order 482913", "my iphone15 order"),
        ("mp3 and covid19", "mp3 and covid19"),
        ("the 3rd of a4829", "the 3rd of"),
        ("in 24 hours", "in 24 hours"),
        ("482913", "482913"),
    ],
)
def test_which_tokens_are_numbers(text: str, left: str) -> None:
    assert read_question(text, "en", {"24"}) == Reading(left.split(), read(left, "en").stems)


def test_addresses_end_where_other_writing_begins() -> None:
    assert without_addresses("看https://shop.example/a怎么退") == "看 怎么退"
    assert without_addresses("me@shop.example") == "me@shop.example"
    assert without_addresses("at 5@home") == "at 5@home"
