"""The queue of those who wait for a person."""

from admin_api.contract import Context, Reply
from admin_api.schemas.conversations import ConversationShown, QueueEntryShown, QueueShown, TakenShown
from crm_store import queue
from crm_store.session import Session


async def shown(context: Context, session: Session) -> QueueShown:
    """The queue with positions and reasons."""
    entries = await queue.listing(session, now=context.now)
    wait = await queue.expected_wait(session, now=context.now, hours=context.services.store_settings.hours)
    return QueueShown(
        length=len(entries),
        expected_wait_seconds=wait.total_seconds() if wait is not None else None,
        items=[QueueEntryShown.model_validate(entry) for entry in entries],
    )


async def read(context: Context) -> Reply[QueueShown]:
    """Who waits, in which order, and why in this order."""
    async with context.read() as session:
        return Reply(await shown(context, session))


async def take_next(context: Context) -> Reply[TakenShown]:
    """Take the first in the queue that the caller can serve."""
    async with context.write() as session:
        agent = await context.agent(session)
        taken = await queue.take_next(session, agent, now=context.now)
        subject = f"conversation:{taken.id}" if taken else "queue"
        await context.audit(session, subject, agent_id=agent.id)
    told = ConversationShown.model_validate(taken) if taken else None
    return Reply(TakenShown(conversation=told))
