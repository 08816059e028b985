"""Whoever waits for an answer is looked at again whenever what is published was learned, however it was published."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import structlog

from bot.clock import Clock
from bot.edition import Edition
from bot.knowledge import CHECK_EVERY_S, Knowledge
from bot.offers import Candidate
from bot.sense import asked_of
from crm_store import articles, wishes
from crm_store.engine import Store, is_outage
from crm_store.presence import Alone, while_leading
from crm_store.session import Session
from crm_store.signals import Topic
from crm_store.wishes import WaitingWish
from knowledge_base.variants import Reader

log = structlog.get_logger(__name__)
AT_ONCE: Final = 200
"""So many questions are decided between two moments in which customers are served."""
TASK: Final = "wishes"


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


def _answers(edition: Edition, waiting: Sequence[WaitingWish]) -> list[tuple[WaitingWish, Candidate]]:
    """Those whose question would be answered alone if it were asked now, with the article."""
    decided = edition.decide_many([wish.question for wish in waiting])
    asked = [
        (wish, asked_of(decision, edition, Reader(wish.language, wish.question)))
        for wish, decision in zip(waiting, decided, strict=True)
    ]
    return [(wish, each.candidates[0]) for wish, each in asked if each.decision == "answer"]


async def _new_to_them(
    session: Session, found: Sequence[tuple[WaitingWish, Candidate]]
) -> dict[str, list[int]]:
    """The gaps by the article that answers them; not where it was given before, and is as it was then."""
    stored = await articles.named(session, {each.article_key for _, each in found})
    answers: dict[str, list[int]] = defaultdict(list)
    for wish, best in found:
        key = best.article_key
        changed_at = {each.draft.language: each.updated_at for each in stored if each.draft.key == key}
        own = changed_at.get(best.language, max(changed_at.values(), default=wish.asked_at))
        if changed_at and (key not in wish.given or own > wish.asked_at):
            answers[key].append(wish.gap_id)
    return answers
