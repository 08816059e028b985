"""What agents answered to questions like one, in conversations there were. Session first; nothing is written."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from crm_store import search
from crm_store.models.conversations import Message
from crm_store.models.staff import Agent

LOOKED_AT = 60


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """A customer's question and the words an agent answered with next."""

    question: str
    answer: str
    conversation_id: int
    message_id: int
    """The answer's."""
    agent_name: str | None
    answered_at: datetime


async def to_questions_like(
    session: AsyncSession, question: str, *, besides: int, limit: int = LOOKED_AT
) -> list[PastAnswer]:
    """Answers to the likest questions in conversations other than `besides`, the likest first."""
    ids = await search.like(session, question, limit=limit)
    if not ids:
        return []
    asked, answer = aliased(Message), aliased(Message)
    first = (
        select(func.min(answer.id))
        .where(
            answer.conversation_id == asked.conversation_id,
            answer.id > asked.id,
            answer.author == "agent",
            answer.is_note.is_(False),
            answer.text != "",
        )
        .scalar_subquery()
    )
    said = aliased(Message)
    rows = await session.execute(
        select(asked.id, asked.text, said.text, said.conversation_id, said.id, Agent.name, said.created_at)
        .select_from(asked)
        .join(said, said.id == first)
        .outerjoin(Agent, Agent.id == said.agent_id)
        .where(and_(asked.id.in_(ids), asked.author == "customer", asked.conversation_id != besides))
    )
    found = {row[0]: PastAnswer(*row[1:]) for row in rows}
    return [found[number] for number in ids if number in found]
