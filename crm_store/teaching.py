"""Phrasings that enough customers agree on, added without anybody at the desk, where the owner lets them be.

Each is tried first, as every change is: one that would make a question with a known answer wrong stays proposed and
says so, as do words in which something private may stand.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import articles, askers, audit, publishing, question_labels
from crm_store.articles import ArticleDraft, StoredArticle
from crm_store.private_words import without_private
from crm_store.question_labels import ACCEPTED, HELD, Proposal

BY = "customers' agreement"


@dataclass(frozen=True, slots=True)
class Agreed:
    """A proposal to accept: the article as it was read, and as it would be."""

    proposal: Proposal
    article: StoredArticle
    draft: ArticleDraft


async def agreed(session: AsyncSession, conversation_id: int, *, needed: int) -> list[Agreed]:
    """What was proposed in this conversation and `needed` people agree on, nobody saying otherwise."""
    if needed < 1:
        return []
    proposals = await question_labels.proposals(session, conversation_id=conversation_id)
    found = [
        await _of(session, each) for each in proposals if each.verdicts.agree >= needed and each.is_undisputed
    ]
    return [each for each in found if each is not None]


async def _of(session: AsyncSession, proposal: Proposal) -> Agreed | None:
    """None where the article is gone, or something private may stand in the words."""
    said = proposal.verdicts
    article = await articles.find(session, said.article_key, said.language)
    names = await askers.of_questions(session, [said.normal])
    if article is None or without_private(said.question, names[said.normal]) != said.question.strip():
        return None
    known = article.draft.phrasings
    phrasings = known if said.question in known else (*known, said.question)
    return Agreed(proposal, article, replace(article.draft, phrasings=phrasings))


async def accept(session: AsyncSession, each: Agreed, *, now: datetime) -> None:
    """Publish the phrasing; raises NotFound or Conflict where somebody changed the article since it was read."""
    await _decide(session, each, ACCEPTED, now)
    if each.draft == each.article.draft:
        return
    stored = await publishing.change(
        session, each.article.id, each.draft, version=each.article.version, by=BY, now=now
    )
    await _record(session, each, "phrasings.accept", now, version=stored.version)


async def hold(session: AsyncSession, each: Agreed, wrong: int, *, now: datetime) -> None:
    """Leave the phrasing to the desk: it would make so many questions with a known answer wrong."""
    await _decide(session, each, HELD, now)
    if not each.proposal.is_held:
        await _record(session, each, "phrasings.hold", now, would_become_wrong=wrong)


async def _decide(session: AsyncSession, each: Agreed, state: str, now: datetime) -> None:
    said = each.proposal.verdicts
    await question_labels.decide(session, said.article_key, said.language, said.normal, state, by=BY, now=now)


async def _record(session: AsyncSession, each: Agreed, action: str, now: datetime, **detail: int) -> None:
    people = each.proposal.verdicts.agree
    await audit.record(
        session,
        actor=BY,
        action=action,
        subject=f"article:{each.article.id}",
        now=now,
        detail={**detail, "people": people},
    )
