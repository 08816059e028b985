"""What people said under each article's answers since it was last changed; an agent's "it was wrong" counts as a no."""

from sqlalchemy import and_, case, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.knowledge import ArticleRow
from crm_store.models.learning import DOUBTING, QuestionLabel

SAID = ("helped", "not_helpful")

Taps = tuple[tuple[str, str], int, int]
"""Name (key, language), people it helped, people it did not help."""

_L = QuestionLabel


async def taps(session: AsyncSession, article_id: int | None = None) -> list[Taps]:
    """The taps of every article somebody said "no" about, or of this one; a person counts once on either side."""
    helped = func.count(func.distinct(case((_L.agrees, _L.customer_id))))
    not_helped = func.count(func.distinct(case((~_L.agrees, _L.customer_id))))
    query = (
        select(ArticleRow.key, ArticleRow.language, helped, not_helped)
        .join(_L, and_(_L.article_key == ArticleRow.key, _L.language == ArticleRow.language))
        .where(
            or_(_L.source.in_(SAID), and_(_L.source == "agent", _L.agrees.is_(False))),
            _L.created_at >= ArticleRow.updated_at,
        )
        .group_by(ArticleRow.id, ArticleRow.key, ArticleRow.language)
    )
    if article_id is None:
        doubted = select(_L.article_key).where(DOUBTING, _L.agrees.is_(False))
        wanted = query.where(ArticleRow.key.in_(doubted)).having(not_helped > 0)
    else:
        wanted = query.where(ArticleRow.id == article_id)
    return [((key, language), yes, no) for key, language, yes, no in await session.execute(wanted)]
