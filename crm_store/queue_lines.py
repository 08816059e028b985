"""The lines of `lines` as the store has them now: who is on the staff, who waits, and who waited lately."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import attendance, lines, unserved
from crm_store.lifecycle import HELD_BY_PERSON
from crm_store.lines import Need, Paces, Staff, Standing, Waited
from crm_store.models.base import table_of
from crm_store.models.conversations import Assignment, Conversation, Handoff
from crm_store.models.staff import Agent
from crm_store.queue import IN_ORDER, IS_QUEUED
from crm_store.queueing import Candidate
from crm_store.statements import Statement
from crm_store.targets import UNDONE
from crm_store.unserved import Why
from crm_store.working_hours import ALWAYS, WorkingHours

WAIT_HISTORY = timedelta(days=7)
WAITS_READ, LEAST_WAITS = 500, 5
_A, _C, _H, _T = (table_of(model).c for model in (Agent, Conversation, Handoff, Assignment))
_NEED = (_C.language, _C.team, _C.skill, _C.skill_until)
_LOAD = (
    select(func.count())
    .where(_C.agent_id == _A.id, or_(*(_C.status == held for held in sorted(HELD_BY_PERSON))))
    .scalar_subquery()
)
_MAY_BE_THERE = and_(
    _A.seen_at.is_(None), or_(_A.telegram_user_id.is_not(None), exists().where(_T.agent_id == _A.id))
)
"""Whether an agent works, in Telegram or as they have, and never said where they are."""
_STAFF = Statement(
    lambda _: (
        select(
            _A.id,
            _A.languages,
            _A.skills,
            _A.team,
            _A.presence,
            _A.present_until,
            _A.capacity,
            _LOAD,
            _MAY_BE_THERE,
        )
        .where(_A.disabled_at.is_(None), attendance.MAY_TAKE)
        .where(or_(_A.is_program.is_(False), _A.presence == attendance.PresenceState.ONLINE))
        .order_by(_A.id)
    )
)
_QUEUE = Statement(
    lambda _: select(_C.id, *_NEED, _C.meant_for_id, _C.meant_until).where(IS_QUEUED).order_by(*IN_ORDER)
)


def staff(connection: Connection, now: datetime) -> Staff:
    """All who may take conversations, with how many they hold."""
    rows = _STAFF.rows(connection, {})
    there = {row[0] for row in rows if row[4] == attendance.PresenceState.ONLINE and row[5] and row[5] > now}
    agents = [
        Candidate(number, load, most, tuple(languages), tuple(sorted({*skills, *([team] if team else ())})))
        for number, languages, skills, team, _, _, most, load, _ in rows
    ]
    return Staff(agents, frozenset(there), frozenset(row[0] for row in rows if row[-1]))


def _need(
    now: datetime,
    language: str,
    team: str | None,
    skill: str | None,
    skill_until: datetime | None,
    meant_for: int | None = None,
    meant_until: datetime | None = None,
) -> Need:
    """What it asked for at this moment."""
    is_open = skill_until is not None and skill_until <= now
    is_kept = meant_until is not None and meant_until > now
    return Need(language, team, None if is_open else skill, meant_for if is_kept else None)


def needs(connection: Connection, now: datetime) -> list[tuple[int, Need]]:
    """Who waits, next first."""
    known: dict[tuple[Any, ...], Need] = {}  # of thousands who wait, most ask for the same
    found = []
    for number, *asked in _QUEUE.rows(connection, {}):
        key = tuple(asked)
        if key not in known:
            known[key] = _need(now, *asked)
        found.append((number, known[key]))
    return found


def places(connection: Connection, now: datetime) -> dict[int, tuple[int, Why]]:
    """Where everybody stands who waits, as they are told it, and why nobody takes them now."""
    waiting, serving = needs(connection, now), staff(connection, now)
    placed, known = lines.places(waiting, serving), unserved.whys(serving, (need for _, need in waiting))
    return {number: (placed[number], known[need]) for number, need in waiting}


def _always(_team: str | None) -> WorkingHours:
    return ALWAYS


async def paces(
    session: AsyncSession, *, now: datetime, hours_of: Callable[[str | None], WorkingHours] = _always
) -> Paces:
    """How long each place has taken (see `lines.paces`) those who came within seven days and were taken (the newest
    500 of them), in their own teams' open time; nothing is known of whose agents took fewer than five."""
    taken = await _taken(session, now)
    serving = await (await session.connection()).run_sync(staff, now)
    if len(taken) < LEAST_WAITS:
        return Paces(serving)
    spent = {number: hours_of(team).open_time(came, left) for number, team, came, left in taken}
    came = [one[2] for one in taken]
    there = await session.execute(  # all who were in the queue while these came, however they left it
        select(_H.id, _H.queued_at, _H.ended_at, *_NEED)
        .join_from(table_of(Handoff), table_of(Conversation), _C.id == _H.conversation_id)
        .where(
            _H.queued_at.between(now - WAIT_HISTORY, max(came)),
            or_(_H.ended_at.is_(None), _H.ended_at >= min(came)),
            _H.outcome.is_distinct_from(UNDONE),
        )
    )
    waits = [Waited(at, left, spent.get(number), _need(at, *asked)) for number, at, left, *asked in there]
    return lines.paces(waits, serving, LEAST_WAITS)


async def standing(
    session: AsyncSession, *, now: datetime, hours_of: Callable[[str | None], WorkingHours] = _always
) -> Standing:
    """All who wait, as they are told where."""
    connection = await session.connection()
    waiting = await connection.run_sync(needs, now)
    serving = await connection.run_sync(staff, now)
    return Standing(waiting, await paces(session, now=now, hours_of=hours_of), serving)


async def _taken(session: AsyncSession, now: datetime) -> list[tuple[int, str | None, datetime, datetime]]:
    """Handoff, team, when they came and when they were taken, of the newest 500."""
    rows: Any = await session.execute(
        select(_H.id, _C.team, _H.queued_at, _H.ended_at)
        .join_from(table_of(Handoff), table_of(Conversation), _C.id == _H.conversation_id)
        .where(_H.outcome == "taken", _H.queued_at >= now - WAIT_HISTORY)
        .order_by(_H.id.desc())
        .limit(WAITS_READ)
    )
    return [(number, team, came, left) for number, team, came, left in rows if left is not None]
