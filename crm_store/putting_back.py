"""A conversation back to who held it before an act on many, by the changes that the table of changes allows."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import timers
from crm_store.conversations import change, end_assignments, end_handoffs
from crm_store.errors import WentOn
from crm_store.lifecycle import Change, Status
from crm_store.models.conversations import Assignment, Conversation, Handoff, StatusChange
from crm_store.timers import TimerKind

INTO_QUEUE = {
    Status.RESOLVED: Change.REOPEN,
    Status.ASSIGNED: Change.RELEASE,
    Status.WAITING_CUSTOMER: Change.RELEASE,
    Status.SNOOZED: Change.WAKE,
    Status.QUEUED: Change.TRANSFER,
}
"""From where an act left it; from the queue it goes on to where it was."""


def remembered(one: Conversation) -> dict[str, Any]:
    """Who holds it now, as JSON takes it."""
    return {
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
        raise WentOn(f"conversation {one.id} went on since")


async def put_back(
    session: AsyncSession, one: Conversation, before: dict[str, Any], actor: str, now: datetime
) -> None:
    """As it was remembered; where its holder waited for the customer, it is theirs to look at."""
    queued_at = datetime.fromisoformat(before["queued_at"]) if before["queued_at"] else now
    what, team = INTO_QUEUE[Status(one.status)], before.get("team", one.team)
    values: dict[str, Any] = {"agent_id": None, "queued_at": queued_at, "team": team}
    if what is Change.REOPEN:
        values |= {"resolved_at": None, "resolved_by": None}
    await change(session, one, what, actor=actor, now=now, reason="undone", **values)
    await end_assignments(session, one.id, now)
    await end_handoffs(session, one.id, "undone", now)
    await timers.cancel(session, [TimerKind.WAKE_SNOOZED], one.id)
    status = Status(before["status"])
    if status is Status.BOT:
        await change(session, one, Change.CANCEL, actor=actor, now=now, queued_at=None)
        return
    if status is Status.SNOOZED and before["snoozed_until"]:
        until = datetime.fromisoformat(before["snoozed_until"])
        await change(session, one, Change.SNOOZE, actor=actor, now=now, snoozed_until=until)
        await timers.restart(session, TimerKind.WAKE_SNOOZED, one.id, until)
        return
    if status in (Status.ASSIGNED, Status.WAITING_CUSTOMER) and before["agent_id"]:
        holder = before["agent_id"]
        await change(session, one, Change.TAKE, actor=actor, now=now, agent_id=holder, taken_at=now)
        session.add(Assignment(conversation_id=one.id, agent_id=holder, reason="take", assigned_at=now))
        await timers.restart(session, TimerKind.UNANSWERED, one.id, now)
        return
    session.add(Handoff(conversation_id=one.id, reason="reopened", queued_at=queued_at))
    await timers.restart(session, TimerKind.UNANSWERED, one.id, now)
