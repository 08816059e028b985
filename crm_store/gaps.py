"""Questions the bot could not answer: read by those who write articles, and closed when one is written."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.errors import InvalidValue, NotFound
from crm_store.models.knowledge import Gap

STATES = ("open", "closed")


async def page(
    session: AsyncSession,
    *,
    state: str | None = None,
    language: str | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[Gap]:
    """The newest gaps that match."""
    query = select(Gap).order_by(Gap.id.desc()).limit(limit)
    if state is not None:
        query = query.where(Gap.state == state)
    if language is not None:
        query = query.where(Gap.language == language)
    if before_id is not None:
        query = query.where(Gap.id < before_id)
    return list(await session.scalars(query))


async def set_state(session: AsyncSession, gap_id: int, state: str) -> Gap:
    """The gap, open or closed; raises NotFound or InvalidValue."""
    if state not in STATES:
        raise InvalidValue(f"a gap is {' or '.join(STATES)}, not '{state}'")
    gap = await session.get(Gap, gap_id)
    if gap is None:
        raise NotFound(f"there is no gap {gap_id}")
    gap.state = state
    await session.flush()
    return gap
