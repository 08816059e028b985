"""/article in a topic: an agent's reply made a draft, or its question a phrasing of an article, in one step.

A phrasing is tried on the questions with a known answer first, outside any transaction: two indexes are built for it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from bot.channels.telegram.desk.doing import Refused
from bot.channels.telegram.drawing import cut
from bot.clock import Clock
from bot.edition import Edition
from bot.texts import render
from bot.trials import tried_on
from crm_store import articles, audit, conversations, desk, draft_publishing, drafts, relaying
from crm_store.articles import ArticleDraft, StoredArticle
from crm_store.changes import Change, Weighed, weigh
from crm_store.engine import Store
from crm_store.errors import InvalidValue
from crm_store.models.conversations import Message
from crm_store.models.learning import ArticleProposal
from crm_store.models.staff import Agent
from crm_store.session import Session
from crm_store.staff import Role
from knowledge_base.articles import Article, faults
from knowledge_base.likeness import nearest, with_more

PUBLISHERS = frozenset({Role.ADMIN, Role.SUPERVISOR})
"""As on the desk: agents make drafts, whoever leads publishes."""
SHOWN = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """By whom, of which reply (else the agent's last words), and a phrasing of which article it is."""

    agent: Agent
    conversation_id: int
    answered: Message | None
    key: str


@dataclass(frozen=True, slots=True)
class Tried:
    """A phrasing that may be published: the article as it was read, and as it will be."""

    present: StoredArticle
    content: ArticleDraft


class ArticleMaking:
    """Makes drafts and phrasings; `knowledge` gives the articles they are compared with."""

    def __init__(self, store: Store, clock: Clock, knowledge: Callable[[], Edition]) -> None:
        self._store, self._clock, self._knowledge = store, clock, knowledge

    async def try_out(self, asked: Asked) -> Tried | None:
        """Whether the phrasing may be published; None where a draft is asked for. Raises Refused with why not."""
        if not asked.key:
            return None
        if asked.agent.role not in PUBLISHERS:
            raise Refused("desk.article_lead")
        async with self._store.read() as session:
            tried, weighed = await self._weighed(session, asked)
        if weighed.gold:
            index, now = self._knowledge().index, self._clock()
            trial = await asyncio.to_thread(tried_on, weighed, index, now=now)
            if trial.regressions:
                first = trial.regressions[0].question.text
                raise Refused("desk.article_wrong", count=len(trial.regressions), question=first)
        return tried

    async def _weighed(self, session: Session, asked: Asked) -> tuple[Tried, Weighed]:
        reply = await _reply_of(session, asked)
        exchange = await _exchange(session, reply)
        made = await drafts.find_open(session, reply.id)
        said = exchange.asked if made is None else drafts.content_of(made).phrasings
        if not said:
            raise Refused("desk.article_no_question")
        present = await articles.find(session, asked.key, exchange.conversation.language)
        if present is None:
            raise Refused("desk.article_unknown", article=asked.key[:60])
        content = replace(present.draft, phrasings=with_more(present.draft.phrasings, said))
        if wrong := faults(Article(**asdict(content))):
            raise Refused("desk.refused", reason=wrong[0])
        return Tried(present, content), await weigh(session, Change([content]))

    async def make(self, session: Session, asked: Asked, tried: Tried | None, *, language: str) -> None:
        """The draft, or the phrasing that was tried; the topic tells what came of it."""
        now, by = self._clock(), f"agent:{asked.agent.id} {asked.agent.name}"
        reply = await _reply_of(session, asked)
        await _exchange(session, reply)
        draft = await drafts.from_reply(session, reply.id, by=by, now=now)
        detail: dict[str, object] = {"message": reply.id}
        if tried is None:
            action, subject, text = "drafts.from_reply", f"draft:{draft.id}", self._told(draft, language)
        else:
            stored = await draft_publishing.teach(
                session, draft.id, tried.present, tried.content, by=by, now=now
            )
            action, subject, detail = "drafts.teach", f"article:{stored.id}", {**detail, "draft": draft.id}
            text = render(
                language,
                "desk.article_taught",
                article=stored.draft.key,
                question=drafts.content_of(draft).question,
            )
        await audit.record(session, actor=by, action=action, subject=subject, now=now, detail=detail)
        conversation = await conversations.get(session, asked.conversation_id)
        await desk.post(session, conversation, "notice", text=text, now=now)

    def _told(self, draft: ArticleProposal, language: str) -> str:
        """The draft in short, and the articles that say the like already."""
        content, edition = drafts.content_of(draft), self._knowledge()
        shown = {"question": content.question or "–", "answer": cut(content.answer, SHOWN)}
        lines = [render(language, "desk.article_draft", number=draft.id, **shown)]
        for match in nearest(edition.index, (content.question, *content.phrasings)):
            article = edition.article(match.article_key, content.language)
            if article is not None:
                values = {"article": article.key, "question": article.question}
                lines.append(render(language, "desk.article_like", **values, share=f"{match.confidence:.0%}"))
        lines.append(render(language, "desk.article_next" if len(lines) > 1 else "desk.article_new"))
        return "\n".join(lines)


async def _reply_of(session: Session, asked: Asked) -> Message:
    """The reply that is answered with the command, else the agent's last words."""
    reply = asked.answered or await relaying.last_of(
        session, asked.conversation_id, asked.agent, is_words=True
    )
    if reply is None:
        raise Refused("desk.article_of_what")
    return reply


async def _exchange(session: Session, reply: Message) -> drafts.Exchange:
    try:
        return await drafts.exchange_of(session, reply.id)
    except InvalidValue:
        raise Refused("desk.article_of_what") from None
