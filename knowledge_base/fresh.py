"""What changed a moment ago, until an index has learned it.

New phrasings are known word for word and by likeness, and articles that are gone are not offered any more.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from knowledge_base.articles import Article
from knowledge_base.blocks import read
from knowledge_base.index import KnowledgeIndex
from knowledge_base.matches import Decision, Match
from knowledge_base.segment import Segment, idf_of, segment_of
from knowledge_base.shelf import exact_key

_CONFIDENCE = 0.98
"""As for an exact phrasing of the index itself."""
MOST_LIKENED: Final = 2_000
"""Phrasings of a language: what more a large import has is known word for word alone, not to hold customers up."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """Fresh phrasings by their words, for each language they are read in, and by likeness; and what is gone."""

    known: Mapping[str, Mapping[str, Match]] = field(default_factory=dict)
    segments: tuple[Segment, ...] = ()
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
            self.decide(text) or self._likened(text, without(decision, self.gone))
            for text, decision in zip(texts, decisions, strict=True)
        ]

    def _likened(self, text: str, decision: Decision) -> Decision:
        for segment in self.segments:
            decision = segment.offer(text, decision)
        return decision


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


def fresh_phrasings(
    articles: Collection[Article], gone: Collection[str] = (), index: KnowledgeIndex | None = None
) -> Fresh:
    """The titles and phrasings of these articles that `index` has yet to learn; and what is `gone`.

    Of two with the same words the first counts. How telling words are is told by the index.
    """
    learned = index.phrasings_of({article.key for article in articles}) if index is not None else {}
    known: dict[str, dict[str, Match]] = {}
    for article in articles:
        old = learned.get(article.key, frozenset())
        for phrasing in (article.question, *article.phrasings):
            if phrasing in old:
                continue
            key = exact_key(read(phrasing, article.language))
            match = Match(article.key, 1.0, _CONFIDENCE, phrasing, article.language)
            if key:
                known.setdefault(article.language, {}).setdefault(key, match)
    idf = idf_of(index)
    segments = tuple(
        segment_of(list(matches.values())[:MOST_LIKENED], language, idf)
        for language, matches in known.items()
    )
    return Fresh(known, segments, frozenset(gone))
