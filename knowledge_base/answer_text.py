"""What an answer says of its article: sentences to learn from beside the phrasings, where these are few.

Customers ask in words that no phrasing has but the answer does. On phrasings held out of the sample knowledge bases,
the first article is right for 43 to 52 % instead of 33 to 44 % with five phrasings an article, each sentence
counting as much as a phrasing.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from knowledge_base.articles import Article, title_from_key
from knowledge_base.blanks import without_blanks
from knowledge_base.text import normalise, tokenise

# An answer says first what it is about; a page of terms would drown the phrasings.
MOST_SENTENCES: Final = 8
# So many phrasings say how customers ask; an article with more of them learns nothing new from its answer.
ENOUGH_PHRASINGS: Final = 20
_LEAST_TOKENS: Final = 2
_END: Final = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；])|\n+")
_LINK: Final = re.compile(r"(?:https?://|www\.)\S+")


def sentences(answer: str) -> list[str]:
    """The answer's first sentences, without its blanks and links."""
    parts = (" ".join(part.split()) for part in _END.split(_LINK.sub(" ", without_blanks(answer))))
    return [part for part in parts if len(tokenise(normalise(part))) >= _LEAST_TOKENS][:MOST_SENTENCES]


def taught_by_answer(article: Article) -> list[str]:
    """What is learned from the article's answer, as far as the article alone tells.

    Nothing that it says elsewhere: the name of the article may stand in for an answer that is missing.
    """
    if len(article.phrasings) > ENOUGH_PHRASINGS:
        return []
    said = {_words(text) for text in (title_from_key(article.key), article.question, *article.phrasings)}
    return [part for part in sentences(article.answer) if _words(title_from_key(part)) not in said]


def telling_sentences(articles: Sequence[Article]) -> list[list[str]]:
    """What is learned from each article's answer; what several answers say tells nothing of any of them."""
    found = [{_words(part): part for part in taught_by_answer(article)} for article in articles]
    said_by = Counter(words for parts in found for words in parts)
    return [[part for words, part in parts.items() if said_by[words] == 1] for parts in found]


def _words(text: str) -> str:
    return " ".join(tokenise(normalise(text)))
