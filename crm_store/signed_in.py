"""Browsers that are signed in: who sits behind each, when it was last seen, and ending some of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import signals
from crm_store.errors import NotFound
from crm_store.models.staff import Agent, StaffSession
from crm_store.sign_in import digest
from crm_store.signals import Topic

SIGHT_LASTS = timedelta(minutes=1)
"""So exactly it is kept when a browser was last seen."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A browser and the agent who sits behind it."""

    agent: Agent
    browser: StaffSession


def _is_live(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return StaffSession.expires_at > now, StaffSession.revoked_at.is_(None)


async def find(session: AsyncSession, token: str, *, now: datetime) -> SignedIn | None:
    """The browser that holds this token while it is signed in and its agent is let in, else None."""
    query = (
        select(Agent, StaffSession)
        .join(StaffSession, StaffSession.agent_id == Agent.id)
        .where(StaffSession.token_hash == digest(token), *_is_live(now), Agent.disabled_at.is_(None))
    )
    row = (await session.execute(query)).one_or_none()
    return SignedIn(row[0], row[1]) if row else None


def is_sight_due(browser: StaffSession, now: datetime) -> bool:
    """Whether it should be kept that the browser was seen: not at each request, which would be a write for each."""
    return browser.seen_at is None or now - browser.seen_at >= SIGHT_LASTS


async def note_sight(session: AsyncSession, session_id: int, *, now: datetime) -> None:
    """Keep that the browser was seen now."""
    await session.execute(update(StaffSession).where(StaffSession.id == session_id).values(seen_at=now))


async def listing(session: AsyncSession, agent_id: int, *, now: datetime) -> Sequence[StaffSession]:
    """The agent's signed-in browsers, the one seen last first."""
    rows = await session.scalars(
        select(StaffSession).where(StaffSession.agent_id == agent_id, *_is_live(now))
    )
    return sorted(rows, key=lambda one: (one.seen_at or one.created_at, one.id), reverse=True)


async def end(session: AsyncSession, agent_id: int, session_id: int, *, now: datetime) -> None:
    """Sign one of the agent's browsers out; raises NotFound when it is none, or not any more."""
    ended = await session.scalar(
        update(StaffSession)
        .where(StaffSession.id == session_id, StaffSession.agent_id == agent_id, *_is_live(now))
        .values(revoked_at=now)
        .returning(StaffSession.id)
    )
    if ended is None:
        raise NotFound(f"you have no browser {session_id} that is signed in")
    signals.notify(session, Topic.SESSIONS)


async def end_all(session: AsyncSession, agent_id: int, *, now: datetime, besides: int | None = None) -> int:
    """Sign the agent's browsers out, but for one; how many were."""
    query = update(StaffSession).where(StaffSession.agent_id == agent_id, *_is_live(now))
    if besides is not None:
        query = query.where(StaffSession.id != besides)
    signals.notify(session, Topic.SESSIONS)
    return len((await session.scalars(query.values(revoked_at=now).returning(StaffSession.id))).all())
