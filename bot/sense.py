"""Making sense of a question in its conversation: several at once, or one that leans on the topic before it. Pure.

What a single question means the knowledge base decides. Here its decisions about the parts of a message, or about
the message read together with the topic before it, are put together. A part is
answered only when it would be answered alone, and what is not is said; a leaning question gets a list.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from types import MappingProxyType
from typing import Final

from bot import events as e
from bot.clauses import Question, halves_of, questions_of
from bot.details import asks_detail
from bot.edition import Edition
from bot.order_numbers import only_number
from bot.questions import (
    asks,
    asks_for_help,
    is_elliptical,
    leans,
    points_back,
    says_nothing_alone,
    telling_words,
)
from bot.small_talk import SmallTalk
from knowledge_base.articles import Article
from knowledge_base.blanks import ABOUT_ORDERS, names_in
from knowledge_base.blocks import read
from knowledge_base.matches import Decision, Match
from knowledge_base.variants import Reader

MOST_LISTED = 3
LOOKED_AT = 8
NOTHING_DECIDED: Final[Mapping[str, Decision]] = MappingProxyType({})
UNDOUBTED = frozenset({"exact_phrasing", "near_phrasing"})
"""Rules after which a message says by itself what it asks."""
KNOWN_WORDS = frozenset({"exact_phrasing", "exact_in_several"})
NOTHING_KNOWN: Final = "nothing_known"


def asked_of(decision: Decision | None, edition: Edition, reader: Reader) -> e.Asked:
    """The knowledge base's decision as an event; articles that are gone are left out."""
    if decision is None:
        return e.Asked("unknown")
    offer = edition.offer(decision, reader)
    return e.Asked(offer.decision.kind, tuple(map(_candidate, offer.decision.matches, offer.articles)))


def order_said(
    text: str, decision: Decision | None, edition: Edition, reader: Reader, topic: str | None
) -> e.ChoseOrder | None:
    """The order that is named and nothing else, where the article answered last tells of orders."""
    if topic is None or decision is None or decision.reason in UNDOUBTED:
        return None
    number, before = only_number(text), edition.article(topic, reader.before, reader)
    if number is None or before is None:
        return None
    tells_of_orders = any(name.startswith(ABOUT_ORDERS) for name in names_in(before.answer))
    return e.ChoseOrder(topic, number, before.language) if tells_of_orders else None


def is_asked(talk: SmallTalk, decision: Decision | None) -> bool:
    """Whether an article knows these words: as they stand, or, where they may be another's, by all it has learned."""
    if decision is None:
        return False
    return decision.reason in KNOWN_WORDS or (decision.kind == "answer" and not talk.is_sure)


def _questions(text: str, decision: Decision | None) -> tuple[Question, ...]:
    """The questions the text may hold; nothing where it is one.

    An answered message is taken apart only where every part asks: most have a sentence that tells what happened.
    """
    if decision is None or decision.reason == "exact_phrasing":
        return ()
    found = questions_of(text)
    if decision.kind != "answer":
        is_one = len(found) == 1 and (not found[0].tail or says_nothing_alone(found[0].head))
        return () if is_one else found
    if decision.reason == "near_phrasing" and len(found) <= len(questions_of(decision.matches[0].phrasing)):
        return ()  # as it was taught, however many sentences that has
    if len(found) < 2:
        return halves_of(text)
    return found if all(asks(each.whole) for each in found) else ()


def parts_to_decide(text: str, decision: Decision | None) -> tuple[str, ...]:
    """What of the text has to be decided apart; nothing where it is one question."""
    apart = (part for each in _questions(text, decision) for part in (each.head, each.whole))
    return tuple(dict.fromkeys(part for part in apart if part != text))


def make_sense(
    text: str,
    decision: Decision | None,
    edition: Edition,
    reader: Reader,
    topic: str | None,
    decided: Mapping[str, Decision] = NOTHING_DECIDED,
) -> e.Asked | e.AskedSeveral:
    """What the text asks; `topic` is the key of the article answered last in this conversation.

    `decided` are parts that were decided together with those of other messages, which is faster.
    """
    alone = asked_of(decision, edition, reader)
    questions = _questions(text, decision)
    if questions:

        def found(part: str) -> e.Asked:
            if part == text:
                return alone
            known = decided.get(part) or edition.decide_many([part])[0]
            return asked_of(known, edition, reader)

        parts = [part for each in questions for part in _parts(each, found)]
        several = _several(parts, alone, edition) if len(parts) > 1 else None
        if several is not None:
            return several
    if decision is None or decision.reason in UNDOUBTED:
        return alone
    if topic is not None and alone.decision != "answer" and (asks_detail(text) or leans(text)):
        return _leaning(text, decision, alone, edition, reader, topic) or alone
    return alone


@dataclass(frozen=True, slots=True)
class _Part:
    """What is made of a part of a message; one that leans is read as more of it."""

    text: str
    asked: e.Asked
    read_as: str = ""


def _parts(question: Question, found: Callable[[str], e.Asked]) -> Iterator[_Part]:
    """The question as one part, or as two where only what it begins with is answered."""
    whole = found(question.whole)
    if question.is_bare and whole.decision == "unknown":
        return  # a word that nothing is known of is no question
    if not question.tail or whole.decision == "answer":
        yield _Part(question.whole, whole)
        return
    head = found(question.head)
    if head.decision == "answer":
        yield _Part(question.head, head)
        yield _Part(question.tail, whole, question.whole)
    else:
        yield _Part(question.whole, whole if whole.decision != "unknown" else head)


