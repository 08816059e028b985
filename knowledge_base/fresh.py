"""Phrasings published a moment ago: known word for word until an index has learned them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from knowledge_base.articles import Article
from knowledge_base.features import read
from knowledge_base.matches import Decision, Match
from knowledge_base.shelf import exact_key

_CONFIDENCE = 0.98
"""As for an exact phrasing of the index itself."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """Fresh phrasings by their words, for each language they are read in."""

    known: Mapping[str, Mapping[str, Match]] = field(default_factory=dict)

    def decide(self, text: str) -> Decision | None:
        """The answer whose phrasing has just these words; None when there is no such one."""
        for language, matches in self.known.items():
            match = matches.get(exact_key(read(text, language)))
            if match is not None:
                return Decision("answer", (match,), _CONFIDENCE, "exact_phrasing")
        return None

    def over(self, texts: Sequence[str], decisions: Sequence[Decision]) -> list[Decision]:
        """The decisions, those about fresh phrasings in the place of what an older index made of them."""
        if not self.known:
            return list(decisions)
        return [self.decide(text) or decision for text, decision in zip(texts, decisions, strict=True)]


def fresh_phrasings(articles: Iterable[Article]) -> Fresh:
    """The titles and phrasings of these articles; of two with the same words the first counts."""
    known: dict[str, dict[str, Match]] = {}
    for article in articles:
        for phrasing in (article.question, *article.phrasings):
            key = exact_key(read(phrasing, article.language))
            match = Match(article.key, 1.0, _CONFIDENCE, phrasing, article.language)
            if key:
                known.setdefault(article.language, {}).setdefault(key, match)
    return Fresh(known)
