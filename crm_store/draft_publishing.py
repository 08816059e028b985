"""A draft's question made a phrasing of an article there is; the desk and the staff's chat publish it alike."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import drafts, gaps, publishing, wishes, wrong_answers
from crm_store.articles import ArticleDraft, StoredArticle


async def teach(
    session: AsyncSession,
    draft_id: int,
    present: StoredArticle,
    content: ArticleDraft,
    *,
    by: str,
    agent_id: int | None,
    now: datetime,
) -> StoredArticle:
    """The article as `content` says, the draft settled, the questions it answers closed, who waits for them told.

    Raises Conflict where the draft is settled already, or the article is another since it was read.
    """
    draft = await drafts.settle(session, draft_id, drafts.PUBLISHED, now=now)
    stored = await publishing.change(session, present.id, content, version=present.version, by=by, now=now)
    await gaps.close_known(session, draft.gap_ids)
    await wishes.answered(session, draft.gap_ids, stored.draft.key, now=now)
    await wrong_answers.taught(session, draft.gap_ids, stored.draft.key, agent_id=agent_id, now=now)
    return stored
