"""A reply held back for some seconds, in which its writer may take it back. Session first; nothing here commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from crm_store import signals, stored_files, timers, whose_turn
from crm_store.conversations import change, get
from crm_store.errors import NotFound, TooLate
from crm_store.lifecycle import TRANSITIONS, Change, Status
from crm_store.models.conversations import ANSWERS, Conversation, Message, StatusChange
from crm_store.models.files import StoredFile
from crm_store.models.plumbing import DeskPost
from crm_store.models.staff import Agent
from crm_store.signals import Topic
from crm_store.timers import TimerKind

LONGEST_S = 60


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What was not sent after all; its files wait for a day to be sent with other words (`stored_files.claim`)."""

    conversation_id: int
    text: str
    files: tuple[StoredFile, ...] = ()
    reply_to_id: int | None = None
    """The message it would have answered."""


async def hold_back(session: AsyncSession, message: Message, agent: Agent, *, now: datetime) -> None:
    """Let the message leave only after the agent's seconds; what follows in its lane waits behind it.

    The staff's chat, too, shows it no sooner: what is taken back was never said.
    """
    if agent.undo_s <= 0 or message.delivery != "pending":
        return
    until = now + timedelta(seconds=min(agent.undo_s, LONGEST_S))
    for held in (
        update(Message).where(Message.id == message.id),
        update(DeskPost).where(DeskPost.message_id == message.id, DeskPost.delivery == "pending"),
    ):
        done = held.values(next_try_at=until).execution_options(synchronize_session=False)
        await session.execute(done)
    set_committed_value(message, "next_try_at", until)


def is_held_back(message: Message, now: datetime) -> bool:
    """Whether the message can still be taken back: nobody has tried to send it, and its time has not come."""
    at = message.next_try_at
    return message.delivery == "pending" and message.attempts == 0 and at is not None and at > now


def may_be_shown(now: datetime) -> ColumnElement[bool]:
    """As `is_held_back`, of all that was said what can not be taken back any more."""
    m = Message
    is_untried = (m.delivery == "pending") & (m.attempts == 0) & (m.author == "agent")
    return or_(m.next_try_at.is_(None), m.next_try_at <= now, ~is_untried)


async def take_back(session: AsyncSession, message_id: int, by: Agent, *, now: datetime) -> TakenBack:
    """A reply that is not sent after all: the row is gone, the conversation as before.

    Raises NotFound, as for other people's replies, and TooLate once it is on its way.
    """
    locked = select(Message).where(Message.id == message_id, Message.author == "agent").with_for_update()
    message = await session.scalar(locked.execution_options(populate_existing=True))
    if message is None or message.agent_id != by.id or message.is_note:
        raise NotFound(f"you have no reply {message_id} that could be taken back")
    if not is_held_back(message, now):
        raise TooLate("this reply is on its way already; it cannot be taken back any more", kind="on_its_way")
    conversation = await get(session, message.conversation_id, lock=True)
    enclosed = list(await session.scalars(_enclosed(message).with_for_update()))
    await unsay(session, conversation, [message, *enclosed], by, now=now)
    attached = ((one.attachment or {}).get("file") for one in (message, *enclosed))
    files = await stored_files.let_go(session, [str(file) for file in attached if file])
    return TakenBack(conversation.id, message.text, tuple(files), message.reply_to_id)


async def unsay(
    session: AsyncSession,
    conversation: Conversation,
    messages: Sequence[Message],
    by: Agent,
    *,
    now: datetime,
) -> None:
    """As if these, the first of which came first and none of which has left, had never been written."""
    for one in messages:
        await session.execute(
            delete(Message).where(Message.id == one.id).execution_options(synchronize_session=False)
        )
        session.expunge(one)
    await _as_before(session, conversation, messages[0], by, now)
    signals.notify(session, Topic.OUTBOX, Topic.CONVERSATIONS)


def _enclosed(words: Message) -> Select[Message]:
    """The files that came with these words: written with them at once, they wait behind them in their lane."""
    return select(Message).where(
        Message.conversation_id == words.conversation_id,
        Message.id > words.id,
        Message.agent_id == words.agent_id,
        Message.created_at == words.created_at,
        Message.text == "",
        Message.delivery == "pending",
        Message.attempts == 0,
    )


async def _was_resting(
    session: AsyncSession, conversation: Conversation, message: Message, actor: str
) -> bool:
    """Whether it was the customer's turn already when this reply was written."""
    s = StatusChange
    is_reply = (s.conversation_id == conversation.id, s.change == Change.REPLY, s.actor == actor)
    before = select(s.from_status).where(*is_reply, s.changed_at == message.created_at)
    return await session.scalar(before.order_by(s.id).limit(1)) == Status.WAITING_CUSTOMER


async def _as_before(
    session: AsyncSession, conversation: Conversation, message: Message, by: Agent, now: datetime
) -> None:
    other = exists().where(Message.conversation_id == conversation.id, ANSWERS)
    first = conversation.first_reply_at
    if first is not None and first >= message.created_at and not await session.scalar(select(other)):
        first = None
    if (Status(conversation.status), Change.TAKE_BACK) in TRANSITIONS:
        actor = f"agent:{by.id}"
        was_resting = await _was_resting(session, conversation, message, actor)
        await change(
            session,
            conversation,
            Change.TAKE_BACK,
            actor=actor,
            now=now,
            first_reply_at=first,
            meant_for_id=conversation.meant_for_id,
            meant_until=conversation.meant_until,
        )
        if conversation.status != Status.SNOOZED:  # what the reply had settled is owed again
            await timers.restart(session, TimerKind.UNANSWERED, conversation.id, now)
        if was_resting:
            await whose_turn.rest(session, conversation, actor=actor, now=now)
        return
    await session.execute(
        update(Conversation).where(Conversation.id == conversation.id).values(first_reply_at=first)
    )
