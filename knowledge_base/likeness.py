"""A question beside the articles there are: which are like it, and what it would add to one. Pure."""

from collections.abc import Sequence

from knowledge_base.index import KnowledgeIndex
from knowledge_base.matches import Match
from knowledge_base.text import normalise

NEAREST = 3
_SEARCHED = 2
"""Of a question and its phrasings, so many together say what it is about."""


def nearest(index: KnowledgeIndex, texts: Sequence[str]) -> list[Match]:
    """The articles most like these texts, by which somebody sees whether there is one already."""
    said = [text for text in texts if text]
    return list(index.search(" ".join(said[:_SEARCHED]), NEAREST)) if said else []


def with_more(known: Sequence[str], asked: Sequence[str]) -> tuple[str, ...]:
    """The phrasings with those of what was asked that none of them says already."""
    said = {normalise(text) for text in known}
    return (*known, *(text for text in asked if normalise(text) not in said))
