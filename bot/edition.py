"""One state of the knowledge base, as whoever answers holds it: swapped whole, never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from knowledge_base.articles import Article
from knowledge_base.disputed import UNDISPUTED, Disputed
from knowledge_base.fresh import Fresh
from knowledge_base.index import KnowledgeIndex
from knowledge_base.matches import Decision, Match
from knowledge_base.offering import Offer, offered
from knowledge_base.variants import NOBODY, Reader, variant_for


@dataclass(frozen=True, slots=True)
class Edition:
    """One state of the knowledge base: its articles by key and language, and the index over them."""

    publication: int
    index: KnowledgeIndex
    articles: dict[str, dict[str, Article]] = field(default_factory=dict)
    fresh: Fresh = field(default_factory=Fresh)
    """What the index has yet to learn."""
    listed_only: frozenset[tuple[str, str]] = frozenset()
    """Key and language of articles that helped too few people to be answered with outside a list."""
    disputed: Disputed = UNDISPUTED
    """What agents said articles do not answer."""
    calm: KnowledgeIndex | None = None
    """The index as it was learned, where the traffic asks for more care than that."""
    files: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    """What a message says of each file that articles name; never its bytes."""

    def decide_many(self, texts: Sequence[str]) -> list[Decision]:
        """What the knowledge base makes of each text."""
        return self.disputed.over(texts, self.fresh.over(texts, self.index.decide_many(list(texts))))

    def article(self, key: str, language: str, reader: Reader = NOBODY) -> Article | None:
        """The article in this language, else as `variant` says; None when it is gone."""
        return self.articles.get(key, {}).get(language) or self.variant(key, reader)

    def variant(self, key: str, reader: Reader, nearest: str = "") -> Article | None:
        """The article as this reader is answered with it (variants.variant_for); None when it is gone."""
        return variant_for(self.articles.get(key, {}), reader, nearest)

    def matched(self, match: Match, reader: Reader) -> Article | None:
        """`variant` of a match's article."""
        return self.variant(match.article_key, reader, match.language)

    def offer(self, decision: Decision, reader: Reader) -> Offer:
        """The decision as it reaches this reader."""
        return offered(decision, lambda match: self.matched(match, reader), self.listed_only)

    @property
    def languages(self) -> frozenset[str]:
        """Those its articles are in."""
        return self.index.languages | frozenset(self.fresh.known)

    def attached(self, article: Article) -> list[dict[str, Any]]:
        """The article's files as messages name them."""
        return [self.files[key] for key in article.attachments if key in self.files]


def no_knowledge() -> Edition:
    """Of a house that has none."""
    return Edition(-1, KnowledgeIndex({}))


def by_key(articles: Sequence[Article]) -> dict[str, dict[str, Article]]:
    """The articles by key and language."""
    found: dict[str, dict[str, Article]] = {}
    for article in articles:
        found.setdefault(article.key, {})[article.language] = article
    return found
