"""What changed a moment ago, until an index has learned it.

New phrasings are known word for word, and articles that are gone are not offered any more.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from knowledge_base.articles import Article
from knowledge_base.blocks import read
from knowledge_base.matches import Decision, Match
from knowledge_base.shelf import exact_key

_CONFIDENCE = 0.98
"""As for an exact phrasing of the index itself."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """Fresh phrasings by their words, for each language they are read in; and what is gone."""

    known: Mapping[str, Mapping[str, Match]] = field(default_factory=dict)
    gone: frozenset[str] = frozenset()
    """Keys of articles that an older index may still find."""

    def decide(self, text: str) -> Decision | None:
        """The answer whose phrasing has just these words; None when there is no such one."""
        for language, matches in self.known.items():
            match = matches.get(exact_key(read(text, language)))
            if match is not None:
                return Decision("answer", (match,), _CONFIDENCE, "exact_phrasing")
        return None

    def over(self, texts: Sequence[str], decisions: Sequence[Decision]) -> list[Decision]:
        """The decisions, those about fresh phrasings in the place of what an older index made of them."""
        if not self.known and not self.gone:
            return list(decisions)
        return [
            self.decide(text) or without(decision, self.gone)
            for text, decision in zip(texts, decisions, strict=True)
        ]


def without(decision: Decision, gone: Collection[str]) -> Decision:
    """The decision with the articles that are `gone` left out: the others are still worth a list."""
    left = tuple(match for match in decision.matches if match.article_key not in gone)
    if len(left) == len(decision.matches):
        return decision
    if not left:
        return Decision("unknown", (), 0.0, "article_gone")
    stays = decision.matches[0] is left[0]
    kind = decision.kind if stays or decision.kind != "answer" else "suggest"
    return Decision(kind, left, left[0].confidence, decision.reason if stays else "article_gone")


def fresh_phrasings(articles: Iterable[Article], gone: Collection[str] = ()) -> Fresh:
    """The titles and phrasings of these articles, of two with the same words the first; and what is `gone`."""
    known: dict[str, dict[str, Match]] = {}
    for article in articles:
        for phrasing in (article.question, *article.phrasings):
            key = exact_key(read(phrasing, article.language))
            match = Match(article.key, 1.0, _CONFIDENCE, phrasing, article.language)
            if key:
                known.setdefault(article.language, {}).setdefault(key, match)
    return Fresh(known, frozenset(gone))
