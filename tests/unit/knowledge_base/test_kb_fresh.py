"""Fresh phrasings are known word for word."""

from knowledge_base.articles import Article
from knowledge_base.fresh import Fresh, fresh_phrasings
from knowledge_base.matches import Decision

HERON = Article("heron", "Does the heron deliver?", ("Will the heron bring my parcel?",), "It does.")
TEA = Article("tea", "茶壶可以退吗？", ("我想退茶壶",), "可以。", language="zh")
OLD = Decision("unknown", (), 0.0, "too_unlike")


def test_the_same_words_are_answered_whatever_their_case_and_politeness() -> None:
    fresh = fresh_phrasings([HERON, TEA])
    for text, key in (("hello, will the HERON bring my parcel", "heron"), ("我想退茶壶！", "tea")):
        decision = fresh.decide(text)
        assert decision is not None
        assert (decision.kind, decision.matches[0].article_key) == ("answer", key)


def test_other_words_are_left_to_the_index() -> None:
    fresh = fresh_phrasings([HERON])
    assert fresh.decide("how do I pay") is None
    assert fresh.over(["how do I pay", HERON.question], [OLD, OLD])[0] is OLD
    assert fresh.over(["how do I pay", HERON.question], [OLD, OLD])[1].kind == "answer"


def test_nothing_fresh_changes_nothing() -> None:
    assert Fresh().over([HERON.question], [OLD]) == [OLD]
    assert fresh_phrasings([]).decide("") is None
