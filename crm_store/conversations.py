"""Conversations and what is said in them. Session first; nothing here commits.

`change` is the only way a status changes: bot, desk and timers all come through it, and each change is written
down with who and why.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from crm_store import canned_text, desk, desk_marks, ranking, said_before, signals, skilled, timers
from crm_store.attendance import GIVEN
from crm_store.errors import HeldByOther, InvalidValue, NotFound
from crm_store.lifecycle import HELD_BY_PERSON, WAITING, Change, Status, next_status
from crm_store.masking import mask
from crm_store.models.base import table_of
from crm_store.models.conversations import Assignment, Conversation, Handoff, Message, StatusChange
from crm_store.models.customers import Identity
from crm_store.models.staff import Agent
from crm_store.sentences import Sentence, system_intent
from crm_store.signals import Topic
from crm_store.timers import TimerKind

MAX_TEXT = 4096
# Built once: every change of holder runs them.
_CHANGE = update(table_of(Conversation)).where(table_of(Conversation).c.id == bindparam("of"))
_WRITE_DOWN = insert(table_of(StatusChange))


async def get(session: AsyncSession, conversation_id: int, *, lock: bool = False) -> Conversation:
    """The conversation, locked against other writers when asked; raises NotFound."""
    query = select(Conversation).where(Conversation.id == conversation_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise NotFound(f"there is no conversation {conversation_id}")
    return found


async def page(
    session: AsyncSession,
    *,
    status: Status | None = None,
    agent_id: int | None = None,
    customer_id: int | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[Conversation]:
    """The newest conversations that match, `before_id` being where the page before ended."""
    query = select(Conversation).order_by(Conversation.id.desc()).limit(limit)
    for column, value in (
        (Conversation.status, status),
        (Conversation.agent_id, agent_id),
        (Conversation.customer_id, customer_id),
    ):
        if value is not None:
            query = query.where(column == value)
    if before_id is not None:
        query = query.where(Conversation.id < before_id)
    return list(await session.scalars(query))


async def messages(
    session: AsyncSession, conversation_id: int, *, after_id: int = 0, limit: int = 200
) -> list[Message]:
    """What was said, oldest first, notes included."""
    query = (
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.id > after_id)
        .order_by(Message.id)
        .limit(limit)
    )
    return list(await session.scalars(query))


async def last_messages(session: AsyncSession, conversation_id: int, limit: int) -> list[Message]:
    """The newest of what was said, oldest first, notes included."""
    newest = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.id.desc())
    return list(reversed((await session.scalars(newest.limit(limit))).all()))


async def message(session: AsyncSession, message_id: int) -> Message:
    """One message; raises NotFound."""
    found = await session.get(Message, message_id)
    if found is None:
        raise NotFound(f"there is no message {message_id}")
    return found


async def change(
    session: AsyncSession,
    conversation: Conversation,
    what: Change,
    *,
    actor: str,
    now: datetime,
    reason: str | None = None,
    **values: Any,
) -> None:
    """Move the conversation on and write it down; raises IllegalTransition. `values` are columns set with it."""
    before = Status(conversation.status)
    after = next_status(before, what)
    values = skilled.begun_anew(conversation, after) | values
    for column, value in {"status": after.value, **values}.items():
        set_committed_value(conversation, column, value)  # it is written here, and not again by a flush
    await session.execute(_CHANGE, {"of": conversation.id, "status": after.value, **values})
    written = {
        "conversation_id": conversation.id,
        "change": what,
        "from_status": before,
        "to_status": after,
        "actor": actor,
        "reason": reason,
        "changed_at": now,
    }
    await session.execute(_WRITE_DOWN, written)
    if before in WAITING and after in (Status.BOT, Status.RESOLVED):  # they were told a place
        await timers.restart(session, TimerKind.UNANSWERED, conversation.id, now)
    if after is Status.QUEUED:
        await ranking.rank_anew(session, conversation.id)
        await session.refresh(conversation, ["ranked_at", "ranked_for"])
    await desk.post(session, conversation, "card", now=now)
    signals.notify(session, Topic.CONVERSATIONS, Topic.QUEUE)


def checked_text(text: str) -> str:
    """The text with private numbers masked; raises InvalidValue when empty or too long."""
    if not text.strip():
        raise InvalidValue("the message is empty; write something", kind="empty")
    if len(text) > MAX_TEXT:
        told = f"the message has {len(text)} characters; send at most {MAX_TEXT} at once"
        raise InvalidValue(told, kind="too_long", most=MAX_TEXT)
    return mask(text.replace("\x00", ""))


async def say(
    session: AsyncSession,
    conversation: Conversation,
    *,
    author: str,
    now: datetime,
    text: str = "",
    intent: dict[str, Any] | None = None,
    agent: Agent | None = None,
    attachment: dict[str, Any] | None = None,
    kind: str = "text",
    reply_to_id: int | None = None,
) -> Message:
    """A message to the customer: one row, which delivery sends."""
    identity = await session.get_one(Identity, conversation.identity_id)
    message = Message(
        conversation_id=conversation.id,
        customer_id=conversation.customer_id,
        author=author,
        agent_id=agent.id if agent else None,
        kind=kind,
        text=text,
        intent=intent,
        attachment=attachment,
        reply_to_id=reply_to_id,
        created_at=now,
        delivery="pending",
        lane=f"{identity.channel}:{identity.address}",
    )
    session.add(message)
    await session.flush()
    set_committed_value(conversation, "last_message_at", now)
    await session.execute(_CHANGE, {"of": conversation.id, "last_message_at": now})
    signals.notify(session, Topic.OUTBOX, Topic.CONVERSATIONS)
    return message


async def hold(
    session: AsyncSession, conversation: Conversation, agent: Agent, *, now: datetime, how: str
) -> None:
    """Give the conversation to `agent`; raises Conflict naming the holder when another person has it."""
    if conversation.agent_id == agent.id and conversation.status in HELD_BY_PERSON:
        return
    if conversation.status in HELD_BY_PERSON:
        holder = await session.get(Agent, conversation.agent_id)
        raise HeldByOther(holder.name if holder else None)
    waited_for_reply = conversation.status == Status.QUEUED
    await change(
        session,
        conversation,
        Change.TAKE,
        actor=f"agent:{agent.id}",
        now=now,
        reason=how,
        agent_id=agent.id,
        taken_at=now,
        memory={},
    )
    session.add(Assignment(conversation_id=conversation.id, agent_id=agent.id, reason=how, assigned_at=now))
    await end_handoffs(session, conversation.id, "taken", now)
    await timers.restart(session, TimerKind.UNANSWERED, conversation.id, now)
    if waited_for_reply:
        intent = system_intent(Sentence.PERSON_JOINED, agent)
        if how != GIVEN or not await said_before.is_known(session, conversation.id, intent):
            await say(session, conversation, author="system", now=now, intent=intent)


async def reply(
    session: AsyncSession,
    conversation_id: int,
    agent: Agent,
    text: str,
    *,
    now: datetime,
    attachment: dict[str, Any] | None = None,
    kind: str = "text",
    from_desk: bool = False,
    reply_to_id: int | None = None,
) -> Message:
    """The agent's words to the customer. Whoever replies to a conversation that no person holds, takes it."""
    words = canned_text.check_filled(checked_text(text)) if attachment is None or text.strip() else ""
    conversation = await get(session, conversation_id, lock=True)
    await hold(session, conversation, agent, now=now, how="reply")
    await change(
        session,
        conversation,
        Change.REPLY,
        actor=f"agent:{agent.id}",
        now=now,
        first_reply_at=conversation.first_reply_at or now,
    )
    message = await say(
        session,
        conversation,
        author="agent",
        agent=agent,
        text=words,
        now=now,
        attachment=attachment,
        kind=kind,
        reply_to_id=reply_to_id,
    )
    if not from_desk:
        await desk.post(session, conversation, "message", message_id=message.id, now=now)
    await desk_marks.end_typing(session, agent.id, conversation.id)
    return message


