"""Articles on their way: made of an agent's reply or begun by hand, drafts until somebody publishes them."""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import article_files, articles
from crm_store import gaps as open_gaps
from crm_store.articles import ArticleDraft
from crm_store.asked import QUESTIONS
from crm_store.errors import Conflict, InvalidValue, NotFound
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer, Identity
from crm_store.models.knowledge import Gap
from crm_store.models.learning import ArticleProposal
from crm_store.models.staff import Agent
from crm_store.private_words import without_private

OPEN, PUBLISHED, DISMISSED = "open", "published", "dismissed"
MOST_QUESTIONS = 3
_MAX_QUESTION = 300
_KEY_WORDS = 5


@dataclass(frozen=True, slots=True)
class Exchange:
    """An agent's reply and what the customer had asked before it, without what is private."""

    conversation: Conversation
    reply: Message
    question: str
    asked: tuple[str, ...]
    answer: str

    @property
    def words(self) -> str:
        """All that was said."""
        return "\n".join((*self.asked, self.answer))


async def exchange_of(session: AsyncSession, message_id: int) -> Exchange:
    """The exchange an agent's reply belongs to; raises NotFound, or InvalidValue for what is no such reply."""
    reply = await session.get(Message, message_id)
    if reply is None:
        raise NotFound(f"there is no message {message_id}")
    if reply.author != "agent" or reply.is_note or not reply.text.strip():
        raise InvalidValue(
            "an article is made of an agent's words to the customer; choose such a message",
            kind="no_reply_of_an_agent",
        )
    conversation = await session.get_one(Conversation, reply.conversation_id)
    names = await _names(session, conversation, reply)
    said = [without_private(text, names, mark="") for text in await _asked_before(session, reply)]
    asked = tuple(dict.fromkeys(text for text in said if text))
    answer = without_private(reply.text, names)
    # The longest of what was asked says most.
    return Exchange(conversation, reply, max(asked, key=len, default="")[:_MAX_QUESTION], asked, answer)


async def _asked_before(session: AsyncSession, reply: Message) -> list[str]:
    """The customer's words since the agent (or anybody of the staff) spoke last, the newest few."""
    before = select(Message).where(
        Message.conversation_id == reply.conversation_id, Message.id < reply.id, Message.kind != "button"
    )
    last_reply = await session.scalar(
        before.where(Message.author == "agent", Message.is_note.is_(False))
        .with_only_columns(Message.id)
        .order_by(Message.id.desc())
        .limit(1)
    )
    words = before.where(Message.author == "customer", Message.text != "")
    # What was not a question for the knowledge base (a greeting, /start, "talk to a person") asks nothing.
    words = words.where(Message.decision.is_(None) | Message.decision.in_(ASKING))
    newest = list(
        await session.scalars(
            words.where(Message.id > (last_reply or 0)).order_by(Message.id.desc()).limit(MOST_QUESTIONS)
        )
    ) or list(await session.scalars(words.order_by(Message.id.desc()).limit(1)))
    return [message.text for message in reversed(newest)]


ASKING = (*QUESTIONS, "several", "asked", "askedseveral")
"""How the bot understood words that ask something; 'asked' while a person holds the conversation."""


async def _names(session: AsyncSession, conversation: Conversation, reply: Message) -> list[str | None]:
    customer = await session.get_one(Customer, conversation.customer_id)
    identity = await session.get_one(Identity, conversation.identity_id)
    agent = await session.get(Agent, reply.agent_id) if reply.agent_id else None
    return [customer.name, identity.display_name, identity.username, agent.name if agent else None]


def key_of(question: str, number: int, what: str = "reply") -> str:
    """A key an author can read: the question's first words, or the number of what it is of where none are Latin."""
    plain = unicodedata.normalize("NFKD", question).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z0-9]+", plain)[:_KEY_WORDS]
    return "-".join(words)[:60] if len(words) >= 2 else f"{what}-{number}"


async def find_open(session: AsyncSession, message_id: int) -> ArticleProposal | None:
    """The open draft that was made of a reply."""
    there = select(ArticleProposal).where(
        ArticleProposal.message_id == message_id, ArticleProposal.state == OPEN
    )
    return await session.scalar(there.limit(1))


