"""One act on many conversations, and its undoing. Session first; nothing here commits.

Customers are told nothing of a bulk act, which can be undone; who was served by a person lately is asked for stars
once it cannot be undone any more.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import asking, labels, timers
from crm_store.conversations import change, end_assignments, end_handoffs, get
from crm_store.errors import Conflict, InvalidValue, NotFound, StoreError
from crm_store.holders import decided_by
from crm_store.lifecycle import Change, Status
from crm_store.models.casework import BulkAction
from crm_store.models.conversations import Assignment, Conversation, Handoff
from crm_store.models.staff import Agent
from crm_store.timers import TimerKind

MOST = 200


@dataclass(frozen=True, slots=True)
class BulkDone:
    """What became of a bulk act: its number for undoing, and who was left out with the reason."""

    id: int
    changed: tuple[int, ...]
    refused: dict[int, str]


async def _resolve(
    session: AsyncSession, one: Conversation, by: Agent, _value: str, now: datetime
) -> dict[str, Any]:
    before = {
        "status": one.status,
        "agent_id": one.agent_id,
        "queued_at": one.queued_at.isoformat() if one.queued_at else None,
        "snoozed_until": one.snoozed_until.isoformat() if one.snoozed_until else None,
    }
    await change(
        session,
        one,
        Change.RESOLVE,
        actor=f"agent:{by.id}",
        now=now,
        reason="bulk",
        agent_id=one.agent_id or by.id,
        resolved_at=now,
        resolved_by="agent",
        memory={},
    )
    await end_assignments(session, one.id, now)
    await end_handoffs(session, one.id, "resolved", now)
    await asking.after_undo(session, one.id, now=now)
    return before


async def _tag(
    session: AsyncSession, one: Conversation, _by: Agent, value: str, now: datetime
) -> dict[str, Any]:
    before = {"tags": list(one.tags)}
    await labels.change_labels(session, one.id, now=now, tags=[*one.tags, value])
    return before


async def _prioritise(
    session: AsyncSession, one: Conversation, _by: Agent, value: str, now: datetime
) -> dict[str, Any]:
    before = {"priority": one.priority}
    try:
        step = int(value)
    except ValueError:
        raise InvalidValue("priority is a number") from None
    await labels.change_labels(session, one.id, now=now, priority=step)
    return before


Act = Callable[[AsyncSession, Conversation, Agent, str, datetime], Awaitable[dict[str, Any]]]
ACTS: dict[str, Act] = {"resolve": _resolve, "tag": _tag, "priority": _prioritise}


async def apply(
    session: AsyncSession, action: str, numbers: Sequence[int], by: Agent, *, now: datetime, value: str = ""
) -> BulkDone:
    """Do it to each of these that allows it; raises InvalidValue for an act nobody knows or too many at once."""
    if action not in ACTS or not 0 < len(set(numbers)) <= MOST:
        raise InvalidValue(f"choose 1 to {MOST} conversations and one of: {', '.join(ACTS)}")
    before: list[dict[str, Any]] = []
    refused: dict[int, str] = {}
    for number in sorted(set(numbers)):  # in one order everywhere, so that no two acts wait for each other
        try:
            one = await decided_by(session, number, by)
            before.append({"id": number, **await ACTS[action](session, one, by, value, now)})
        except StoreError as error:
            refused[number] = str(error)
    row = BulkAction(agent_id=by.id, action=action, before=before, done_at=now)
    session.add(row)
    await session.flush()
    return BulkDone(row.id, tuple(each["id"] for each in before), refused)


async def undo(session: AsyncSession, action_id: int, by: Agent, *, now: datetime) -> BulkDone:
    """Each as it was before, unless it went on since; raises NotFound, Conflict when it was undone already."""
    row = await session.scalar(select(BulkAction).where(BulkAction.id == action_id).with_for_update())
    if row is None:
        raise NotFound(f"there is no bulk act {action_id}")
    if row.undone_at is not None:
        raise Conflict("this was undone already")
    done: list[int] = []
    refused: dict[int, str] = {}
    for before in row.before:
        try:
            await _put_back(session, row, before, by, now)
            done.append(before["id"])
        except StoreError as error:
            refused[before["id"]] = str(error)
    row.undone_at = now
    await session.flush()
    return BulkDone(row.id, tuple(done), refused)


async def _put_back(
    session: AsyncSession, row: BulkAction, before: dict[str, Any], by: Agent, now: datetime
) -> None:
    one = await get(session, before["id"], lock=True)
    if row.action != "resolve":
        values = {name: value for name, value in before.items() if name != "id"}
        await labels.change_labels(session, one.id, now=now, **values)
        return
    if one.status != Status.RESOLVED or one.resolved_at != row.done_at:
        raise Conflict(f"conversation {one.id} went on since")
    newer = select(Conversation.id).where(
        Conversation.identity_id == one.identity_id, Conversation.status != Status.RESOLVED
    )
    if await session.scalar(newer) is not None:
        raise Conflict(f"the customer of {one.id} has opened another conversation since")
    await _reopen(session, one, before, f"agent:{by.id}", now)


async def _reopen(
    session: AsyncSession, one: Conversation, before: dict[str, Any], actor: str, now: datetime
) -> None:
    """Back to who held it, by the changes that the table of changes allows."""
    queued_at = datetime.fromisoformat(before["queued_at"]) if before["queued_at"] else now
    values = {"agent_id": None, "resolved_at": None, "resolved_by": None, "queued_at": queued_at}
    await change(session, one, Change.REOPEN, actor=actor, now=now, reason="undone", **values)
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
        return
    session.add(Handoff(conversation_id=one.id, reason="reopened", queued_at=queued_at))
    await timers.restart(session, TimerKind.UNANSWERED, one.id, now)
