"""What customers asked last, how sure the bot was of it, and whether its answers helped."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.answer_taps import SAID
from crm_store.asked import QUESTIONS
from crm_store.models.conversations import Message
from crm_store.models.learning import QuestionLabel

_AMONG = 5_000
"""Only so many of the newest messages are looked through: where people talk much, older questions are old news."""

_M, _L = Message, QuestionLabel


async def newest_questions(session: AsyncSession, limit: int) -> list[tuple[str, float]]:
    """The last questions put to the bot with its confidence in the best article, oldest first."""
    newest = await session.scalar(select(func.max(_M.id))) or 0
    rows = await session.execute(
        select(_M.text, func.coalesce(_M.confidence, 0.0))
        .where(_M.id > newest - _AMONG, _M.author == "customer", _M.decision.in_(QUESTIONS), _M.text != "")
        .order_by(_M.id.desc())
        .limit(limit)
    )
    return [(text, confidence) for text, confidence in rows][::-1]


async def newest_words(session: AsyncSession, since: datetime, limit: int) -> list[tuple[str, bool]]:
    """The last questions since then that the bot answered by itself and whether that helped, oldest first.

    Of one person only the newest word counts: nobody makes the bot careful alone.
    """
    of_each = (
        select(func.max(_L.id))
        .where(_L.source.in_(SAID), _L.was_alone, _L.created_at >= since)
        .group_by(_L.customer_id)
    )
    rows = await session.execute(
        select(_L.question, _L.agrees).where(_L.id.in_(of_each)).order_by(_L.id.desc()).limit(limit)
    )
    return [(question, agrees) for question, agrees in rows][::-1]
