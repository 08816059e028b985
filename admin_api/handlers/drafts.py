"""Articles on their way: begun by hand, or made of an agent's reply, and published when somebody has read them."""

from dataclasses import replace

from admin_api.contract import Context, Reply
from admin_api.handlers.articles import checked, told
from admin_api.paging import Page, last_id, paged
from admin_api.schemas.articles import ArticleShown
from admin_api.schemas.base import IdPath
from admin_api.schemas.learning import (
    ArticleChoice,
    DraftChange,
    DraftShown,
    DraftsQuery,
    NearArticle,
    NewDraft,
)
from admin_api.trying import Forced, guard
from crm_store import articles, draft_publishing, drafts, gaps, publishing, wishes, wrong_answers
from crm_store.changes import Change
from crm_store.models.learning import ArticleProposal
from crm_store.session import Session
from knowledge_base.languages import language_among
from knowledge_base.likeness import nearest, with_more
from knowledge_base.variants import Reader


async def from_reply(context: Context, path: IdPath) -> Reply[DraftShown]:
    """A draft of what an agent wrote: without private data, with the question as phrasing, and what is like it."""
    present = context.services.knowledge().languages
    async with context.write() as session:
        draft = await drafts.from_reply(
            session,
            path.id,
            lambda said: language_among(said.words, present, said.conversation.language),
            by=context.caller.name,
            now=context.now,
        )
        await context.audit(session, f"draft:{draft.id}", message=path.id)
        near = await _nearest(context, session, draft)
    return Reply(DraftShown.of(draft, near), {"Location": f"/api/v1/drafts/{draft.id}"})


async def begin(context: Context, body: NewDraft) -> Reply[DraftShown]:
    """A draft of what is written so far: it takes files, can be tried, and is published when somebody says so."""
    async with context.write() as session:
        draft = await drafts.begin(
            session, body.content(), body.gap_ids, by=context.caller.name, now=context.now
        )
        await context.audit(session, f"draft:{draft.id}", key=draft.content["key"])
        near = await _nearest(context, session, draft)
    return Reply(DraftShown.of(draft, near), {"Location": f"/api/v1/drafts/{draft.id}"})


async def _nearest(context: Context, session: Session, draft: ArticleProposal) -> list[NearArticle]:
    content = drafts.content_of(draft)
    edition = context.services.knowledge()
    found: dict[str, NearArticle] = {}
    reader = Reader(content.language, content.question, before=content.language)
    for match in nearest(edition.index, (content.question, *content.phrasings)):
        article = edition.matched(match, reader)
        if article is not None:
            stored = await articles.find(session, article.key, article.language)
            found[article.key] = NearArticle(
                article_id=stored.id if stored else None,
                article_key=article.key,
                question=article.question,
                confidence=match.confidence,
            )
    return list(found.values())


async def listing(context: Context, query: DraftsQuery) -> Reply[Page[DraftShown]]:
    """The newest first; open ones unless asked otherwise."""
    async with context.read() as session:
        rows = await drafts.page(
            session, state=query.state, before_id=last_id(context, query), limit=query.limit + 1
        )
    return paged(context, query, rows, DraftShown.of, lambda row: [row.id])


async def read(context: Context, path: IdPath) -> Reply[DraftShown]:
    """One draft, with the articles nearest to it."""
    async with context.read() as session:
        draft = await drafts.get(session, path.id)
        return Reply(DraftShown.of(draft, await _nearest(context, session, draft)))


async def change(context: Context, path: IdPath, body: DraftChange) -> Reply[DraftShown]:
    """Write a draft anew."""
    async with context.write() as session:
        draft = await drafts.change(session, path.id, version=body.version, now=context.now, **body.changes())
        await context.audit(session, f"draft:{draft.id}", version=draft.version)
    return Reply(DraftShown.of(draft))


async def publish(context: Context, path: IdPath, headers: Forced) -> Reply[ArticleShown]:
    """Publish a draft, and close the questions it answers."""
    async with context.read() as session:
        content = checked(drafts.content_of(await drafts.get(session, path.id)))
    reason = await guard(context, Change([content]), headers)
    async with context.write() as session:
        draft = await drafts.settle(session, path.id, drafts.PUBLISHED, now=context.now)
        content = checked(drafts.content_of(draft))
        stored = await publishing.create(session, content, by=context.caller.name, now=context.now)
        await gaps.close_known(session, draft.gap_ids)
        await wishes.answered(session, draft.gap_ids, stored.draft.key, now=context.now)
        await wrong_answers.taught(
            session, draft.gap_ids, stored.draft.key, agent_id=context.caller.agent_id, now=context.now
        )
        await context.audit(session, f"article:{stored.id}", draft=draft.id, forced=reason)
    return told(stored)


async def teach(context: Context, path: IdPath, headers: Forced, body: ArticleChoice) -> Reply[ArticleShown]:
    """Make a draft's question a phrasing of an article there is, in place of a new one."""
    async with context.read() as session:
        asked = drafts.content_of(await drafts.get(session, path.id)).phrasings
        present = await articles.get(session, body.article_id)
    content = checked(replace(present.draft, phrasings=with_more(present.draft.phrasings, asked)))
    reason = await guard(context, Change([content]), headers)
    async with context.write() as session:
        stored = await draft_publishing.teach(
            session,
            path.id,
            present,
            content,
            by=context.caller.name,
            now=context.now,
            agent_id=context.caller.agent_id,
        )
        await context.audit(session, f"article:{present.id}", draft=path.id, forced=reason)
    return told(stored)


async def dismiss(context: Context, path: IdPath) -> Reply[None]:
    """Throw a draft away."""
    async with context.write() as session:
        draft = await drafts.settle(session, path.id, drafts.DISMISSED, now=context.now)
        await context.audit(session, f"draft:{draft.id}", state=draft.state)
    return Reply(None)
