"""Trying a change of the articles before it is published: on the last real questions, and on the gold set.

A change that would make a gold question wrong is refused, unless whoever makes it gives a reason, which the audit
keeps. Without a gold set nothing is built, so that a new shop publishes at once.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import datetime

from pydantic import BaseModel, Field

from admin_api.contract import Context
from admin_api.problems import ApiError, Fault
from admin_api.versions import IfMatch
from crm_store import asked, askers, question_labels
from crm_store.articles import ArticleDraft
from crm_store.changes import Change, Weighed, weigh
from knowledge_base.articles import Article
from knowledge_base.index import KnowledgeIndex
from knowledge_base.text import normalise
from knowledge_base.trial import GoldQuestion, Trial, gold_texts, refusal, reworded, told, tried

_MOST_TOLD = 20


class Forced(BaseModel):
    """Publishing what the gold set speaks against."""

    force_reason: str | None = Field(
        None,
        min_length=3,
        max_length=200,
        description="Why a change is published although it fails the gold set",
    )


class ChangeHeaders(IfMatch, Forced):
    """The conditions of a change."""


async def run(context: Context, change: Change, *, replay: int) -> Trial:
    """What the change would do to the last `replay` questions and to the gold set."""
    async with context.read() as session:
        questions = await asked.recent(session, replay) if replay else []
        weighed = await weigh(session, change)
    texts = [each.text for each in questions]
    index = context.services.knowledge().index
    trial = await asyncio.to_thread(_tried, weighed, index, texts, context.now)
    async with context.read() as session:
        words = await askers.shown(session, {text: normalise(text) for text in gold_texts(trial)})
    return reworded(trial, words)


async def guard(context: Context, change: Change, forced: Forced) -> str | None:
    """Let the change pass if the gold set does; the reason for the audit where it was forced. ApiError 409."""
    async with context.read() as session:
        gold = await question_labels.gold(session)
    if not gold:
        return None
    trial = await run(context, change, replay=0)
    if not trial.regressions or forced.force_reason:
        return forced.force_reason if trial.regressions else None
    wrong = [
        Fault(place="gold", field=each.question.text, message=told(each))
        for each in trial.regressions[:_MOST_TOLD]
    ]
    raise ApiError(
        409,
        f"not published: {refusal(trial)}. Change it, or give a reason to publish it all the same.",
        errors=wrong,
        kind="trial_worse",
        params={"n": len(trial.regressions), "which": ", ".join(f"“{one.field}”" for one in wrong)},
    )


def _tried(weighed: Weighed, thresholds: KnowledgeIndex, texts: Sequence[str], now: datetime) -> Trial:
    known = [GoldQuestion(each.question, each.article_key, each.agrees) for each in weighed.gold]
    present, proposed = (_articles(some) for some in (weighed.present, weighed.proposed))
    return tried(present, proposed, thresholds, known, texts, now=now)


def _articles(drafts: Iterable[ArticleDraft]) -> list[Article]:
    return [Article(**asdict(draft)) for draft in drafts]
