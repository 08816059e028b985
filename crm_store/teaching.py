"""Phrasings that enough customers agree on, added without anybody at the desk, where the owner lets them be."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import articles, askers, audit, publishing, question_labels
from crm_store.articles import StoredArticle
from crm_store.private_words import without_private
from crm_store.question_labels import ACCEPTED, Proposal

BY = "customers' agreement"


async def accept_agreed(session: AsyncSession, conversation_id: int, *, needed: int, now: datetime) -> int:
    """Publish what was proposed in this conversation and `needed` people agree on, nobody saying otherwise; how many.

    No replay is needed before: the very words are nobody else's, since one person who meant another article, or who
    said that it does not help, leaves them to the desk. So do words in which something private may stand.
    """
    if needed < 1:
        return 0
    count = 0
    for proposal in await question_labels.proposals(session, conversation_id=conversation_id):
        if proposal.verdicts.agree >= needed and proposal.is_undisputed:
            count += await _accept(session, proposal, now)
    return count


async def _accept(session: AsyncSession, proposal: Proposal, now: datetime) -> bool:
    said = proposal.verdicts
    article = await articles.find(session, said.article_key, said.language)
    names = await askers.of_questions(session, [said.normal])
    if article is None or without_private(said.question, names[said.normal]) != said.question.strip():
        return False
    await question_labels.decide(
        session, said.article_key, said.language, said.normal, ACCEPTED, by=BY, now=now
    )
    if said.question in article.draft.phrasings:
        return False
    stored = await _published(session, article, said.question, now)
    await audit.record(
        session,
        actor=BY,
        action="phrasings.accept",
        subject=f"article:{article.id}",
        now=now,
        detail={"version": stored.version, "people": said.agree},
    )
    return True


async def _published(
    session: AsyncSession, article: StoredArticle, phrasing: str, now: datetime
) -> StoredArticle:
    draft = replace(article.draft, phrasings=(*article.draft.phrasings, phrasing))
    return await publishing.change(session, article.id, draft, version=article.version, by=BY, now=now)
