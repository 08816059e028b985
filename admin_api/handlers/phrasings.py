"""Phrasings that customers' taps and agents' corrections propose, and trying changes on real history."""

from collections.abc import Iterable
from dataclasses import replace

from admin_api.contract import Context, Reply
from admin_api.handlers.articles import checked, told
from admin_api.problems import ApiError
from admin_api.schemas.articles import ArticleShown
from admin_api.schemas.base import Done, IdPath
from admin_api.schemas.learning import (
    Corrected,
    PhrasingBody,
    PhrasingShown,
    PhrasingsShown,
    RightArticle,
    TrialShown,
    TryBody,
)
from admin_api.trying import Forced, guard, run
from crm_store import articles, askers, publishing, question_labels, wrong_answers
from crm_store.articles import StoredArticle
from crm_store.askers import publishable
from crm_store.changes import Change
from crm_store.errors import InvalidValue, NotFound
from crm_store.models.conversations import Conversation, Message
from crm_store.question_labels import ACCEPTED, REJECTED, Proposal
from crm_store.session import Session
from knowledge_base.text import normalise


async def listing(context: Context) -> Reply[PhrasingsShown]:
    """What customers and agents say articles answer, and no article says yet; most agreed on first."""
    async with context.read() as session:
        proposals = await question_labels.proposals(session)
        keys = {each.verdicts.article_key for each in proposals}
        stored = {(a.draft.key, a.draft.language): a for a in await articles.named(session, keys)}
        names = await askers.of_questions(session, {each.verdicts.normal for each in proposals})
    shown = []
    for each in proposals:
        article = stored.get((each.verdicts.article_key, each.verdicts.language))
        if article is not None and not _says(article, each.verdicts.normal):
            shown.append(_shown(each, article, names.get(each.verdicts.normal, ())))
    return Reply(PhrasingsShown(items=shown))


def _says(article: StoredArticle, normal: str) -> bool:
    return normal in {normalise(text) for text in (article.draft.question, *article.draft.phrasings)}


def _shown(proposal: Proposal, article: StoredArticle, names: Iterable[str | None]) -> PhrasingShown:
    said = proposal.verdicts
    return PhrasingShown(
        article_id=article.id,
        article_key=said.article_key,
        article_question=article.draft.question,
        language=said.language,
        question=said.question,
        phrasing=publishable(said.question, names),
        agree=said.agree,
        against=said.against,
        rivals=proposal.rivals,
        by_agents=said.by_agents,
        held=proposal.is_held,
        last_at=said.last_at,
    )


async def accept(context: Context, headers: Forced, body: PhrasingBody) -> Reply[ArticleShown]:
    """Make proposed words a phrasing of their article, and publish it."""
    async with context.read() as session:
        present = await articles.get(session, body.article_id)
        names = await askers.of_questions(session, [normal := normalise(body.question)])
    phrasing = body.phrasing or publishable(body.question, names.get(normal, ()))
    known = {normalise(text) for text in present.draft.phrasings}
    new = () if normalise(phrasing) in known else (phrasing,)
    draft = checked(replace(present.draft, phrasings=(*present.draft.phrasings, *new)))
    reason = await guard(context, Change([draft]), headers)
    async with context.write() as session:
        stored = await publishing.change(
            session, present.id, draft, version=present.version, by=context.caller.name, now=context.now
        )
        await _decide(context, session, present, body.question, ACCEPTED)
        await wrong_answers.accepted(
            session, normal, draft.key, agent_id=context.caller.agent_id, now=context.now
        )
        await context.audit(session, f"article:{present.id}", version=stored.version, forced=reason)
    return told(stored)


async def reject(context: Context, body: PhrasingBody) -> Reply[Done]:
    """Propose these words for this article no more."""
    async with context.write() as session:
        present = await articles.get(session, body.article_id)
        await _decide(context, session, present, body.question, REJECTED)
        await context.audit(session, f"article:{present.id}", phrasing=REJECTED)
    return Reply(Done())


async def _decide(
    context: Context, session: Session, present: StoredArticle, question: str, state: str
) -> None:
    draft = present.draft
    await question_labels.decide(
        session,
        draft.key,
        draft.language,
        normalise(question),
        state,
        by=context.caller.name,
        now=context.now,
    )


async def correct(context: Context, path: IdPath, body: RightArticle) -> Reply[Corrected]:
    """An agent says which article answers a customer's message: gold, and a proposed phrasing; or that none does.

    What was answered in its place is known to be wrong for it: who asks like this is offered a list instead (`listed`).
    Who got a list then, or nothing, is treated as before until the phrasing is accepted (`proposed`).
    """
    async with context.write() as session:
        message = await session.get(Message, path.id)
        if message is None:
            raise NotFound(f"there is no message {path.id}")
        normal = normalise(message.text)
        if message.author != "customer" or not normal:
            raise InvalidValue(
                "only a customer's words ask something; choose such a message", kind="no_customers_words"
            )
        conversation = await session.get_one(Conversation, message.conversation_id)
        stored = await articles.get(session, body.article_id) if body.article_id else None
        right = stored.draft if stored else None
        right_key = right.key if right else question_labels.NOTHING
        agent = await context.agent(session)
        values = {
            "customer_id": conversation.customer_id,
            "conversation_id": conversation.id,
            "agent_id": agent.id,
            "question": message.text,
            "normal": normal,
            "language": right.language if right else conversation.language,
            "article_key": right_key,
            "agrees": True,
            "source": "agent",
            "was_alone": False,
            "created_at": context.now,
        }
        await question_labels.add(session, values)
        listed = await wrong_answers.corrected(
            session, message, normal, right_key, agent_id=agent.id, now=context.now
        )
        proposed = stored is not None and await _is_proposed(session, stored, normal, conversation.id)
        await context.audit(session, f"conversation:{conversation.id}", article=body.article_id)
    return Reply(Corrected(listed=listed, proposed=proposed))


async def _is_proposed(session: Session, article: StoredArticle, normal: str, conversation_id: int) -> bool:
    """Whether these words wait to be accepted as a phrasing of the article."""
    waiting = await question_labels.proposals(session, conversation_id=conversation_id)
    name = article.draft.key, article.draft.language, normal
    named = {(each.verdicts.article_key, each.verdicts.language, each.verdicts.normal) for each in waiting}
    return name in named and not _says(article, normal)


async def try_out(context: Context, body: TryBody) -> Reply[TrialShown]:
    """What a change would do to the last real questions and to those with a known answer; nothing is published."""
    put = [checked(one.draft()) for one in body.articles]
    if len({(each.key, each.language) for each in put}) < len(put):
        told = "two of the articles have the same key and language; keep one"
        raise ApiError(422, told, kind="two_of_a_name")
    async with context.read() as session:
        gone = [(await articles.get(session, number)).draft for number in body.remove]
    removed = [(each.key, each.language) for each in gone]
    trial = await run(context, Change(put, removed, body.replace), replay=body.replay)
    return Reply(TrialShown.of(trial))