async def from_reply(
    session: AsyncSession, message_id: int, language_of: Callable[[Exchange], str], *, by: str, now: datetime
) -> ArticleProposal:
    """A draft made of an agent's reply; the one that was made of it before, while it is open.

    `language_of` says in which language the exchange is.
    """
    found = await find_open(session, message_id)
    if found is not None:
        return found
    exchange = await exchange_of(session, message_id)
    language = language_of(exchange)
    content = ArticleDraft(
        key=await _free_key(session, key_of(exchange.question, message_id), language, message_id),
        question=exchange.question,
        phrasings=exchange.asked,
        answer=exchange.answer,
        language=language,
    )
    gaps = select(Gap.id).where(Gap.conversation_id == exchange.conversation.id, Gap.state == "open")
    draft = _draft(content, list(await session.scalars(gaps.order_by(Gap.id))), by, now)
    draft.conversation_id, draft.message_id = exchange.conversation.id, message_id
    session.add(draft)
    await session.flush()
    return draft


async def begin(
    session: AsyncSession, content: ArticleDraft, gap_ids: Sequence[int], *, by: str, now: datetime
) -> ArticleProposal:
    """A draft of what somebody has written so far; without a key it gets one. Publishing it closes these gaps.

    Raises NotFound for a gap that is not there, InvalidValue for a file that is not.
    """
    found = await open_gaps.of(session, gap_ids)
    await article_files.keep(session, content.attachments, by=article_files.DRAFTED)
    draft = _draft(content, [gap.id for gap in found], by, now)
    session.add(draft)
    await session.flush()
    if not content.key:
        key = await _free_key(
            session, key_of(content.question, draft.id, "draft"), content.language, draft.id
        )
        draft.content = articles.snapshot_of(replace(content, key=key))
        await session.flush()
    return draft


def _draft(content: ArticleDraft, gap_ids: list[int], by: str, now: datetime) -> ArticleProposal:
    return ArticleProposal(
        content=articles.snapshot_of(content),
        gap_ids=gap_ids,
        state=OPEN,
        version=1,
        created_by=by,
        created_at=now,
        updated_at=now,
    )


async def _free_key(session: AsyncSession, key: str, language: str, number: int) -> str:
    return f"{key}-{number}" if await articles.find(session, key, language) else key


def content_of(draft: ArticleProposal) -> ArticleDraft:
    """The article as it would be published."""
    return articles.draft_from_snapshot(draft.content)


async def get(session: AsyncSession, draft_id: int) -> ArticleProposal:
    """The draft; raises NotFound."""
    found = await session.get(ArticleProposal, draft_id)
    if found is None:
        raise NotFound(f"there is no draft {draft_id}")
    return found


async def page(
    session: AsyncSession, *, state: str = OPEN, before_id: int | None = None, limit: int = 50
) -> list[ArticleProposal]:
    """The newest drafts in this state."""
    query = select(ArticleProposal).where(ArticleProposal.state == state)
    if before_id is not None:
        query = query.where(ArticleProposal.id < before_id)
    return list(await session.scalars(query.order_by(ArticleProposal.id.desc()).limit(limit)))


async def open_draft(session: AsyncSession, draft_id: int, version: int | None) -> ArticleProposal:
    """The draft that may still be changed; raises NotFound, or Conflict when it is settled or not at `version`."""
    draft = await get(session, draft_id)
    if draft.state != OPEN:
        raise Conflict(
            f"draft {draft_id} is {draft.state} already; make a new one of the reply", kind="draft_done"
        )
    if version is not None and draft.version != version:
        raise Conflict(
            f"draft {draft_id} is at version {draft.version}: somebody changed it; read it again",
            kind="changed_meanwhile",
        )
    return draft


async def hold(session: AsyncSession, draft_id: int) -> ArticleProposal:
    """`open_draft`, which nobody else changes before the transaction ends."""
    await session.get(ArticleProposal, draft_id, with_for_update=True, populate_existing=True)
    return await open_draft(session, draft_id, None)


async def change(
    session: AsyncSession, draft_id: int, *, version: int | None, now: datetime, **fields: object
) -> ArticleProposal:
    """The draft with these fields of its article; raises NotFound, or Conflict when it is not at `version`."""
    await hold(session, draft_id)
    draft = await open_draft(session, draft_id, version)
    content = replace(content_of(draft), **fields)  # type: ignore[arg-type]
    await article_files.keep(session, content.attachments, by=article_files.DRAFTED)
    draft.content = articles.snapshot_of(content)
    draft.version += 1
    draft.updated_at = now
    await session.flush()
    return draft


async def settle(session: AsyncSession, draft_id: int, state: str, *, now: datetime) -> ArticleProposal:
    """The draft published or dismissed; raises NotFound or Conflict."""
    draft = await hold(session, draft_id)
    draft.state, draft.updated_at = state, now
    await session.flush()
    return draft
