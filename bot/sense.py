"""Making sense of a question in its conversation: several at once, or one that leans on the topic before it. Pure.

What a single question means the knowledge base decides. Here its decisions about the parts of a message, or about
the message read together with the topic before it, are put together. A part is
answered only when it would be answered alone, and what is not is said; a leaning question gets a list.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain, zip_longest
from types import MappingProxyType
from typing import Final

from bot import events as e
from bot.edition import Edition
from bot.order_numbers import only_number
from bot.questions import asks, asks_for_help, is_elliptical, leans, parts_of, points_back
from bot.small_talk import SmallTalk
from knowledge_base.articles import Article
from knowledge_base.blanks import ABOUT_ORDERS, names_in
from knowledge_base.matches import Decision, Match
from knowledge_base.offering import offered

MOST_LISTED = 3
LOOKED_AT = 8
NOTHING_DECIDED: Final[Mapping[str, Decision]] = MappingProxyType({})
UNDOUBTED = frozenset({"exact_phrasing", "near_phrasing"})
"""Rules after which a message is one question, however it is built."""
KNOWN_WORDS = frozenset({"exact_phrasing", "exact_in_several"})
NOTHING_KNOWN: Final = "nothing_known"


def asked_of(decision: Decision | None, edition: Edition, language: str) -> e.Asked:
    """The knowledge base's decision as an event; articles that are gone are left out."""
    if decision is None:
        return e.Asked("unknown")
    offer = offered(decision, lambda match: edition.article(match.article_key, language), edition.listed_only)
    return e.Asked(offer.decision.kind, tuple(map(_candidate, offer.decision.matches, offer.articles)))


def order_said(
    text: str, decision: Decision | None, edition: Edition, language: str, topic: str | None
) -> e.ChoseOrder | None:
    """The order that is named and nothing else, where the article answered last tells of orders."""
    if topic is None or decision is None or decision.reason in UNDOUBTED:
        return None
    number, before = only_number(text), edition.article(topic, language)
    if number is None or before is None:
        return None
    tells_of_orders = any(name.startswith(ABOUT_ORDERS) for name in names_in(before.answer))
    return e.ChoseOrder(topic, number) if tells_of_orders else None


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
        several = _several(parts, asked, alone)
        if several is not None:
            return several
    if decision is None or decision.reason in UNDOUBTED:
        return alone
    if topic is not None and alone.decision != "answer" and leans(text):
        return _leaning(text, decision, alone, edition, language, topic) or alone
    return alone


def _several(parts: Sequence[str], asked: Sequence[e.Asked], whole: e.Asked) -> e.AskedSeveral | None:
    """The parts as questions of their own; None where the whole is one question."""
    is_answered = whole.decision == "answer"
    answered: dict[str, e.Part] = {}
    for text, each in zip(parts, asked, strict=True):
        if each.decision == "answer":
            answered.setdefault(each.candidates[0].article_key, e.Part(text, each.candidates[0]))
    doubtful = _doubtful(parts, asked, answered)
    is_plain = all(asks(each.text) for each in doubtful)
    if is_answered and whole.candidates[0].article_key not in answered:
        return None  # only its parts together say what is meant
    if answered and is_plain:
        is_one = is_answered and len(answered) == 1 and not doubtful
        return None if is_one else e.AskedSeveral(tuple(answered.values()), (), doubtful)
    firsts = [each.candidates[0].article_key for each in asked if each.decision != "unknown"]
    if len(firsts) == len(parts) == len(set(firsts)):
        return None if is_answered else e.AskedSeveral((), _first_of_each(parts, asked))
    known = [doubt for doubt in doubtful if doubt.candidates]
    is_partly_known = known and len(known) < len(doubtful) and not answered and is_plain
    return e.AskedSeveral((), (), doubtful) if is_partly_known else None


def _doubtful(
    parts: Sequence[str], asked: Sequence[e.Asked], answered: Collection[str]
) -> tuple[e.Doubt, ...]:
    """The parts that are not answered, nor about an answered article, with what may answer them."""
    doubts = []
    for text, each in zip(parts, asked, strict=True):
        keys = [candidate.article_key for candidate in each.candidates if each.decision == "suggest"]
        if each.decision == "answer" or asks_for_help(text) or (keys and keys[0] in answered):
            continue
        others = [
            candidate for candidate in each.candidates if candidate.article_key in {*keys} - {*answered}
        ]
        doubts.append(e.Doubt(text, tuple(others[:MOST_LISTED])))
    return tuple(doubts)


def _first_of_each(parts: Sequence[str], asked: Sequence[e.Asked]) -> tuple[e.Part, ...]:
    """A list for all the parts: the best of each, and the next where there is room."""
    ranks = zip_longest(
        *([e.Part(text, c) for c in each.candidates[:2]] for text, each in zip(parts, asked, strict=True))
    )
    return tuple(_distinct(part for part in chain(*ranks) if part))[: max(MOST_LISTED, len(parts))]


def _distinct(parts: Iterable[e.Part]) -> Iterable[e.Part]:
    """Each article once, where it comes first."""
    seen: set[str] = set()
    for part in parts:
        if part.candidate.article_key not in seen:
            seen.add(part.candidate.article_key)
            yield part


def _leaning(
    text: str, decision: Decision, alone: e.Asked, edition: Edition, language: str, topic: str
) -> e.Asked | None:
    """A list of what the text means by itself and beside the topic, the best of each in turn.

    The topic comes first where the text by itself finds it, or leaves its subject out: the customer asks for another
    detail of the article. Words that nothing is found for, and that do not point back, are about something else. Of
    unknown words it is not offered what looks like them by chance.
    """
    before = edition.article(topic, language)
    if before is None or (alone.decision == "unknown" and not points_back(text)):
        return None
    is_known = decision.reason != NOTHING_KNOWN
    found = edition.index.search(f"{before.question} {text if is_known else ''}", LOOKED_AT)
    beside = tuple(_candidates(found, edition, language))
    plain = alone.candidates if is_known else ()
    again = [each for each in plain if each.article_key == topic]
    if not again and is_elliptical(text):
        again = [each for each in beside if each.article_key == topic]
    turns = filter(None, chain(*zip_longest(*(_without(topic, each) for each in (plain, beside)))))
    offered = tuple(_each_once((*again, *turns)))[:MOST_LISTED]
    return e.Asked("suggest", offered, leans=True) if offered else None


def _without(topic: str, candidates: Iterable[e.Candidate]) -> list[e.Candidate]:
    return [each for each in candidates if each.article_key != topic]


def _each_once(candidates: Iterable[e.Candidate]) -> Iterable[e.Candidate]:
    """Each article where it comes first."""
    found: dict[str, e.Candidate] = {}
    for each in candidates:
        found.setdefault(each.article_key, each)
    return found.values()


def _candidates(matches: Iterable[Match], edition: Edition, language: str) -> Iterable[e.Candidate]:
    for match in matches:
        article = edition.article(match.article_key, language)
        if article is not None:
            yield _candidate(match, article)


def _candidate(match: Match, article: Article) -> e.Candidate:
    return e.Candidate(article.key, article.question, match.score, match.confidence)
