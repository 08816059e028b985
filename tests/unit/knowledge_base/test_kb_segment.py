"""An article published a moment ago is found by questions like its phrasings, before any index has learned it."""

from dataclasses import replace
from functools import cache

import pytest

from knowledge_base.articles import Article
from knowledge_base.fresh import MOST_LIKENED, fresh_phrasings
from knowledge_base.index import KnowledgeIndex, build_index
from knowledge_base.matches import Decision, Match
from knowledge_base.samples import load_sample

ICELAND = Article(
    "iceland",
    "Do you deliver to Iceland?",
    ("can my lamp be sent to Reykjavik", "shipping costs for Iceland"),
    "We do.",
)
TEAPOT = Article("teapot", "茶壶漏水怎么办？", ("我的茶壶在漏水",), "请联系我们。", language="zh")


@cache
def shop() -> KnowledgeIndex:
    return build_index(load_sample("shop_en"), gather_evidence=False)


def decided(text: str, *articles: Article, index: KnowledgeIndex | None = None) -> Decision:
    index = index or shop()
    return fresh_phrasings(articles, (), index).over([text], index.decide_many([text]))[0]


def keys(decision: Decision) -> list[str]:
    return [match.article_key for match in decision.matches]


@pytest.mark.parametrize(
    "text",
    [
        "would you deliver it to iceland?",
        "what does shipping to Iceland cost",
        "order 48213: deliver to Iceland",
    ],
)
def test_a_like_question_is_offered_the_new_article_first(text: str) -> None:
    assert "iceland" not in keys(shop().decide(text))
    decision = decided(text, ICELAND)
    assert (decision.kind, keys(decision)[0], decision.reason) == ("suggest", "iceland", "newly_published")
    assert len(decision.matches) <= 3
    assert 0 < decision.confidence <= 1


def test_questions_about_something_else_are_decided_as_before() -> None:
    for text in ("where is my parcel", "how do I return a broken lamp", "what is the moon made of"):
        assert decided(text, ICELAND) == shop().decide(text)


def test_what_the_index_knows_word_for_word_it_goes_on_answering() -> None:
    for article in load_sample("shop_en")[:10]:
        asked = article.phrasings[0]
        assert decided(asked, ICELAND) == shop().decide(asked)


def test_an_answer_with_another_article_becomes_a_list_where_the_new_one_is_nearer() -> None:
    old = Decision(
        "answer", (Match("delivery_time", 3.0, 0.99, "how long does delivery take", "en"),), 0.99, "confident"
    )
    fresh = fresh_phrasings([ICELAND], (), shop())
    (nearer,) = fresh.over(["does delivery to Iceland cost shipping"], [old])
    assert (nearer.kind, keys(nearer)) == ("suggest", ["iceland", "delivery_time"])
    assert fresh.over(["how long does delivery take now"], [old]) == [old]


def test_an_article_that_got_a_phrasing_is_still_answered_with() -> None:
    article = load_sample("shop_en")[0]
    asked = article.phrasings[0]
    changed = replace(article, phrasings=(*article.phrasings, "a wholly new way"))
    assert decided(asked, changed).kind == shop().decide(asked).kind == "answer"
    assert keys(decided("is there a wholly new way", changed))[0] == article.key


def test_only_what_the_index_has_not_learned_is_fresh() -> None:
    article = load_sample("shop_en")[0]
    changed = replace(article, phrasings=(*article.phrasings, "a wholly new way"))
    (matches,) = fresh_phrasings([changed], (), shop()).known.values()
    assert [match.phrasing for match in matches.values()] == ["a wholly new way"]


def test_chinese_is_likened_too_where_the_index_has_none() -> None:
    decision = decided("请问我的茶壶一直漏水", TEAPOT)
    assert (decision.kind, keys(decision)[0]) == ("suggest", "teapot")
    assert decided("你们几点关门", TEAPOT).reason != "newly_published"


def test_of_a_large_import_the_rest_is_known_word_for_word() -> None:
    many = Article(
        "many", "Many things?", tuple(f"thing number {n} of many" for n in range(MOST_LIKENED + 5)), "Yes."
    )
    assert decided(f"thing number {MOST_LIKENED + 4} of many", many).kind == "answer"
