"""/article in a topic: an agent's reply made a draft, or its question a phrasing of an article, in one step.

A phrasing is only asked for here: it is tried on the questions with a known answer first (article_teaching.py).
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from bot.channels.telegram.desk.doing import Refused, Target
from bot.channels.telegram.desk.words import Words
from bot.channels.telegram.drawing import cut
from bot.clock import Clock
from bot.edition import Edition
from bot.learning import articles_of
from bot.texts import render
from crm_store import articles, audit, conversations, desk, drafts, relaying, timers
from crm_store.articles import ArticleDraft, StoredArticle
from crm_store.errors import InvalidValue
from crm_store.holders import LEADS
from crm_store.models.conversations import Message
from crm_store.models.learning import ArticleProposal
from crm_store.models.staff import Agent
from crm_store.session import Session
from crm_store.timers import TimerKind
from knowledge_base.articles import Article, faults
from knowledge_base.languages import language_among
from knowledge_base.likeness import nearest, with_more
from knowledge_base.variants import Reader, variant_for

SHOWN = 300


@dataclass(frozen=True, slots=True)
class Asked:
    """By whom, of which reply (else the agent's last words), and a phrasing of which article it is."""

    agent: Agent
    conversation_id: int
    answered: Message | None
    key: str


@dataclass(frozen=True, slots=True)
class Phrasing:
    """What may become of an article: as it was read, and as it would be."""

    present: StoredArticle
    content: ArticleDraft


class ArticleMaking:
    """Makes drafts and asks for phrasings; `knowledge` gives the articles drafts are compared with."""

    def __init__(self, clock: Clock, knowledge: Callable[[], Edition]) -> None:
        self._clock, self._knowledge = clock, knowledge

    async def make(self, session: Session, asked: Asked, *, language: str) -> None:
        """The draft, of which the topic tells, or a phrasing to be tried; raises Refused with why neither."""
        now, by = self._clock(), f"agent:{asked.agent.id} {asked.agent.name}"
        reply = await _reply_of(session, asked)
        if asked.key:
            await phrasing_of(session, reply, asked.key, asked.agent)
            wish = {"message": reply.id, "article": asked.key, "agent": asked.agent.id, "language": language}
            subject = f"conversation:{asked.conversation_id}"
            entry = await audit.record(
                session, actor=by, action="drafts.ask_teach", subject=subject, now=now, detail=wish
            )
            await timers.schedule(session, TimerKind.TEACH_PHRASING, entry.id, now)
            return
        await exchange_of(session, reply)
        present = self._knowledge().languages
        draft = await drafts.from_reply(
            session,
            reply.id,
            lambda said: language_among(said.words, present, said.conversation.language),
            by=by,
            now=now,
        )
        await audit.record(
            session,
            actor=by,
            action="drafts.from_reply",
            subject=f"draft:{draft.id}",
            now=now,
            detail={"message": reply.id},
        )
        conversation = await conversations.get(session, asked.conversation_id)
        await desk.post(session, conversation, "notice", text=self._told(draft, language), now=now)

    def _told(self, draft: ArticleProposal, language: str) -> str:
        """The draft in short, and the articles that say the like already."""
        content, edition = drafts.content_of(draft), self._knowledge()
        reader = Reader(content.language, content.question, before=content.language)
        shown = {"question": content.question or "–", "answer": cut(content.answer, SHOWN)}
        lines = [render(language, "desk.article_draft", number=draft.id, **shown)]
        for match in nearest(edition.index, (content.question, *content.phrasings)):
            article = edition.matched(match, reader)
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


async def phrasing_of(session: Session, reply: Message, key: str, agent: Agent) -> Phrasing:
    """The article with what was asked before the reply; raises Refused with why it cannot be, untried."""
    if agent.role not in LEADS:  # as on the desk: agents make drafts, whoever leads publishes
        raise Refused("desk.article_lead")
    exchange = await exchange_of(session, reply)
    made = await drafts.find_open(session, reply.id)
    said = exchange.asked if made is None else drafts.content_of(made).phrasings
    if not said:
        raise Refused("desk.article_no_question")
    stored = {each.draft.language: each for each in await articles.named(session, {key})}
    variants = {each.language: each for each in articles_of(each.draft for each in stored.values())}
    best = variant_for(variants, Reader(exchange.conversation.language, " ".join(said)))
    present = stored[best.language] if best is not None else None
    if present is None:
        raise Refused("desk.article_unknown", article=key[:60])
    content = replace(present.draft, phrasings=with_more(present.draft.phrasings, said))
    if wrong := faults(Article(**asdict(content))):
        raise Refused("desk.refused", reason=wrong[0])
    return Phrasing(present, content)


async def exchange_of(session: Session, reply: Message) -> drafts.Exchange:
    """What the reply answered; raises Refused for what is no reply to a customer."""
    try:
        return await drafts.exchange_of(session, reply.id)
    except InvalidValue:
        raise Refused("desk.article_of_what") from None


def asked_of(words: Words, target: Target, agent: Agent) -> Asked:
    """What /article asks for."""
    if target.conversation_id is None:
        raise Refused("desk.no_conversation")
    return Asked(agent, target.conversation_id, target.answered, words.argument)
