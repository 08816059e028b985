"""The published articles as this process last read them: a change costs what changed, however many there are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.learning import articles_of
from crm_store import article_files
from crm_store import articles as stored
from crm_store.articles import ArticleDraft, LiveCopy
from crm_store.session import Session
from knowledge_base.articles import Article
from knowledge_base.fingerprints import article_fingerprint


@dataclass(slots=True)
class PublishedArticles:
    """Every enabled article, in the store's order; those that have not changed stay the same objects."""

    articles: list[Article] = field(default_factory=list)
    files: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    """What a message says of each file that they name (`article_files.attachments`); it never changes."""
    _copy: LiveCopy = field(default_factory=LiveCopy)
    _fingerprints: dict[tuple[str, str], tuple[Article, str]] = field(default_factory=dict)

    async def read(self, session: Session) -> None:
        """Take in what has been published since it was read last."""
        copy = await stored.live_since(session, self._copy)
        before = dict(zip(map(id, self._copy.articles.values()), self.articles, strict=True))
        self.articles = [before.get(id(draft)) or _article_of(draft) for draft in copy.articles.values()]
        self._copy = copy
        named = {key for article in self.articles for key in article.attachments}
        known = {key: said for key, said in self.files.items() if key in named}
        self.files = known | await article_files.attachments(session, named - known.keys())

    def fingerprint(self, article: Article) -> str:
        """`article_fingerprint`, made once for each state of an article."""
        name = (article.key, article.language)
        known = self._fingerprints.get(name)
        if known is None or known[0] is not article:
            known = self._fingerprints[name] = (article, article_fingerprint(article))
        return known[1]


def _article_of(draft: ArticleDraft) -> Article:
    (article,) = articles_of([draft])
    return article