async def note(
    session: AsyncSession,
    conversation_id: int,
    agent: Agent,
    text: str,
    *,
    now: datetime,
    attachment: dict[str, Any] | None = None,
    kind: str = "text",
    from_desk: bool = False,
) -> Message:
    """A note that only staff see."""
    words = checked_text(text) if attachment is None or text.strip() else ""
    conversation = await get(session, conversation_id)
    message = Message(
        conversation_id=conversation.id,
        customer_id=conversation.customer_id,
        author="agent",
        agent_id=agent.id,
        is_note=True,
        kind=kind,
        text=words,
        attachment=attachment,
        created_at=now,
    )
    session.add(message)
    await session.flush()
    if not from_desk:
        await desk.post(session, conversation, "message", message_id=message.id, now=now)
    await desk_marks.end_typing(session, agent.id, conversation.id)
    signals.notify(session, Topic.CONVERSATIONS)
    return message


async def end_handoffs(session: AsyncSession, conversation_id: int, outcome: str, now: datetime) -> None:
    """Close the hand-overs that were still waiting."""
    await session.execute(
        update(Handoff)
        .where(Handoff.conversation_id == conversation_id, Handoff.ended_at.is_(None))
        .values(ended_at=now, outcome=outcome)
    )


async def end_assignments(session: AsyncSession, conversation_id: int, now: datetime) -> None:
    """Nobody holds the conversation any more."""
    await session.execute(
        update(Assignment)
        .where(Assignment.conversation_id == conversation_id, Assignment.ended_at.is_(None))
        .values(ended_at=now)
    )
