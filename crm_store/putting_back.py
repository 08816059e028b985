"""A conversation back to who held it before an act on many, by the changes that the table of changes allows."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import attendance, promises, timers, whose_turn
from crm_store.conversations import change, end_assignments, end_handoffs
from crm_store.errors import WentOn
from crm_store.holders import is_holder
from crm_store.lifecycle import HELD_BY_PERSON, Change, Status
from crm_store.models.conversations import Assignment, Conversation, Handoff, StatusChange
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from crm_store.targets import UNDONE
from crm_store.timers import TimerKind

BACK = "back to agent:"
"""The reason of the change by which an undoing gave it back to this agent: its actor is who undid."""
INTO_QUEUE = {
    Status.RESOLVED: Change.REOPEN,
    Status.ASSIGNED: Change.RELEASE,
    Status.WAITING_CUSTOMER: Change.RELEASE,
    Status.SNOOZED: Change.WAKE,
    Status.QUEUED: Change.TRANSFER,
}
"""From where an act left it; from the queue it goes on to where it was."""


async def remembered(session: AsyncSession, one: Conversation) -> dict[str, Any]:
    """Who holds it now, or waits for whom, as JSON takes it."""
    waiting = select(func.max(Handoff.id)).where(
        Handoff.conversation_id == one.id, Handoff.ended_at.is_(None)
    )
    held = select(func.max(Assignment.id)).where(
        Assignment.conversation_id == one.id, Assignment.ended_at.is_(None)
    )
    return {
        "handoff_id": await session.scalar(waiting),
        "assignment_id": await session.scalar(held),
        "meant_for_id": one.meant_for_id,
        "meant_until": one.meant_until.isoformat() if one.meant_until else None,
        "status": one.status,
        "agent_id": one.agent_id,
        "team": one.team,
        "queued_at": one.queued_at.isoformat() if one.queued_at else None,
        "snoozed_until": one.snoozed_until.isoformat() if one.snoozed_until else None,
    }


async def last_change(session: AsyncSession, conversation_id: int) -> int | None:
    """The number of its last change of holder: by it one sees whether it went on since."""
    return await session.scalar(
        select(func.max(StatusChange.id)).where(StatusChange.conversation_id == conversation_id)
    )


async def refuse_gone_on(session: AsyncSession, one: Conversation, seen: int | None) -> None:
    """Raises WentOn when there was a change of holder after the one that was seen."""
    if await last_change(session, one.id) != seen:
        raise went_on(one)


def went_on(one: Conversation) -> WentOn:
    """The refusal to undo what others have changed since."""
    return WentOn(f"conversation {one.id} went on since", kind="went_on", number=one.id)


async def put_back(
    session: AsyncSession,
    one: Conversation,
    before: dict[str, Any],
    actor: str,
    now: datetime,
    settings: StoreSettings,
) -> None:
    """As it was remembered; where its holder waited for the customer who has written since, it is the holder's turn.

    From a holder who has gone meanwhile it goes into the queue, where it waits for them first, if they still serve.
    """
    status = Status(before["status"])
    held = before["agent_id"] if status in HELD_BY_PERSON else None
    holder = await session.get(Agent, held) if held is not None else None
    is_gone = holder is not None and attendance.has_gone(holder, now)
    what = INTO_QUEUE[Status(one.status)]
    values = {"agent_id": None, "queued_at": moment(before["queued_at"]) or now}
    values |= {"team": before.get("team", one.team)} | await _meant(
        session, before, one, is_gone, now, settings
    )
    if what is Change.REOPEN:
        values |= {"resolved_at": None, "resolved_by": None}
    await change(session, one, what, actor=actor, now=now, reason=UNDONE, **values)
    await end_assignments(session, one.id, now)
    await timers.cancel(session, [TimerKind.WAKE_SNOOZED], one.id)
    if status is Status.BOT:
        await end_handoffs(session, one.id, "undone", now)
        await change(session, one, Change.CANCEL, actor=actor, now=now, reason=UNDONE, queued_at=None)
        await promises.follow(session, one, now=now, settings=settings)  # nothing was promised
    elif status is Status.SNOOZED and before["snoozed_until"]:
        await _put_aside_again(session, one, moment(before["snoozed_until"]) or now, actor, now)
    elif holder is not None and not is_gone:
        await end_handoffs(session, one.id, "undone", now)
        await _hold_again(session, one, holder, before, actor, now)
    else:
        await _wait_again(session, one, before, now)


def moment(text: str | None) -> datetime | None:
    """The time as `remembered` wrote it; None for none."""
    return datetime.fromisoformat(text) if text else None


async def _meant(
    session: AsyncSession,
    before: dict[str, Any],
    one: Conversation,
    is_gone: bool,
    now: datetime,
    settings: StoreSettings,
) -> dict[str, Any]:
    """Whom it waits for first: as it was, or its holder who has gone; nobody who serves nobody any more."""
    if is_gone:
        meant = {"meant_for_id": before["agent_id"], "meant_until": settings.kept_until(one.team, now)}
    elif before["status"] != Status.QUEUED or before.get("meant_for_id") is None:
        return {}
    else:
        meant = {"meant_for_id": before["meant_for_id"], "meant_until": moment(before["meant_until"])}
    agent = await session.get(Agent, meant["meant_for_id"])
    return meant if agent is not None and is_holder(agent) else {}


async def _put_aside_again(
    session: AsyncSession, one: Conversation, until: datetime, actor: str, now: datetime
) -> None:
    """Snoozed as it was; its customer is told until when, if they were told a place meanwhile."""
    await end_handoffs(session, one.id, "undone", now)
    await change(session, one, Change.SNOOZE, actor=actor, now=now, reason=UNDONE, snoozed_until=until)
    await timers.restart(session, TimerKind.WAKE_SNOOZED, one.id, until)
    await timers.restart(session, TimerKind.UNANSWERED, one.id, now)


async def _hold_again(
    session: AsyncSession, one: Conversation, holder: Agent, before: dict[str, Any], actor: str, now: datetime
) -> None:
    """Theirs as it was: what they wrote while they had it counts."""
    await change(
        session,
        one,
        Change.TAKE,
        actor=actor,
        now=now,
        reason=f"{BACK}{holder.id}",
        agent_id=holder.id,
        taken_at=now,
    )
    number = before.get("assignment_id")
    row = await session.get(Assignment, number, populate_existing=True) if number else None
    if row is None:
        session.add(Assignment(conversation_id=one.id, agent_id=holder.id, reason="take", assigned_at=now))
    else:
        row.ended_at = None
    await timers.restart(session, TimerKind.UNANSWERED, one.id, now)
    if before["status"] == Status.WAITING_CUSTOMER:
        await whose_turn.rest(session, one, actor=actor, now=now)


async def _wait_again(
    session: AsyncSession, one: Conversation, before: dict[str, Any], now: datetime
) -> None:
    """The same wait as before: who was told of it is not told again."""
    number = before.get("handoff_id")
    row = await session.get(Handoff, number, populate_existing=True) if number else None
    if row is None:
        await end_handoffs(session, one.id, "undone", now)
        session.add(Handoff(conversation_id=one.id, reason="reopened", queued_at=now))
    else:
        row.ended_at, row.outcome = None, None
    await timers.restart(session, TimerKind.UNANSWERED, one.id, now)
