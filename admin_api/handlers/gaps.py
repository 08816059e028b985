"""Questions nobody could answer: one by one, and grouped into what could be written."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from admin_api.contract import Context, Reply
from admin_api.handlers.articles import checked, told
from admin_api.paging import Page, last_id, paged
from admin_api.schemas.articles import ArticleShown
from admin_api.schemas.base import IdPath
from admin_api.schemas.gaps import (
    ClosedShown,
    CloseGapsBody,
    GapChange,
    GapGroupShown,
    GapGroupsShown,
    GapQuery,
    GapShown,
    GroupedGap,
    GroupsQuery,
    OfferedShown,
    TeachBody,
)
from admin_api.trying import Forced, guard
from crm_store import articles, askers, gaps, publishing, wishes, wrong_answers
from crm_store.articles import StoredArticle
from crm_store.changes import Change
from crm_store.errors import InvalidValue
from crm_store.gaps import OpenGap
from crm_store.session import Session
from knowledge_base.articles import Article
from knowledge_base.grouping import MAX_TEXTS, group
from knowledge_base.text import normalise
from knowledge_base.variants import Reader, variant_for

_OFFERED_SHOWN = 3


async def listing(context: Context, query: GapQuery) -> Reply[Page[GapShown]]:
    """The newest first; open ones unless asked otherwise."""
    async with context.read() as session:
        rows = await gaps.page(
            session,
            state=query.state,
            language=query.language,
            before_id=last_id(context, query),
            limit=query.limit + 1,
        )
    return paged(context, query, rows, GapShown.model_validate, lambda row: [row.id])


async def change(context: Context, path: IdPath, body: GapChange) -> Reply[GapShown]:
    """Close a gap once an article answers it, or open it again."""
    async with context.write() as session:
        gap = await gaps.set_state(session, path.id, body.state)
        await context.audit(session, f"gap:{gap.id}", state=gap.state)
    return Reply(GapShown.model_validate(gap))


async def groups(context: Context, query: GroupsQuery) -> Reply[GapGroupsShown]:
    """What the open questions are about: each group could be an article, or phrasings of one there is."""
    async with context.read() as session:
        found = await gaps.open_ones(session, now=context.now, language=query.language, limit=MAX_TEXTS)
        drafts = await articles.live(session)
        offered = {key for each in found for key in _offered(each)}
        stored: dict[str, list[StoredArticle]] = defaultdict(list)
        for article in await articles.named(session, offered):
            stored[article.draft.key].append(article)
    by_language: dict[str, list[OpenGap]] = defaultdict(list)
    for each in found:
        by_language[each.gap.language].append(each)
    shown: list[GapGroupShown] = []
    for language, some in by_language.items():
        known = [phrasing for draft in drafts if draft.language == language for phrasing in draft.phrasings]
        texts = [each.gap.question for each in some]
        made = await asyncio.to_thread(group, texts, known, language)
        shown += [_shown([some[at] for at in one.members], stored) for one in made]
    shown.sort(key=lambda one: (-len(one.gaps), -one.handed_off, one.gaps[0].id))
    return Reply(GapGroupsShown(items=shown, grouped=len(found)))


def _offered(gap: OpenGap) -> dict[str, str]:
    """The articles that were offered for it, or given and did not help, with the language each was offered in."""
    candidates = gap.gap.candidates[:3]
    return {key: each.get("language") or "" for each in candidates if (key := each.get("article_key"))}


def _shown(members: Sequence[OpenGap], stored: Mapping[str, Sequence[StoredArticle]]) -> GapGroupShown:
    """The group, its first member being the typical one."""
    # A conversation with several of the questions counts once.
    scores = {each.gap.conversation_id: each.score for each in members if each.score is not None}
    language = members[0].gap.language
    offered = Counter(key for each in members for key in _offered(each)).most_common(_OFFERED_SHOWN)
    return GapGroupShown(
        question=members[0].gap.question,
        language=language,
        gaps=[GroupedGap.model_validate(each.gap) for each in members],
        customers=len({each.customer_id for each in members}),
        handed_off=len({each.gap.conversation_id for each in members if each.was_handed_off}),
        waited_s=sum(each.waited.total_seconds() for each in members),
        mean_score=sum(scores.values()) / len(scores) if scores else None,
        offered=[_offer(key, times, _variant(stored.get(key, ()), key, members)) for key, times in offered],
    )


def _variant(stored: Sequence[StoredArticle], key: str, members: Sequence[OpenGap]) -> StoredArticle | None:
    """The article that could be taught these questions: in the language most of them were offered it in, where that is
    known, else in the one they are in."""
    in_language = {each.draft.language: each for each in stored}
    variants = {each.language: each for each in (Article(**asdict(one.draft)) for one in stored)}
    told = Counter(language for each in members if (language := _offered(each).get(key)))
    first = members[0].gap
    found = variants.get(told.most_common(1)[0][0]) if told else None
    found = found or variant_for(variants, Reader(first.language, first.question))
    return in_language[found.language] if found else None


def _offer(key: str, times: int, article: StoredArticle | None) -> OfferedShown:
    question = article.draft.question if article else key
    number = article.id if article else None
    return OfferedShown(article_id=number, article_key=key, question=question, times=times)


async def close(context: Context, body: CloseGapsBody) -> Reply[ClosedShown]:
    """Close several at once."""
    async with context.write() as session:
        closed = await gaps.close(session, body.gap_ids)
        if body.article_id is not None:
            article = await articles.get(session, body.article_id)
            await _answered(context, session, body.gap_ids, article.draft.key)
        await context.audit(session, "gaps", ids=body.gap_ids)
    return Reply(ClosedShown(closed=closed))


async def teach(context: Context, headers: Forced, body: TeachBody) -> Reply[ArticleShown]:
    """Make these questions, without what is private, phrasings of an article, publish it, and close them."""
    async with context.read() as session:
        asked = await askers.questions_of(session, await gaps.of(session, body.gap_ids))
        present = await articles.get(session, body.article_id)
    if not asked:
        raise InvalidValue(
            "without what is private nothing is left of these questions; write a phrasing",
            kind="nothing_left",
        )
    phrasings = list(present.draft.phrasings)
    known = {normalise(text) for text in phrasings}
    for question in asked:
        if normalise(question) not in known:
            known.add(normalise(question))
            phrasings.append(question)
    draft = checked(replace(present.draft, phrasings=tuple(phrasings)))
    reason = await guard(context, Change([draft]), headers)
    by = context.caller.name
    async with context.write() as session:
        stored = await publishing.change(
            session, present.id, draft, version=present.version, by=by, now=context.now
        )
        await gaps.close(session, body.gap_ids)
        await _answered(context, session, body.gap_ids, stored.draft.key)
        await context.audit(
            session, f"article:{present.id}", version=stored.version, gaps=body.gap_ids, forced=reason
        )
    return told(stored)


async def _answered(context: Context, session: Session, gap_ids: Sequence[int], key: str) -> None:
    """Who wished to hear is told; what else was given to these questions, and did not help, was wrong."""
    await wishes.answered(session, gap_ids, key, now=context.now)
    await wrong_answers.taught(session, gap_ids, key, agent_id=context.caller.agent_id, now=context.now)
