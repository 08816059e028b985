"""The rules that decide, in words for people."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from knowledge_base.matches import Reason

REASONS: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        "no_articles": "there are no articles",
        "nothing_known": "no word of it is in the knowledge base",
        "exact_in_several": "it is, word for word, a phrasing of several articles",
        "exact_phrasing": "it is, word for word, a phrasing of this article",
        "unwanted": "it says that what this article tells how to do is not wanted, or was not done, so it is listed",
        "confident": "the confidence reaches what an answer needs",
        "near_phrasing": "it is all but word for word a phrasing of this article",
        "not_believed": (
            "near this article by single words, but all its words together fit other articles, or none, as well"
        ),
        "possible": "too unsure to answer, sure enough to offer",
        "too_unlike": "too unlike everything in the knowledge base",
        "article_gone": "the article that came first is not published any more",
        "helped_too_few": "this article helped too few people to be answered with alone, so it is listed",
        "said_wrong": "an agent said of a question like it that the nearest article does not answer it: it is listed",
        "newly_published": "this article was published a moment ago: until it is learned, it is listed",
    }
)
