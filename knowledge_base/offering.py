"""A decision as it reaches people: its articles in their language, and no answer with one that may not answer alone."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from knowledge_base.articles import Article
from knowledge_base.fresh import without
from knowledge_base.matches import Decision, Match


@dataclass(frozen=True, slots=True)
class Offer:
    """What is done about a text; `articles` are those of the decision's matches, in their order."""

    decision: Decision
    articles: tuple[Article, ...]


def offered(
    decision: Decision,
    article_of: Callable[[Match], Article | None],
    listed_only: Collection[tuple[str, str]],
) -> Offer:
    """The decision without articles that are gone, an answer of one that is only listed made a list.

    `article_of`: a match's article in the reader's language. `listed_only`: key and language (standing.py).
    """
    found = [(match, article_of(match)) for match in decision.matches]
    articles = tuple(article for _, article in found if article is not None)
    if len(articles) < len(found):
        decision = without(decision, {match.article_key for match, article in found if article is None})
    if decision.kind == "answer" and (articles[0].key, articles[0].language) in listed_only:
        decision = replace(decision, kind="suggest", reason="helped_too_few")
    return Offer(decision, articles)
