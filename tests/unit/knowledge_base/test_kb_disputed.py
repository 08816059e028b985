"""What agents said an article does not answer: questions like it get a list, all others the answer as before."""

from functools import cache

import pytest

from knowledge_base.disputed import UNDISPUTED, Denied, disputed_of
from knowledge_base.index import KnowledgeIndex, build_index
from knowledge_base.matches import Decision, Kind
from knowledge_base.samples import load_sample

SAID = "can I send back a lamp that I have used for a week?"


@cache
def shop() -> KnowledgeIndex:
    return build_index((*load_sample("shop_en"), *load_sample("shop_zh")), gather_evidence=False)


def answered(key: str, phrasing: str, language: str = "en") -> Decision:
    """As if the article were answered with, for the likeness to this phrasing of its own."""
    [match, *_] = [each for each in shop().search(phrasing) if each.article_key == key]
    return Decision("answer", (match,), match.confidence, "confident")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("can I send back a lamp that I have used for a week?", "suggest"),
        ("Hello! Can I send back a lamp I have used for a week", "suggest"),
        ("how do I return an item", "answer"),
        ("can I pay by card", "answer"),
        ("", "answer"),
    ],
)
def test_only_what_is_asked_like_it_is_listed(text: str, kind: Kind) -> None:
    key = shop().search("how do I return an item")[0].article_key
    decision = answered(key, "how do I return an item")
    [told] = disputed_of([Denied(key, "en", SAID)], shop()).over([text], [decision])
    assert (told.kind, told.matches) == (kind, decision.matches)
    assert told.reason == ("said_wrong" if kind == "suggest" else "confident")


def test_it_counts_for_its_own_article_alone_and_for_answers_only() -> None:
    key = shop().search("how do I return an item")[0].article_key
    decision = answered(key, "how do I return an item")
    [other] = disputed_of([Denied("nothing", "en", SAID)], shop()).over([SAID], [decision])
    assert other is decision
    listed = Decision("suggest", decision.matches, 0.5, "possible")
    assert disputed_of([Denied(key, "en", SAID)], shop()).over([SAID], [listed]) == [listed]


def test_chinese_is_compared_too() -> None:
    article = next(a for a in load_sample("shop_zh") if a.phrasings)
    decision = answered(article.key, article.phrasings[0])
    disputed = disputed_of([Denied(article.key, "zh", "用过一周的台灯还能退吗")], shop())
    told = disputed.over(["用过一周的台灯还能退吗？", article.phrasings[0]], [decision, decision])
    assert [each.kind for each in told] == ["suggest", "answer"]


def test_without_any_nothing_is_looked_at() -> None:
    assert disputed_of([], shop()) is UNDISPUTED


def test_what_agents_say_answers_it_comes_first() -> None:
    found = shop().search("how do I return an item", 8)
    decision = Decision("answer", tuple(found[:3]), found[0].confidence, "confident")
    for right in (found[1].article_key, found[-1].article_key):
        disputed = disputed_of([Denied(found[0].article_key, "en", SAID, (right,))], shop())
        [told] = disputed.over([SAID], [decision])
        listed = [match.article_key for match in told.matches]
        assert (told.kind, listed[0], told.matches[0].phrasing) == ("suggest", right, SAID)
        assert found[0].article_key in listed
        assert len(set(listed)) == len(listed) == 3
