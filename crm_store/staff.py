"""Agents: who works here, in which role, linked to which Telegram account. Session first; nothing commits."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import attendance, handing_on, service_cases, sign_in
from crm_store.errors import Conflict, InvalidValue, NotFound
from crm_store.holders import is_holder
from crm_store.models.staff import Agent


class Role(StrEnum):
    """What a member of staff, or a key, may do."""

    ADMIN = "admin"
    SUPERVISOR = "supervisor"
    AGENT = "agent"
    ANALYST = "analyst"


_Known = tuple[int, str, str | None, datetime | None]
"""Id, name, e-mail address, and since when disabled."""
CHANGEABLE = frozenset(
    {"name", "email", "role", "capacity", "skills", "languages", "team", "presence", "undo_s"}
)
MAX_NAME = 128
MAX_CAPACITY = 1000
MAX_LABELS = 50
MAX_LABEL = 64


async def create_agent(
    session: AsyncSession, *, name: str, role: Role, now: datetime, **details: Any
) -> Agent:
    """A new member of staff; raises Conflict when the name or e-mail is taken. `details` are CHANGEABLE columns."""
    wanted = _checked({"name": name, "role": role, **details})
    await _refuse_taken(session, wanted)
    agent = Agent(created_at=now, **wanted)
    session.add(agent)
    await session.flush()
    return agent


async def get_agent(session: AsyncSession, agent_id: int) -> Agent:
    """The agent, disabled or not; raises NotFound."""
    agent = await session.get(Agent, agent_id)
    if agent is None:
        raise NotFound(f"there is no member of staff {agent_id}")
    return agent


async def find_agent(session: AsyncSession, name: str) -> Agent | None:
    """The agent of this name or e-mail address, disabled or not.

    Whoever is written exactly so counts most; else upper and lower case are the same, where one alone is meant.
    """
    # As many statements whether somebody is found or not: who signs in learns nothing by the time it takes.
    known = await session.execute(select(Agent.id, Agent.name, Agent.email, Agent.disabled_at))
    return await session.scalar(select(Agent).where(Agent.id == _meant(known.all(), name)))


def _meant(known: Sequence[_Known], written: str) -> int | None:
    """Whom a name or an address means: the one written so, the only one, or the only one who is let in."""
    for column in (1, 2):
        for one in known:
            if one[column] == written:
                return one[0]
    folded = _folded(written)
    alike = [one for one in known if folded in (_folded(one[1]), _folded(one[2] or ""))]
    enabled = [one for one in alike if one[3] is None]
    meant = enabled or alike
    return meant[0][0] if folded and len(meant) == 1 else None


def _folded(name: str) -> str:
    return name.strip().casefold()


async def admins(session: AsyncSession, *, limit: int) -> list[Agent]:
    """The first enabled admins by id."""
    enabled = select(Agent).where(Agent.role == Role.ADMIN, Agent.disabled_at.is_(None))
    return list(await session.scalars(enabled.order_by(Agent.id).limit(limit)))


async def find_by_telegram(session: AsyncSession, telegram_user_id: int) -> Agent | None:
    """The enabled agent whose Telegram account this is."""
    return await session.scalar(
        select(Agent).where(Agent.telegram_user_id == telegram_user_id, Agent.disabled_at.is_(None))
    )


async def page(session: AsyncSession, *, after_id: int = 0, limit: int = 50) -> list[Agent]:
    """The next agents by id, disabled ones included."""
    return list(
        await session.scalars(select(Agent).where(Agent.id > after_id).order_by(Agent.id).limit(limit))
    )


async def change_agent(session: AsyncSession, agent_id: int, *, now: datetime, **changes: Any) -> Agent:
    """The agent with CHANGEABLE columns changed; raises Conflict when no admin would be left."""
    agent = await get_agent(session, agent_id)
    wanted = _checked(changes)
    await _refuse_taken(session, wanted, besides=agent_id)
    if agent.role == Role.ADMIN and wanted.get("role", Role.ADMIN) != Role.ADMIN:
        await _refuse_last_admin(session, agent)
    if (presence := wanted.pop("presence", None)) is not None:
        await attendance.set_presence(session, agent, presence, now=now)
    for column, value in wanted.items():
        setattr(agent, column, value)
    await session.flush()
    if not is_holder(agent):
        await handing_on.keep_nothing_for(session, agent, now=now)
    return agent


async def disable_agent(session: AsyncSession, agent_id: int, *, now: datetime) -> Agent:
    """The agent without access: sessions end at once, keys and the Telegram link stop working."""
    agent = await get_agent(session, agent_id)
    if agent.disabled_at is None:
        await _refuse_last_admin(session, agent)
        agent.disabled_at, agent.presence, agent.present_until = now, "offline", None
        await sign_in.end_sessions(session, agent_id, now=now)
        await session.flush()  # its row before those of conversations, as everybody locks them
        await service_cases.pass_on(session, agent, now=now)
        await handing_on.keep_nothing_for(session, agent, now=now)
    return agent


async def enable_agent(session: AsyncSession, agent_id: int) -> Agent:
    """The agent with access again; sessions that ended stay ended."""
    agent = await get_agent(session, agent_id)
    agent.disabled_at = None
    await session.flush()
    return agent


async def link_telegram(session: AsyncSession, code: str, telegram_user_id: int, *, now: datetime) -> Agent:
    """The agent whose code this was, linked to that Telegram account; raises InvalidValue for a bad code.

    An account belongs to one agent at a time: a link to somebody else ends.
    """
    agent = await sign_in.redeem_code(session, code, sign_in.Purpose.TELEGRAM, now=now)
    if agent is None:
        raise InvalidValue("this code is not valid, or not any more; ask for a new one")
    before = await session.scalar(select(Agent).where(Agent.telegram_user_id == telegram_user_id))
    if before is not None and before.id != agent.id:
        before.telegram_user_id = None
        await session.flush()
    agent.telegram_user_id = telegram_user_id
    await session.flush()
    return agent


async def unlink_telegram(session: AsyncSession, agent_id: int) -> Agent:
    """The agent without a Telegram account."""
    agent = await get_agent(session, agent_id)
    agent.telegram_user_id = None
    await session.flush()
    return agent


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    unknown = values.keys() - CHANGEABLE
    if unknown:
        raise InvalidValue(f"'{min(unknown)}' cannot be set; settable: {', '.join(sorted(CHANGEABLE))}")
    if "name" in values and not 0 < len(values["name"].strip()) <= MAX_NAME:
        raise InvalidValue(f"a name has 1 to {MAX_NAME} characters", kind="name_length", most=MAX_NAME)
    if "role" in values and values["role"] not in tuple(Role):
        raise InvalidValue(f"'{values['role']}' is no role; use {', '.join(Role)}")
    if not 0 <= values.get("undo_s", 0) <= 60:
        raise InvalidValue("a reply is held back for 0 to 60 seconds", kind="out_of_range", least=0, most=60)
    if not 1 <= values.get("capacity", 1) <= MAX_CAPACITY:
        raise InvalidValue(
            f"capacity is how many conversations an agent holds at once: 1 to {MAX_CAPACITY}",
            kind="out_of_range",
            least=1,
            most=MAX_CAPACITY,
        )
    team = values.get("team")
    if team is not None and not 0 < len(team.strip()) <= MAX_LABEL:
        raise InvalidValue(
            f"the name of a team has 1 to {MAX_LABEL} characters", kind="team_name", most=MAX_LABEL
        )
    for column in ("skills", "languages"):
        _check_labels(column, values.get(column) or ())
    return values


def _check_labels(column: str, labels: Sequence[str]) -> None:
    if len(labels) > MAX_LABELS:
        raise InvalidValue(f"an agent has at most {MAX_LABELS} {column}", kind="many_labels", most=MAX_LABELS)
    if not all(label.strip() and len(label) <= MAX_LABEL for label in labels):
        raise InvalidValue(
            f"each of the {column} has 1 to {MAX_LABEL} characters", kind="label_length", most=MAX_LABEL
        )


async def _refuse_taken(session: AsyncSession, values: dict[str, Any], *, besides: int | None = None) -> None:
    for column, what in (("name", "name"), ("email", "e-mail address")):
        value = values.get(column)
        if value is None:
            continue
        holder = await session.scalar(select(Agent.id).where(getattr(Agent, column) == value))
        if holder not in (None, besides):
            raise Conflict(
                f"somebody else has the {what} '{value}' already; choose another",
                kind="taken",
                value=str(value),
            )


async def _refuse_last_admin(session: AsyncSession, agent: Agent) -> None:
    if agent.role == Role.ADMIN and all(one.id == agent.id for one in await admins(session, limit=2)):
        raise Conflict(
            f"{agent.name} is the only admin; make somebody else admin first",
            kind="only_admin",
            name=agent.name,
        )
