"""What agents answered to questions like one, in conversations there were. Session first; nothing is written.

The words were for somebody else: what was private in them leaves a gap, and what was taken back is not offered.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_store import search
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer, Identity
from crm_store.models.staff import Agent
from crm_store.private_words import without_private

LOOKED_AT = 60
SAID_LOOKED_AT = 200
USUAL = 200
"""So many questions show how common a word is: with all of a store's it is no better told (benchmarks/suggested.py)."""


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """A customer's question and the words an agent answered with next."""

    question: str
    answer: str
    """With a gap for every name, number and address of whom it was written to (private_words.py)."""
    conversation_id: int
    message_id: int
    """The answer's."""
    agent_name: str | None
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class SaidHere:
    """What the bot and agents have sent in a conversation."""

    articles: frozenset[str]
    """Their keys, whatever was filled in."""
    words: frozenset[str]

    def has(self, text: str) -> bool:
        """Whether these very words were said."""
        return _folded(text) in self.words


async def said_in(session: AsyncSession, conversation_id: int) -> SaidHere:
    """What needs not be offered once more in this conversation."""
    m = Message
    query = (
        select(m.article_key, m.text)
        .where(m.conversation_id == conversation_id, m.author.in_(("bot", "agent")), m.is_note.is_(False))
        .where(m.deleted_at.is_(None))
        .order_by(m.id.desc())
        .limit(SAID_LOOKED_AT)
    )
    rows = [(key, text) for key, text in await session.execute(query)]
    return SaidHere(
        frozenset(key for key, text in rows if key and text), frozenset(_folded(text) for _, text in rows)
    )


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


async def to_questions_like(
    session: AsyncSession, question: str, *, besides: int, limit: int = LOOKED_AT
) -> list[PastAnswer]:
    """Answers to the likest questions in conversations other than `besides`, the likest first."""
    ids = await search.answered_like(session, question, limit=limit)
    if not ids:
        return []
    rows = await session.execute(_answers(ids, besides))
    found: dict[int, PastAnswer] = {}
    for number, name, shown_name, question_then, words, place, answer_id, agent_name, at in rows:
        offered = without_private(words, (name, shown_name))
        found[number] = PastAnswer(question_then, offered, place, answer_id, agent_name, at)
    return [found[number] for number in ids if number in found]


async def usual_questions(session: AsyncSession) -> list[str]:
    """What customers asked agents lately, whatever it was about."""
    return await search.newest_answered(session, limit=USUAL)


def _answers(
    ids: Sequence[int], besides: int
) -> Select[int, str | None, str | None, str, str, int, int, str, datetime]:
    """The questions of these ids, each with its customer's names and what an agent wrote next."""
    asked, answer = aliased(Message), aliased(Message)
    first = (
        select(func.min(answer.id))
        .where(
            answer.conversation_id == asked.conversation_id,
            answer.id > asked.id,
            answer.author == "agent",
            answer.is_note.is_(False),
            answer.text != "",
            answer.deleted_at.is_(None),
        )
        .scalar_subquery()
    )
    said = aliased(Message)
    return (
        select(
            asked.id,
            Customer.name,
            Identity.display_name,
            asked.text,
            said.text,
            said.conversation_id,
            said.id,
            Agent.name,
            said.created_at,
        )
        .select_from(asked)
        .join(said, said.id == first)
        .join(Conversation, Conversation.id == said.conversation_id)
        .join(Customer, Customer.id == Conversation.customer_id)
        .join(Identity, Identity.id == Conversation.identity_id)
        .outerjoin(Agent, Agent.id == said.agent_id)
        .where(and_(asked.id.in_(ids), asked.author == "customer", asked.conversation_id != besides))
    )
