"""Phrasings too new for the index, found by likeness: a small inverted index of words and word pairs beside it.

It is built in the moment of publishing, however large the index is, and thrown away once that has learned them.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from knowledge_base.blocks import Reading, anchored_bigrams, read
from knowledge_base.identifiers import read_question
from knowledge_base.index import LIST_LENGTH, KnowledgeIndex
from knowledge_base.matches import Decision, Match
from knowledge_base.text import normalise

Idf = Callable[[str], float]
"""How telling a stem is."""

# Of a vector's squared length; as in the index's own rows of phrasings (blocks.BLOCKS without characters).
_WORDS: Final = 0.6
_PAIRS: Final = 0.4
# Of an article's questions that its phrasings do not hold word for word, so near to one of them are: 69 and 44 % with
# 10 and 3 fresh phrasings (BANKING77), 62 % with 5 (CLINC150), and of the questions of the other articles .95, .40
# and .17 % (draws from articles.csv, 10 phrasings known of each other article, 12 articles fresh by turns). Without
# _BEHIND, that is with the lead alone, 59, 34 and 55 %, and .55, .15 and .04 %.
_NEAR: Final = 0.3
_BEHIND: Final = 0.1
_ROUNDED: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Segment:
    """Phrasings of one language as matches, numbered in their order, and for each feature who has it how much."""

    language: str
    idf: Idf
    matches: tuple[Match, ...] = ()
    postings: Mapping[str, Sequence[tuple[int, float]]] = field(default_factory=dict, repr=False)

    def offer(self, text: str, decision: Decision) -> Decision:
        """The decision with the articles that the text is about as near to as to any that came out.

        None of them is answered with alone before it is learned. Their confidence is the cosine: in the draws above
        .3 to .5 was right for 43 % of the questions where these came first, more than .5 for 80 %.
        """
        vector = self._vector(read_question(normalise(text), self.language, self.postings))
        like = [match for match in self.nearest(vector) if match.score >= _NEAR]
        if not like:
            return decision
        likened = [(match, self._likeness(vector, match)) for match in decision.matches]
        near, first = [], []
        for match in like:
            others = max((cosine for other, cosine in likened if not _is_same(other, match)), default=0.0)
            if match.score >= others - _BEHIND:
                near.append(match)
            if match.score >= others:
                first.append(match)
        known = decision.matches[0] if decision.kind == "answer" else None
        if not near or (known is not None and (not first or _is_same(known, first[0]))):
            return decision
        return _listed(first, near, decision.matches)

    def nearest(self, vector: Mapping[str, float], of: str | None = None) -> list[Match]:
        """The nearest phrasing of each article, or `of` this one, with anything in common with the vector.

        The nearest comes first; the score of each is its cosine.
        """
        cosines: defaultdict[int, float] = defaultdict(float)
        for feature, weight in vector.items():
            for number, other in self.postings.get(feature, ()):
                if of is None or self.matches[number].article_key == of:
                    cosines[number] += weight * other
        best: dict[str, Match] = {}
        for number, cosine in sorted(cosines.items(), key=lambda each: (-each[1], each[0])):
            match = self.matches[number]
            best.setdefault(match.article_key, replace(match, score=cosine, confidence=min(cosine, 1.0)))
        return list(best.values())

    def nearer(self, text: str, match: Match, least: float) -> Match | None:
        """What of the match's article here is at least so near to the text, and as near as the match; None for none."""
        vector = self._vector(read_question(normalise(text), self.language, self.postings))
        own = next(iter(self.nearest(vector, match.article_key)), None)
        if own is None or own.score < least - _ROUNDED:
            return None
        return own if own.score >= self._likeness(vector, match) - _ROUNDED else None

    def _likeness(self, vector: Mapping[str, float], match: Match) -> float:
        """The cosine with the phrasing the index found nearest, by the measure of this segment."""
        other = self._vector(read(match.phrasing, match.language))
        return sum(weight * other.get(feature, 0.0) for feature, weight in vector.items())

    def _vector(self, reading: Reading) -> dict[str, float]:
        return vector_of(reading, self.idf)


def segment_of(phrasings: Sequence[Match], language: str, idf: Idf) -> Segment:
    """The segment of these phrasings of the language."""
    postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for number, match in enumerate(phrasings):
        for feature, weight in vector_of(read(match.phrasing, language), idf).items():
            postings[feature].append((number, weight))
    return Segment(language, idf, tuple(phrasings), dict(postings))


def idf_of(index: KnowledgeIndex | None) -> Idf:
    """How telling words are by the index; all alike without any."""

    def idf(stem: str) -> float:
        shelf = index.shelf_for(stem) if index is not None else None
        return shelf.space.word_idf(stem)[0] if shelf is not None else 1.0

    return idf


def vector_of(reading: Reading, idf: Idf) -> dict[str, float]:
    """The reading's words and word pairs as a vector of length 1; empty for a text without words."""
    words = {stem: idf(stem) for stem in reading.stems}
    telling = words | {"^": 1.0, "$": 1.0}
    pairs = {
        pair: math.sqrt(telling[left] * telling[right])
        for pair in anchored_bigrams(reading)
        for left, _, right in [pair.partition(" ")]
    }
    return _of_length(words, _WORDS) | _of_length(pairs, _PAIRS)


def _of_length(weights: Mapping[str, float], share: float) -> dict[str, float]:
    length = math.sqrt(sum(weight * weight for weight in weights.values()))
    return (
        {feature: weight * math.sqrt(share) / length for feature, weight in weights.items()} if length else {}
    )


def _is_same(one: Match, other: Match) -> bool:
    return one.article_key == other.article_key


def _listed(first: Sequence[Match], near: Sequence[Match], known: Sequence[Match]) -> Decision:
    """A list of both: the new articles that come first, then the index's own first, then the rest of either."""
    rest = [match for match in known if not any(_is_same(match, new) for new in near)]
    behind = [match for match in near if match not in first]
    listed = (*first, *rest[:1], *behind, *rest[1:])[:LIST_LENGTH]
    return Decision("suggest", listed, listed[0].confidence, "newly_published")
