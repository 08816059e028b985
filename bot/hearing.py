"""Whoever waits for an answer is looked at again whenever what is published was learned, however it was published.

So are the questions that nobody could answer: the owner's list of them becomes shorter by what is written.
"""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Final, Protocol, TypeVar

import structlog

from bot.clock import Clock
from bot.edition import Edition
from bot.knowledge import CHECK_EVERY_S, Knowledge
from bot.offers import Candidate
from bot.sense import asked_of
from crm_store import articles, gaps, wishes
from crm_store.engine import Store, is_outage
from crm_store.presence import Alone, while_leading
from crm_store.session import Session
from crm_store.signals import Topic
from crm_store.wishes import WaitingWish
from knowledge_base.variants import Reader

log = structlog.get_logger(__name__)
AT_ONCE: Final = 200
"""So many questions are decided between two moments in which customers are served."""
MOST_PAGES: Final = 50
"""Of open questions, the newest first: who wrote no article for ten thousand of them does not read the oldest."""
TASK: Final = "wishes"


class _Asking(Protocol):
    """What was asked once, and can be asked anew."""

    @property
    def question(self) -> str: ...

    @property
    def language(self) -> str: ...


A = TypeVar("A", bound=_Asking)


async def hear_of_answers(store: Store, knowledge: Knowledge, clock: Clock, presence: Alone) -> None:
    """Decide waiting wishes' questions anew at the start and after every publication; runs until cancelled."""

    async def watch() -> None:
        seen: tuple[int, str] | None = None
        listener = store.signals.listen(Topic.KNOWLEDGE)
        try:
            while True:
                settled, edition = knowledge.settled, knowledge.edition
                try:
                    if settled is not None and settled != seen:
                        await decide_anew(store, edition, clock)
                        await close_answered(store, edition)
                        seen = settled
                except Exception as error:
                    if not is_outage(error):
                        log.exception("who waits for an answer could not be looked at; it is tried again")
                await listener.wait(CHECK_EVERY_S)
        finally:
            store.signals.forget(listener)

    await while_leading(presence, TASK, watch)


async def decide_anew(store: Store, edition: Edition, clock: Clock) -> int:
    """How many of those who wait have an answer now, and will be told."""
    told = last_id = 0
    while True:
        async with store.read() as session:
            waiting = await wishes.waiting(session, after_id=last_id, limit=AT_ONCE)
        if not waiting:
            return told
        last_id = waiting[-1].id
        found = await asyncio.to_thread(_answers, edition, waiting)
        if found:
            async with store.write() as session:
                for key, gap_ids in (await _new_to_them(session, found)).items():
                    told += await wishes.answered(session, gap_ids, key, now=clock())


async def close_answered(store: Store, edition: Edition) -> int:
    """How many open questions an article answers alone now that was published since they were asked: it closes them.

    One that was closed so is open again where none does any more.
    """
    closed, before_id = 0, None
    for page in count():
        async with store.read() as session:
            some = await gaps.to_decide(session, before_id=before_id, limit=AT_ONCE)
        if not some or page == MOST_PAGES:
            return closed
        before_id = some[-1].id
        found = await asyncio.to_thread(_answers, edition, some)
        async with store.read() as session:
            changed_at = await _changed_at(session, {best.article_key for _, best in found})
        answers = {
            gap.id: best.article_key
            for gap, best in found
            if best.article_key != gap.denied and _when(changed_at, best, gap.asked_at) > gap.asked_at
        }
        changes = {gap.id: key for gap in some if (key := answers.get(gap.id)) != gap.answered_by}
        if changes:
            async with store.write() as session:
                closed += await gaps.mark_answered(session, changes)
    return closed


def _answers(edition: Edition, waiting: Sequence[A]) -> list[tuple[A, Candidate]]:
    """Those whose question would be answered alone if it were asked now, with the article."""
    decided = edition.decide_many([each.question for each in waiting])
    asked = [
        (each, asked_of(decision, edition, Reader(each.language, each.question)))
        for each, decision in zip(waiting, decided, strict=True)
    ]
    return [(each, one.candidates[0]) for each, one in asked if one.decision == "answer"]


async def _changed_at(session: Session, keys: Collection[str]) -> dict[str, dict[str, datetime]]:
    """When these articles were published last, by key and language."""
    found: dict[str, dict[str, datetime]] = defaultdict(dict)
    for each in await articles.named(session, keys):
        found[each.draft.key][each.draft.language] = each.updated_at
    return found


def _when(changed_at: Mapping[str, Mapping[str, datetime]], best: Candidate, otherwise: datetime) -> datetime:
    """When the article was published last in its language, else in any; `otherwise` where it is gone."""
    there = changed_at.get(best.article_key, {})
    return there.get(best.language, max(there.values(), default=otherwise))


async def _new_to_them(
    session: Session, found: Sequence[tuple[WaitingWish, Candidate]]
) -> dict[str, list[int]]:
    """The gaps by the article that answers them; not where it was given before, and is as it was then."""
    changed_at = await _changed_at(session, {best.article_key for _, best in found})
    answers: dict[str, list[int]] = defaultdict(list)
    for wish, best in found:
        key, is_newer = best.article_key, _when(changed_at, best, wish.asked_at) > wish.asked_at
        if key in changed_at and (key not in wish.given or is_newer):
            answers[key].append(wish.gap_id)
    return answers