def _several(parts: Sequence[_Part], whole: e.Asked, edition: Edition) -> e.AskedSeveral | None:
    """The parts as questions of their own; None where the whole is one question."""
    is_answered = whole.decision == "answer"
    answered: dict[str, e.Part] = {}
    for part in parts:
        if part.asked.decision == "answer":
            best = part.asked.candidates[0]
            answered.setdefault(best.article_key, e.Part(part.text, best))
    told = {key: edition.article(key, part.candidate.language) for key, part in answered.items()}
    doubtful = _doubtful(parts, told)
    is_plain = all(asks(each.text) for each in doubtful)
    if is_answered and whole.candidates[0].article_key not in answered:
        return None  # only its parts together say what is meant
    if answered and is_plain:
        is_one = (is_answered or any(each.read_as for each in parts)) and len(answered) == 1 and not doubtful
        return None if is_one else e.AskedSeveral(tuple(answered.values()), (), doubtful)
    firsts = [each.asked.candidates[0].article_key for each in parts if each.asked.decision != "unknown"]
    if len(firsts) == len(parts) == len(set(firsts)):
        return None if is_answered else e.AskedSeveral((), _first_of_each(parts))
    known = [doubt for doubt in doubtful if doubt.candidates]
    is_partly_known = known and len(known) < len(doubtful) and not answered and is_plain
    # What points back says what is meant only together with what stands before it.
    is_apart = is_partly_known and not any(points_back(each.text) for each in doubtful)
    return e.AskedSeveral((), (), doubtful) if is_apart else None


def _doubtful(parts: Sequence[_Part], answered: Mapping[str, Article | None]) -> tuple[e.Doubt, ...]:
    """The parts that are not answered, nor spoken of by an article that is, with what may answer them."""
    doubts = []
    for part in parts:
        asked = part.asked
        keys = [candidate.article_key for candidate in asked.candidates if asked.decision == "suggest"]
        is_told = bool(keys) and not part.read_as and _speaks_of(answered.get(keys[0]), part.text)
        if asked.decision == "answer" or asks_for_help(part.text) or is_told:
            continue
        others = [each for each in asked.candidates if each.article_key in {*keys} - {*answered}]
        doubts.append(e.Doubt(part.text, tuple(others[:MOST_LISTED]), part.read_as))
    return tuple(doubts)


def _speaks_of(article: Article | None, text: str) -> bool:
    """Whether the article has all words of the text that tell what it is about.

    Of a few articles one is always the likest, however unlike: that it comes first says little.
    """
    if article is None:
        return False
    has = " ".join((article.question, *article.phrasings, article.answer))
    return {*read(telling_words(text), article.language).stems} <= {*read(has, article.language).stems}


def _first_of_each(parts: Sequence[_Part]) -> tuple[e.Part, ...]:
    """A list for all the parts: the best of each, and the next where there is room."""
    ranks = zip_longest(*([e.Part(part.text, c) for c in part.asked.candidates[:2]] for part in parts))
    return tuple(_distinct(part for part in chain(*ranks) if part))[: max(MOST_LISTED, len(parts))]


def _distinct(parts: Iterable[e.Part]) -> Iterable[e.Part]:
    """Each article once, where it comes first."""
    seen: set[str] = set()
    for part in parts:
        if part.candidate.article_key not in seen:
            seen.add(part.candidate.article_key)
            yield part


def _leaning(
    text: str, decision: Decision, alone: e.Asked, edition: Edition, reader: Reader, topic: str
) -> e.Asked | None:
    """A list of what the text means by itself and beside the topic, the best of each in turn.

    The topic comes first where the text by itself finds it, or leaves its subject out: the customer asks for another
    detail of the article. Words that nothing is found for, and that do not point back, are about something else. Of
    unknown words it is not offered what looks like them by chance. What asks for a detail and names nothing is asked of
    the topic; behind it stays what it finds alone.
    """
    before, is_detail = edition.variant(topic, reader), asks_detail(text)
    if before is None or (alone.decision == "unknown" and not (is_detail or points_back(text))):
        return None
    is_known = decision.reason != NOTHING_KNOWN
    found = edition.index.search(f"{before.question} {text if is_known else ''}", LOOKED_AT)
    beside = tuple(_candidates(found, edition, reader))
    plain = alone.candidates if is_known else ()
    again = [each for each in plain if each.article_key == topic]
    if not again and (is_detail or is_elliptical(text)):
        again = [each for each in beside if each.article_key == topic]
    others = [_without(topic, each) for each in (plain, beside)]
    is_apart = is_detail and not points_back(text)
    turns = chain(*others) if is_apart else filter(None, chain(*zip_longest(*others)))
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


def _candidates(matches: Iterable[Match], edition: Edition, reader: Reader) -> Iterable[e.Candidate]:
    for match in matches:
        article = edition.matched(match, reader)
        if article is not None:
            yield _candidate(match, article)


def _candidate(match: Match, article: Article) -> e.Candidate:
    return e.Candidate(article.key, article.question, match.score, match.confidence, article.language)
