"""Trying a change of the articles before it is published: on the last real questions, and on the gold set.

A change that would make a gold question wrong is refused, unless whoever makes it gives a reason, which the audit
keeps. Without a gold set nothing is built, so that a new shop publishes at once.
"""

import asyncio
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from pydantic import BaseModel, Field

from admin_api.contract import Context
from admin_api.problems import ApiError, Fault
from admin_api.versions import IfMatch
from crm_store import articles, asked, question_labels
from crm_store.articles import ArticleDraft
from crm_store.question_labels import Gold
from knowledge_base.articles import Article, is_live
from knowledge_base.index import KnowledgeIndex
from knowledge_base.trial import GoldQuestion, Trial, build_pair, compare

_MOST_TOLD = 20
Name = tuple[str, str]


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


@dataclass(frozen=True, slots=True)
class Change:
    """Articles that are new or said anew, and the names of those taken away; `replace` takes away all others."""

    put: Collection[ArticleDraft] = ()
    removed: Collection[Name] = ()
    replace: bool = False


def applied(present: Iterable[ArticleDraft], change: Change) -> list[ArticleDraft]:
    """The articles as they would be."""
    kept = {} if change.replace else {(each.key, each.language): each for each in present}
    kept |= {(each.key, each.language): each for each in change.put}
    return [each for name, each in kept.items() if name not in change.removed]


async def run(context: Context, change: Change, *, replay: int) -> Trial:
    """What the change would do to the last `replay` questions and to the gold set."""
    async with context.read() as session:
        present = await articles.live(session)
        questions = await asked.recent(session, replay) if replay else []
        gold = await question_labels.gold(session)
    texts = [each.text for each in questions]
    return await asyncio.to_thread(
        _tried,
        present,
        applied(present, change),
        context.services.knowledge().index,
        texts,
        gold,
        context.now,
    )


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
        Fault(
            place="gold",
            field=each.question.text,
            message=f"{_told(each.before)} before, {_told(each.after)} then; "
            f"people said '{each.question.article_key}' {'answers' if each.question.agrees else 'does not answer'} it",
        )
        for each in trial.regressions[:_MOST_TOLD]
    ]
    named = "; ".join(f"“{each.field}”: {each.message}" for each in wrong[:3])
    raise ApiError(
        409,
        f"not published: {len(trial.regressions)} of {trial.gold} questions with a known answer would become wrong "
        f"({named}). Change it, or give a reason to publish it all the same.",
        errors=wrong,
    )


def _told(key: str | None) -> str:
    return f"answered with '{key}'" if key else "no answer alone"


def _tried(
    present: Sequence[ArticleDraft],
    proposed: Sequence[ArticleDraft],
    thresholds: KnowledgeIndex,
    texts: Sequence[str],
    gold: Sequence[Gold],
    now: datetime,
) -> Trial:
    before, after = build_pair(_live(present, now), _live(proposed, now), thresholds)
    known = [GoldQuestion(each.question, each.article_key, each.agrees) for each in gold]
    return compare(before.decide_many, after.decide_many, texts, known)


def _live(drafts: Iterable[ArticleDraft], now: datetime) -> list[Article]:
    found = (Article(**asdict(draft)) for draft in drafts)
    return [article for article in found if is_live(article, now)]
