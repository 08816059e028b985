"""The queue of those who wait for a person."""

from datetime import timedelta

from admin_api.contract import Context, Reply
from admin_api.handlers.conversations import shown as shown_conversation
from admin_api.schemas.conversations import (
    OverdueList,
    OverdueShown,
    QueueEntryShown,
    QueueQuery,
    QueueShown,
    ReasonShown,
    TakenShown,
)
from crm_store import owed, queue, queue_lines
from crm_store.errors import Conflict
from crm_store.owed import Owed
from crm_store.queue import QueueEntry
from crm_store.session import Session


async def shown(context: Context, session: Session, limit: int) -> QueueShown:
    """The first of the queue with positions and reasons."""
    entries = await queue.listing(session, now=context.now, limit=limit)
    hours_of = context.services.rules.hours_of
    standing = await queue_lines.standing(session, now=context.now, hours_of=hours_of)
    told = standing.told()
    return QueueShown(
        length=await queue.length(session),
        expected_wait_seconds=_seconds(standing.of_the_next()),
        items=[_entry(entry, told.get(entry.conversation.id)) for entry in entries],
    )


def _seconds(wait: timedelta | None) -> float | None:
    return wait.total_seconds() if wait is not None else None


def _entry(entry: QueueEntry, told: tuple[int, timedelta | None] | None) -> QueueEntryShown:
    place, wait = told or (entry.position, None)  # it may have come a moment ago
    return QueueEntryShown(
        position=entry.position,
        told_position=place,
        expected_wait_seconds=_seconds(wait),
        points=entry.points,
        why_next=[ReasonShown.model_validate(reason) for reason in entry.why_next],
        conversation=shown_conversation(entry.conversation, entry.why_next),
    )


async def read(context: Context, query: QueueQuery) -> Reply[QueueShown]:
    """Who waits, in which order, and why in this order."""
    async with context.read() as session:
        return Reply(await shown(context, session, query.limit))


async def overdue(context: Context) -> Reply[OverdueList]:
    """Promised replies and resolutions that are overdue, the longest first."""
    async with context.read() as session:
        late = await owed.overdue(session, now=context.now, settings=context.services.rules)
    return Reply(OverdueList(items=[_overdue(one) for _, one in late]))


def _overdue(one: Owed) -> OverdueShown:
    promise = one.promise
    return OverdueShown(
        conversation_id=promise.conversation_id,
        kind=promise.kind,
        started_at=promise.started_at,
        target_s=promise.target_s,
        breached_at=one.due_at,
        overdue_s=int(-one.left.total_seconds()),
    )


async def take_next(context: Context) -> Reply[TakenShown]:
    """Take the first in the queue that the caller can serve."""
    if not context.services.rules.pulls:
        raise Conflict(
            "conversations are given to who is online here; nobody takes the next by themselves",
            kind="only_given",
        )
    async with context.write() as session:
        agent = await context.agent(session)
        taken = await queue.take_next(session, agent, now=context.now)
        subject = f"conversation:{taken.id}" if taken else "queue"
        await context.audit(session, subject, agent_id=agent.id)
    told = shown_conversation(taken, ()) if taken else None  # it waits no more
    return Reply(TakenShown(conversation=told))
