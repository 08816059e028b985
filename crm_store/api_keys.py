"""Keys for programs: random, shown once, kept as their SHA-256. Session first; nothing commits."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import staff
from crm_store.errors import InvalidValue, NotFound
from crm_store.models.staff import Agent, ApiKey
from crm_store.sign_in import digest
from crm_store.staff import MAX_NAME, Role

MARK = "fdk_"
"""What every key begins with, so that secret scanners can find one that got out."""
USE_NOTED_EVERY = timedelta(minutes=5)
_PREFIX_LENGTH = len(MARK) + 8


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key's row and the key itself, which nobody sees again."""

    row: ApiKey
    key: str


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who a valid key speaks for; `agent` is None for a program of its own."""

    key: ApiKey
    agent: Agent | None


async def create(
    session: AsyncSession,
    *,
    name: str,
    role: Role,
    now: datetime,
    agent_id: int | None = None,
    expires_at: datetime | None = None,
) -> NewKey:
    """A new key; raises NotFound for an unknown agent, InvalidValue for a bad name, role or expiry."""
    if not 0 < len(name.strip()) <= MAX_NAME:
        raise InvalidValue(f"a key's name has 1 to {MAX_NAME} characters", kind="name_length", most=MAX_NAME)
    if role not in tuple(Role):
        raise InvalidValue(f"'{role}' is no role; use {', '.join(Role)}")
    if expires_at is not None and expires_at <= now:
        raise InvalidValue(
            "the key would have expired already; give a time in the future", kind="key_expired"
        )
    if agent_id is not None:
        await staff.get_agent(session, agent_id)
    key = MARK + secrets.token_urlsafe(32)
    row = ApiKey(
        name=name,
        role=role,
        agent_id=agent_id,
        prefix=key[:_PREFIX_LENGTH],
        key_hash=digest(key),
        created_at=now,
        expires_at=expires_at,
    )
    session.add(row)
    await session.flush()
    return NewKey(row, key)


async def find_holder(session: AsyncSession, key: str, *, now: datetime) -> KeyHolder | None:
    """Who the key speaks for; None when it is unknown, revoked, expired, or its agent disabled."""
    row = (
        await session.execute(
            select(ApiKey, Agent)
            .outerjoin(Agent, Agent.id == ApiKey.agent_id)
            .where(
                ApiKey.key_hash == digest(key),
                ApiKey.revoked_at.is_(None),
                or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now),
                Agent.disabled_at.is_(None),
            )
        )
    ).one_or_none()
    return None if row is None else KeyHolder(row[0], row[1])


def use_is_due(row: ApiKey, now: datetime) -> bool:
    """Whether this use is worth a write: one in USE_NOTED_EVERY is."""
    return row.last_used_at is None or now - row.last_used_at >= USE_NOTED_EVERY


async def note_use(session: AsyncSession, key_id: int, *, now: datetime) -> None:
    """Remember when the key was last used."""
    await session.execute(update(ApiKey).where(ApiKey.id == key_id).values(last_used_at=now))


async def page(session: AsyncSession, *, after_id: int = 0, limit: int = 50) -> list[ApiKey]:
    """The next keys by id, revoked ones included."""
    query = select(ApiKey).where(ApiKey.id > after_id).order_by(ApiKey.id).limit(limit)
    return list(await session.scalars(query))


async def revoke(session: AsyncSession, key_id: int, *, now: datetime) -> ApiKey:
    """The key, which from now on opens nothing; raises NotFound."""
    row = await session.get(ApiKey, key_id)
    if row is None:
        raise NotFound(f"there is no key {key_id}")
    row.revoked_at = row.revoked_at or now
    await session.flush()
    return row


async def acting_agent(session: AsyncSession, key_id: int, *, now: datetime) -> Agent:
    """The agent in whose name a key talks to customers.

    A program of its own becomes a member of staff, under the key's name, the first time it does.
    """
    row = await session.get(ApiKey, key_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(f"there is no key {key_id}")
    if row.agent_id is not None:
        return await staff.get_agent(session, row.agent_id)
    taken = await staff.find_agent(session, row.name)
    name = row.name if taken is None else f"{row.name[: MAX_NAME - 24]} (key {row.id})"
    # Nobody looks at what a program wrote before it leaves: it leaves at once.
    agent = await staff.create_agent(session, name=name, role=Role(row.role), now=now, undo_s=0)
    agent.is_program = True
    row.agent_id = agent.id
    await session.flush()
    return agent
