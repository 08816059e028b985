"""Conversations by filters, and filters saved under a name. Session first; nothing here commits."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.errors import InvalidValue, NotFound
from crm_store.models.casework import SavedView
from crm_store.models.conversations import Conversation

MAX_NAME = 64
MAX_VIEWS = 50
NOBODY = 0
"""As `agent_id`: held by nobody."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What conversations must be; None asks nothing."""

    status: str | None = None
    agent_id: int | None = None
    team: str | None = None
    tag: str | None = None
    channel: str | None = None
    priority: int | None = None
    """At least this."""

    def told(self) -> dict[str, Any]:
        """The filters that ask something."""
        return {name: value for name, value in asdict(self).items() if value is not None}


_HAS_TAG = {
    True: "EXISTS (SELECT 1 FROM json_each(conversation.tags) WHERE json_each.value = :tag)",
    False: "jsonb_exists(conversation.tags, :tag)",
}


def _conditions(filters: Filters, is_sqlite: bool) -> list[Any]:
    found: list[Any] = []
    for name in ("status", "team", "channel"):
        value = getattr(filters, name)
        if value is not None:
            found.append(getattr(Conversation, name) == value)
    if filters.agent_id is not None:
        held = Conversation.agent_id
        found.append(held.is_(None) if filters.agent_id == NOBODY else held == filters.agent_id)
    if filters.priority is not None:
        found.append(Conversation.priority >= filters.priority)
    if filters.tag is not None:
        found.append(text(_HAS_TAG[is_sqlite]).bindparams(tag=filters.tag))
    return found


async def matching(
    session: AsyncSession, filters: Filters, *, before_id: int | None = None, limit: int = 50
) -> list[Conversation]:
    """The newest conversations that fit."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    query = select(Conversation).where(*_conditions(filters, is_sqlite))
    if before_id is not None:
        query = query.where(Conversation.id < before_id)
    return list(await session.scalars(query.order_by(Conversation.id.desc()).limit(limit)))


async def save(
    session: AsyncSession, name: str, filters: Filters, *, agent_id: int | None, now: datetime
) -> SavedView:
    """A new view, for one agent or (None) for all; raises InvalidValue."""
    clean = " ".join(name.split())
    if not 0 < len(clean) <= MAX_NAME:
        raise InvalidValue(f"a view has a name of 1 to {MAX_NAME} characters")
    owner = SavedView.agent_id.is_(None) if agent_id is None else SavedView.agent_id == agent_id
    if (await session.scalar(select(func.count()).select_from(SavedView).where(owner)) or 0) >= MAX_VIEWS:
        raise InvalidValue(f"there are {MAX_VIEWS} views already; delete one that nobody needs")
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
