"""Deadlines of cases: their owner is warned before, and told at the breach, each once. Session first; nothing commits.

Two timers follow an open case whose clock runs. They are set anew when its deadline becomes another, not with every
change, so that what was told is not told again. Nobody is told anything outside the hours of whoever sees to it.
"""

import json
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import audit, desk, desk_posts, signals, timers
from crm_store.case_clock import AWAITS_CUSTOMER, due_after, resumed, warn_at
from crm_store.case_states import CaseKind, CaseState
from crm_store.models.casework import ServiceCase
from crm_store.models.conversations import Conversation
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from crm_store.signals import Topic
from crm_store.timers import TimerKind
from crm_store.working_hours import WorkingHours

DUE_SOON, OVERDUE = "case_due_soon", "case_overdue"
"""The posts in the customer's topic."""
EVENT = "case.overdue"
"""What the audit calls a breach."""
_TIMERS = (TimerKind.CASE_DUE_SOON, TimerKind.CASE_OVERDUE)


async def hours_of(session: AsyncSession, row: ServiceCase, settings: StoreSettings) -> WorkingHours:
    """When those are there who see to the case."""
    owner = await session.get(Agent, row.owner_id) if row.owner_id is not None else None
    return settings.hours_of(owner.team if owner is not None else row.team)


async def begin(
    session: AsyncSession,
    row: ServiceCase,
    *,
    due_at: datetime | None,
    now: datetime,
    settings: StoreSettings,
) -> None:
    """The deadline of a case that was just opened: the one that was given, or by the period of its kind."""
    hours = await hours_of(session, row, settings)
    row.due_at = due_at or due_after(now, settings.days_for(CaseKind(row.kind)), hours)
    await _set_timers(session, row, hours, settings)


async def follow(
    session: AsyncSession,
    row: ServiceCase,
    *,
    was_due_at: datetime | None,
    now: datetime,
    settings: StoreSettings,
) -> None:
    """After a change: let its clock stand or go on, and set its timers by a deadline that is another now."""
    hours, stood_since = await hours_of(session, row, settings), row.stood_since
    told: set[TimerKind] = set()
    is_set_anew = row.due_at != was_due_at
    stands = row.closed_at is None and (CaseKind(row.kind), CaseState(row.state)) in AWAITS_CUSTOMER
    if stands and (stood_since is None or is_set_anew):
        row.stood_since = now
    elif not stands and stood_since is not None:
        row.stood_since = None
        if not is_set_anew and row.due_at is not None:
            came = _moments(row, row.due_at, hours, settings)
            told = {kind for kind, at in came.items() if at < stood_since}
            row.due_at = resumed(stood_since, row.due_at, now, hours)
    if row.due_at != was_due_at or row.stood_since != stood_since or row.closed_at is not None:
        await _set_timers(session, row, hours, settings, told)


async def _set_timers(
    session: AsyncSession,
    row: ServiceCase,
    hours: WorkingHours,
    settings: StoreSettings,
    told: Collection[TimerKind] = (),
) -> None:
    """But for those of which was told already."""
    await timers.cancel(session, _TIMERS, row.id)
    if row.closed_at is not None or row.stood_since is not None or row.due_at is None:
        return
    for kind, at in _moments(row, row.due_at, hours, settings).items():
        if kind not in told:
            await timers.schedule(session, kind, row.id, at)


def _moments(
    row: ServiceCase, due_at: datetime, hours: WorkingHours, settings: StoreSettings
) -> dict[TimerKind, datetime]:
    """When what is told of a deadline."""
    near = _warn_at(row, due_at, hours, settings)
    soon = {TimerKind.CASE_DUE_SOON: near} if near is not None and near < due_at else {}
    return soon | {TimerKind.CASE_OVERDUE: hours.opens_at(due_at) or due_at}


def _warn_at(
    row: ServiceCase, due_at: datetime, hours: WorkingHours, settings: StoreSettings
) -> datetime | None:
    return warn_at(row.created_at, due_at, settings.days_for(CaseKind(row.kind)), hours)


async def warn(session: AsyncSession, case_id: int, *, now: datetime, settings: StoreSettings) -> bool:
    """Tell the owner that a deadline is near; False where it is not, and it is looked again when it is."""
    row = await _running(session, case_id)
    if row is None or row.due_at is None or row.due_at <= now:
        return False  # of a server that stood still only the breach is news
    near = _warn_at(row, row.due_at, await hours_of(session, row, settings), settings)
    if near is None or near > now:  # the hours are others than when it was set
        if near is not None:
            await timers.restart(session, TimerKind.CASE_DUE_SOON, case_id, near)
        return False
    await _tell(session, row, DUE_SOON, now)
    return True


async def breach(session: AsyncSession, case_id: int, *, now: datetime, settings: StoreSettings) -> bool:
    """Tell the owner, or who leads where nobody owns it, that a deadline has passed; False where it has not."""
    row = await _running(session, case_id)
    if row is None or row.due_at is None:
        return False
    hours = await hours_of(session, row, settings)
    soonest = max(row.due_at, now)
    at = hours.opens_at(soonest) or soonest
    if at > now:
        await timers.restart(session, TimerKind.CASE_OVERDUE, case_id, at)
        return False
    await _tell(session, row, OVERDUE, now)
    detail = {"due_at": row.due_at.isoformat(), "owner_id": row.owner_id, "team": row.team}
    await audit.record(
        session, actor="system", action=EVENT, subject=f"case:{row.id}", now=now, detail=detail
    )
    return True


async def _running(session: AsyncSession, case_id: int) -> ServiceCase | None:
    """The case while its clock runs."""
    row = await session.get(ServiceCase, case_id, with_for_update=True)
    return None if row is None or row.closed_at is not None or row.stood_since is not None else row


async def _tell(session: AsyncSession, row: ServiceCase, what: str, now: datetime) -> None:
    """In the customer's topic, where they have one or may have, and on every open desk.

    A case is people's work even where only the bot has talked with its customer, so it may make a topic.
    """
    signals.notify(session, Topic.CONVERSATIONS)
    conversation_id = row.conversation_id or await _last_conversation(session, row.customer_id)
    if conversation_id is None or row.due_at is None or not await desk.groups(session):
        return
    told = {
        "kind": row.kind,
        "number": row.number,
        "due_at": f"{row.due_at:%Y-%m-%d %H:%M}",
        "team": row.team or "",
    }
    await desk_posts.add(
        session,
        conversation_id=conversation_id,
        customer_id=row.customer_id,
        kind=what,
        agent_id=row.owner_id,
        text=json.dumps(told, ensure_ascii=False),
        now=now,
    )


async def _last_conversation(session: AsyncSession, customer_id: int) -> int | None:
    return await session.scalar(
        select(func.max(Conversation.id)).where(Conversation.customer_id == customer_id)
    )
