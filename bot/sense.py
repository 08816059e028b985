"""Making sense of a question in its conversation: several at once, or one that leans on the topic before it. Pure.

What a single question means the knowledge base decides. Here its decisions about the parts of a message, or about
the message read together with the topic before it, are put together. Both only ever make the bot more careful: it
answers parts alone only when it would answer each of them alone, and a leaning question gets a list.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, zip_longest
from types import MappingProxyType
from typing import Final

from bot import events as e
from bot.edition import Edition
from bot.questions import asks, leans, parts_of
from bot.small_talk import SmallTalk
from knowledge_base.articles import Article
from knowledge_base.matches import Decision, Match
from knowledge_base.offering import offered

MOST_OFFERED = 4
LOOKED_AT = 8
RANK_CONSTANT: Final = 60
"""Of reciprocal rank fusion (Cormack, Clarke, Büttcher, 2009): what two lists hold comes before what one holds."""
NOTHING_DECIDED: Final[Mapping[str, Decision]] = MappingProxyType({})
UNDOUBTED = frozenset({"exact_phrasing", "near_phrasing"})
"""Rules after which a message is one question, however it is built."""
KNOWN_WORDS = frozenset({"exact_phrasing", "exact_in_several"})
NOTHING_KNOWN: Final = "nothing_known"
UNKNOWN: Final = e.Asked("unknown")


def asked_of(decision: Decision | None, edition: Edition, language: str) -> e.Asked:
    """The knowledge base's decision as an event; articles that are gone are left out."""
    if decision is None:
        return e.Asked("unknown")
    offer = offered(decision, lambda match: edition.article(match.article_key, language), edition.listed_only)
    return e.Asked(offer.decision.kind, tuple(map(_candidate, offer.decision.matches, offer.articles)))


def is_asked(talk: SmallTalk, decision: Decision | None) -> bool:
    """Whether an article knows these words: as they stand, or, where they may be another's, by all it has learned."""
    if decision is None:
        return False
    return decision.reason in KNOWN_WORDS or (decision.kind == "answer" and not talk.is_sure)


def parts_to_decide(text: str, decision: Decision | None) -> tuple[str, ...]:
    """What of the text has to be decided apart; nothing where it is one question.

    An answered message is taken apart only where every part asks: most have a sentence that tells what happened.
    """
    if decision is None or decision.reason in UNDOUBTED:
        return ()
    parts = parts_of(text)
    if len(parts) < 2 or (decision.kind == "answer" and not all(map(asks, parts))):
        return ()
    return parts


def make_sense(
    text: str,
    decision: Decision | None,
    edition: Edition,
    language: str,
    topic: str | None,
    decided: Mapping[str, Decision] = NOTHING_DECIDED,
) -> e.Asked | e.AskedSeveral:
    """What the text asks; `topic` is the key of the article answered last in this conversation.

    `decided` are parts that were decided together with those of other messages, which is faster.
    """
    alone = asked_of(decision, edition, language)
    parts = parts_to_decide(text, decision)
    if parts:
        decisions = [decided.get(part) or edition.decide_many([part])[0] for part in parts]
        asked = [asked_of(each, edition, language) for each in decisions]
        several = _several(parts, asked, is_answered=alone.decision == "answer")
        if several is not None:
            return several
    if decision is None or decision.reason in UNDOUBTED:
        return alone
    if topic is not None and alone.decision != "answer" and leans(text):
        is_known = decision.reason != NOTHING_KNOWN
        return (
            _leaning(text if is_known else "", alone if is_known else UNKNOWN, edition, language, topic)
            or alone
        )
    return alone


def _several(parts: Sequence[str], asked: Sequence[e.Asked], *, is_answered: bool) -> e.AskedSeveral | None:
    """The parts as questions of their own, where they are about different articles; else None."""
    firsts = [each.candidates[0].article_key for each in asked if each.decision != "unknown"]
    if len(firsts) != len(parts) or len(set(firsts)) != len(firsts):
        return None
    if all(each.decision == "answer" for each in asked):
        answered = zip(parts, (each.candidates[0] for each in asked), strict=True)
        return e.AskedSeveral(tuple(e.Part(text, candidate) for text, candidate in answered))
    if is_answered:
        return None
    ranks = zip_longest(
        *([e.Part(text, c) for c in each.candidates[:2]] for text, each in zip(parts, asked, strict=True))
    )
    return e.AskedSeveral((), tuple(_distinct(part for part in chain(*ranks) if part))[:MOST_OFFERED])


def _distinct(parts: Iterable[e.Part]) -> Iterable[e.Part]:
    """Each article once, where it comes first."""
    seen: set[str] = set()
    for part in parts:
        if part.candidate.article_key not in seen:
            seen.add(part.candidate.article_key)
            yield part


def _leaning(text: str, alone: e.Asked, edition: Edition, language: str, topic: str) -> e.Asked | None:
    """A list of what the text means beside the topic and by itself, first what both readings find.

    Nothing is lost that the text by itself would list. The topic comes last, and only where the text by itself finds
    it: a customer may ask for another detail of the article. A text of unknown words says nothing by itself: what
    looks like them by chance is not offered.
    """
    before = edition.article(topic, language)
    if before is None:
        return None
    found = edition.index.search(f"{before.question} {text}", LOOKED_AT)
    readings = (_candidates(found, edition, language), alone.candidates)
    others = _fused([each for each in reading if each.article_key != topic] for reading in readings)
    again = [each for each in alone.candidates if each.article_key == topic]
    listed = {each.article_key for each in alone.candidates if alone.decision == "suggest"}
    kept = sorted(others, key=lambda each: each.article_key not in listed)[: MOST_OFFERED - len(again)]
    offered = (*(each for each in others if each in kept), *again)
    return e.Asked("suggest", offered, leans=True) if offered else None


def _fused(readings: Iterable[Sequence[e.Candidate]]) -> list[e.Candidate]:
    """Each article once, by the sum of its reciprocal ranks; the earlier reading first where these are equal."""
    shares: dict[str, float] = defaultdict(float)
    candidates: dict[str, e.Candidate] = {}
    for reading in readings:
        for rank, candidate in enumerate(reading, 1):
            shares[candidate.article_key] += 1 / (RANK_CONSTANT + rank)
            candidates.setdefault(candidate.article_key, candidate)
    return sorted(candidates.values(), key=lambda each: -shares[each.article_key])


def _candidates(matches: Iterable[Match], edition: Edition, language: str) -> Iterable[e.Candidate]:
    for match in matches:
        article = edition.article(match.article_key, language)
        if article is not None:
            yield _candidate(match, article)


def _candidate(match: Match, article: Article) -> e.Candidate:
    return e.Candidate(article.key, article.question, match.score, match.confidence)
