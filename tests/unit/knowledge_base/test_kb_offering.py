"""What reaches people of a decision: no answer with an article that may not answer alone, and no gone article."""

from knowledge_base.articles import Article
from knowledge_base.matches import Decision, Kind, Match
from knowledge_base.offering import Offer, offered

TRACK = Article("track", "Where is it?", (), "In the mail.")
SUIVI = Article("track", "Où est-il ?", (), "Par la poste.", language="fr")
PAY = Article("pay", "How to pay?", (), "By card.")


def decision(kind: Kind, *keys: str) -> Decision:
    matches = tuple(Match(key, 1.0, 0.98, key, "en") for key in keys)
    return Decision(kind, matches, 0.98, "exact_phrasing")


def offer(decided: Decision, *articles: Article, listed_only: str = "") -> Offer:
    known = {article.key: article for article in articles}
    only = frozenset({("track", listed_only)}) if listed_only else frozenset[tuple[str, str]]()
    return offered(decided, lambda match: known.get(match.article_key), only)


def test_what_may_answer_answers() -> None:
    decided = decision("answer", "track", "pay")
    assert offer(decided, TRACK, PAY) == Offer(decided, (TRACK, PAY))


def test_an_article_that_helped_too_few_is_listed_and_that_is_the_reason() -> None:
    told = offer(decision("answer", "track", "pay"), TRACK, PAY, listed_only="en")
    assert (told.decision.kind, told.decision.reason) == ("suggest", "helped_too_few")
    assert (told.decision.confidence, told.articles) == (0.98, (TRACK, PAY))


def test_only_the_variant_in_the_readers_language_counts() -> None:
    assert offer(decision("answer", "track"), SUIVI, listed_only="en").decision.kind == "answer"
    assert offer(decision("answer", "track"), SUIVI, listed_only="fr").decision.kind == "suggest"


def test_a_list_stays_what_it_is() -> None:
    assert offer(decision("suggest", "track"), TRACK, listed_only="en").decision.reason == "exact_phrasing"


def test_gone_articles_are_left_out() -> None:
    told = offer(decision("answer", "track", "pay"), PAY)
    assert (told.decision.kind, told.decision.reason, told.articles) == ("suggest", "article_gone", (PAY,))
    nothing = offer(decision("answer", "track"))
    assert (nothing.decision.kind, nothing.articles) == ("unknown", ())
    assert offer(decision("unknown"), PAY).decision.kind == "unknown"
