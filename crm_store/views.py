"""Filters saved under a name. Session first; nothing here commits."""

from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.errors import InvalidValue, NotFound
from crm_store.filters import Filters
from crm_store.models.casework import SavedView

MAX_NAME = 64
MAX_VIEWS = 50


async def save(
    session: AsyncSession, name: str, filters: Filters, *, agent_id: int | None, now: datetime
) -> SavedView:
    """A new view, for one agent or (None) for all; raises InvalidValue."""
    clean = " ".join(name.split())
    if not 0 < len(clean) <= MAX_NAME:
        raise InvalidValue(
            f"a view has a name of 1 to {MAX_NAME} characters", kind="name_length", most=MAX_NAME
        )
    owner = SavedView.agent_id.is_(None) if agent_id is None else SavedView.agent_id == agent_id
    if (await session.scalar(select(func.count()).select_from(SavedView).where(owner)) or 0) >= MAX_VIEWS:
        raise InvalidValue(
            f"there are {MAX_VIEWS} views already; delete one that nobody needs",
            kind="many_views",
            most=MAX_VIEWS,
        )
    row = SavedView(agent_id=agent_id, name=clean, filters=filters.told(), created_at=now)
    session.add(row)
    await session.flush()
    return row


async def listing(session: AsyncSession, agent_id: int | None) -> list[SavedView]:
    """The views an agent has, by name."""
    usable = or_(SavedView.agent_id.is_(None), SavedView.agent_id == agent_id)
    query = select(SavedView).where(usable).order_by(func.lower(SavedView.name), SavedView.id)
    return list(await session.scalars(query))


async def get(session: AsyncSession, view_id: int, agent_id: int | None) -> SavedView:
    """A view the agent has; raises NotFound, as for other people's own."""
    found = await session.get(SavedView, view_id)
    if found is None or found.agent_id not in (None, agent_id):
        raise NotFound(f"there is no view {view_id}")
    return found
