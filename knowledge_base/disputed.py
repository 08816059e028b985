"""Articles that agents said do not answer a question: who asks like it is offered a list, no answer.

The list begins with what agents said does answer it.

Both are compared by words and word pairs (segment.py): the question must be near to what was asked then, and nearer
than to the phrasing that spoke for the article. On a resplit of BANKING77 with 5 and 10 phrasings an article, half of
the questions told which first guesses are wrong; of the other half's first guesses so doubted 72 and 76 % were wrong
(of all 30 and 22 %), and of the answers it would give alone 4 of 194 and 4 of 290 became lists. With .4 in the place
of .5 it was 69 and 62 %, and 6 and 8 answers; without the comparison with the phrasing, at .4, 57 and 43 %.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from knowledge_base.index import LIST_LENGTH, KnowledgeIndex
from knowledge_base.matches import Decision, Match
from knowledge_base.segment import Segment, idf_of, segment_of

LIKE: Final = 0.5


@dataclass(frozen=True, slots=True)
class Denied:
    """A question that this article does not answer; `instead`: keys of articles that do, as agents say."""

    article_key: str
    language: str
    question: str
    instead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Disputed:
    """The questions by language, the keys of their articles, and by either the keys of those that do answer."""

    keys: frozenset[str] = frozenset()
    segments: tuple[Segment, ...] = ()
    instead: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    def over(self, texts: Sequence[str], decisions: Sequence[Decision]) -> list[Decision]:
        """The decisions, an answer that agents said is none made a list."""
        if not self.keys:
            return list(decisions)
        return [self._about(text, decision) for text, decision in zip(texts, decisions, strict=True)]

    def _about(self, text: str, decision: Decision) -> Decision:
        if decision.kind != "answer" or decision.matches[0].article_key not in self.keys:
            return decision
        for segment in self.segments:
            near = segment.nearer(text, decision.matches[0], LIKE)
            if near is not None:
                return self._listed(decision, near)
        return decision

    def _listed(self, decision: Decision, near: Match) -> Decision:
        right = self.instead.get((near.article_key, near.phrasing), ())
        first = [replace(near, article_key=key) for key in right]
        # Whoever goes by the confidence finds the one that was called wrong behind them, too.
        most = near.confidence if first else 1.0
        rest = [
            replace(match, confidence=min(match.confidence, most))
            for match in decision.matches
            if match.article_key not in right
        ]
        listed = (*first, *rest)[:LIST_LENGTH]
        return Decision("suggest", listed, listed[0].confidence, "said_wrong")


UNDISPUTED: Final = Disputed()


def disputed_of(denied: Collection[Denied], index: KnowledgeIndex | None) -> Disputed:
    """What agents denied, ready to be asked; how telling words are is told by the index."""
    if not denied:
        return UNDISPUTED
    by_language: defaultdict[str, list[Match]] = defaultdict(list)
    for each in denied:
        match = Match(each.article_key, 1.0, 1.0, each.question, each.language)
        by_language[each.language].append(match)
    idf = idf_of(index)
    segments = tuple(segment_of(some, language, idf) for language, some in by_language.items())
    instead = {(each.article_key, each.question): each.instead for each in denied}
    return Disputed(frozenset(each.article_key for each in denied), segments, instead)
