"""Articles that agents said do not answer a question: who asks like it is offered a list with them, no answer.

Both are compared by words and word pairs (segment.py): the question must be near to what was asked then, and nearer
than to the phrasing that spoke for the article. On a resplit of BANKING77 with 5 and 10 phrasings an article, half of
the questions told which first guesses are wrong; of the other half's first guesses so doubted 72 and 76 % were wrong
(of all 30 and 22 %), and of the answers it would give alone 4 of 194 and 4 of 290 became lists. With .4 in the place
of .5 it was 69 and 62 %, and 6 and 8 answers; without the comparison with the phrasing, at .4, 57 and 43 %.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from knowledge_base.index import KnowledgeIndex
from knowledge_base.matches import Decision, Match
from knowledge_base.segment import Segment, idf_of, segment_of

LIKE: Final = 0.5

Denied = tuple[str, str, str]
"""Article key, language, and the question it does not answer."""


@dataclass(frozen=True, slots=True)
class Disputed:
    """The questions by language, and the keys of their articles."""

    keys: frozenset[str] = frozenset()
    segments: tuple[Segment, ...] = ()

    def over(self, texts: Sequence[str], decisions: Sequence[Decision]) -> list[Decision]:
        """The decisions, an answer that agents said is none made a list."""
        if not self.keys:
            return list(decisions)
        return [self._about(text, decision) for text, decision in zip(texts, decisions, strict=True)]

    def _about(self, text: str, decision: Decision) -> Decision:
        if decision.kind != "answer" or decision.matches[0].article_key not in self.keys:
            return decision
        if any(segment.is_nearer(text, decision.matches[0], LIKE) for segment in self.segments):
            return replace(decision, kind="suggest", reason="said_wrong")
        return decision


UNDISPUTED: Final = Disputed()


def disputed_of(denied: Collection[Denied], index: KnowledgeIndex | None) -> Disputed:
    """What agents denied, ready to be asked; how telling words are is told by the index."""
    if not denied:
        return UNDISPUTED
    by_language: defaultdict[str, list[Match]] = defaultdict(list)
    for key, language, question in denied:
        by_language[language].append(Match(key, 1.0, 1.0, question, language))
    idf = idf_of(index)
    segments = tuple(segment_of(some, language, idf) for language, some in by_language.items())
    return Disputed(frozenset(key for key, *_ in denied), segments)
