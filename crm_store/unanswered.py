"""Hand-overs that no person has answered yet: the customer is told, the staff reminded, a silent holder relieved.

One chain of timers follows a conversation from the moment it waits for a person (or is taken) until a person has
written: whoever hands over, takes or gives back sets one that is due at once, and each look sets the next.
"""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import (
    attendance,
    coming_back,
    desk,
    owed_since,
    promises,
    said_before,
    skilled,
    timers,
    undelivered,
)
from crm_store.conversations import change, end_assignments, say
from crm_store.lifecycle import WITH_A_PERSON, Change, Status
from crm_store.models.conversations import (
    ANSWERS,
    SAID_BY_CUSTOMER,
    Assignment,
    Conversation,
    Handoff,
    Message,
)
from crm_store.models.staff import Agent
from crm_store.queueing import MINUTE
from crm_store.sentences import Sentence, meant
from crm_store.settings import StoreSettings
from crm_store.timers import TimerKind
from crm_store.working_hours import WorkingHours

MOST_REMINDERS = 8
"""Each comes after twice the wait of the one before: with ten minutes the last after about a day."""


async def look(
    session: AsyncSession, conversation_id: int, *, now: datetime, settings: StoreSettings
) -> datetime | None:
    """Do what is due for the conversation; when to look again, which is scheduled, or None."""
    conversation = await session.get(Conversation, conversation_id, with_for_update=True)
    if conversation is None:
        return None
    again = None
    if conversation.status == Status.QUEUED:
        again = await _look_at_waiting(session, conversation, now, settings)
    elif conversation.status == Status.WAITING_CUSTOMER:
        await undelivered.come_back(session, conversation, now=now)
    if conversation.status == Status.ASSIGNED:
        again = await _look_at_taken(session, conversation, now, settings)
    if conversation.status in WITH_A_PERSON:  # after what may have put it back into the queue
        await skilled.follow(session, conversation, now=now, settings=settings)
    promised = await promises.follow(session, conversation, now=now, settings=settings)
    again = min((at for at in (again, promised) if at is not None), default=None)
    if again is not None:
        await timers.restart(session, TimerKind.UNANSWERED, conversation_id, again)
    return again


async def _look_at_waiting(
    session: AsyncSession, conversation: Conversation, now: datetime, settings: StoreSettings
) -> datetime | None:
    """Nobody has taken it: the customer hears of it once, the staff again and again, ever more rarely."""
    handoff = await session.scalar(
        select(Handoff)
        .where(Handoff.conversation_id == conversation.id, Handoff.ended_at.is_(None))
        .order_by(Handoff.id.desc())
        .limit(1)
    )
    if handoff is None:
        return None
    told, hours = handoff.reminders, settings.hours_of(conversation.team)
    while (due_at := _due_at(handoff, hours, settings)) is not None and now >= due_at:
        handoff.reminders += 1  # of those that a stopped server missed, only one is sent
    if handoff.reminders > told:
        intent = meant(Sentence.STILL_WAITING)
        if told == 0 and not await said_before.is_known(session, conversation.id, intent):
            await say(session, conversation, author="system", now=now, intent=intent)
        since = conversation.queued_at or handoff.queued_at  # as long as the customer has waited in all
        minutes = settings.calendars.waited(conversation.team, since, now) // MINUTE
        await desk.post(session, conversation, "unanswered", text=str(minutes), now=now)
    return due_at


def _due_at(handoff: Handoff, hours: WorkingHours, settings: StoreSettings) -> datetime | None:
    """When the next reminder is due: so long after the hand-over, counting the hours people are there."""
    if settings.handoff_notice is None or handoff.reminders >= MOST_REMINDERS:
        return None
    return hours.after(handoff.queued_at, settings.handoff_notice * (1 << handoff.reminders))


async def _look_at_taken(
    session: AsyncSession, conversation: Conversation, now: datetime, settings: StoreSettings
) -> datetime | None:
    """Who took it and writes nothing gives it back, and so does who has gone while the customer waits for more."""
    held = await open_assignment(session, conversation.id)
    if held is None or settings.first_reply is None:
        return None
    replied = await own_reply(session, held)
    since = (
        await _begun(session, held) if replied is None else await _first_words_after(session, held, replied)
    )
    if since is None:
        return None
    hours = settings.hours_of(conversation.team)
    due_at = hours.after(since, settings.first_reply)
    if due_at is None or now < due_at:
        return due_at
    if replied is None:
        anew = Handoff(conversation_id=conversation.id, reason="no_reply", queued_at=now, reminders=0)
        return await _give_back(session, conversation, held, anew, settings)
    agent = await session.get_one(Agent, held.agent_id)
    if not attendance.has_gone(agent, now):
        return agent.present_until
    anew = Handoff(conversation_id=conversation.id, reason="holder_gone", queued_at=now, reminders=0)
    return await _give_back(session, conversation, held, anew, settings)


async def _give_back(
    session: AsyncSession,
    conversation: Conversation,
    held: Assignment,
    anew: Handoff,
    settings: StoreSettings,
) -> datetime | None:
    """To the place in the queue that it had, as a new hand-over; when to look again."""
    now = anew.queued_at
    queued_at = await owed_since.since(session, conversation) or now
    await change(
        session,
        conversation,
        Change.RELEASE,
        actor="system",
        now=now,
        reason=anew.reason,
        agent_id=None,
        queued_at=queued_at,
    )
    await end_assignments(session, conversation.id, now)
    if anew.reason == attendance.NO_REPLY:
        await _tell_holder(session, conversation, held, now, settings)
    session.add(anew)
    await coming_back.tell(session, conversation, Sentence.BACK_IN_QUEUE, now=now)
    return _due_at(anew, settings.hours_of(conversation.team), settings)


async def _tell_holder(
    session: AsyncSession,
    conversation: Conversation,
    held: Assignment,
    now: datetime,
    settings: StoreSettings,
) -> None:
    """That their time has run out; who was given it and did nothing at all is away from now on."""
    away = await attendance.relieve(session, held) if held.reason == attendance.GIVEN else None
    kind = desk.RELIEVED if away is not None else desk.RAN_OUT
    agent = away if away is not None else await session.get_one(Agent, held.agent_id)
    await desk.call(session, conversation, kind, agent, now=now, minutes=settings.first_reply_minutes)


async def open_assignment(session: AsyncSession, conversation_id: int) -> Assignment | None:
    """By which somebody holds the conversation now."""
    return await session.scalar(
        select(Assignment)
        .where(Assignment.conversation_id == conversation_id, Assignment.ended_at.is_(None))
        .order_by(Assignment.id.desc())
        .limit(1)
    )


async def own_reply(session: AsyncSession, held: Assignment) -> int | None:
    """The number of the last reply of the holder's that reached the customer, or still may."""
    return await session.scalar(
        select(func.max(Message.id)).where(
            Message.conversation_id == held.conversation_id,
            Message.agent_id == held.agent_id,
            ANSWERS,
            Message.created_at >= held.assigned_at,
        )
    )


async def _begun(session: AsyncSession, held: Assignment) -> datetime:
    """Since when the holder has written nothing that arrived, or was to find that it did not."""
    told_at = await undelivered.told_at(session, held.conversation_id)
    return max(held.assigned_at, told_at or held.assigned_at)


async def _first_words_after(session: AsyncSession, held: Assignment, message_id: int) -> datetime | None:
    """When the customer wrote again after this message; None while it is the last word."""
    return await session.scalar(
        select(func.min(Message.created_at)).where(
            Message.conversation_id == held.conversation_id,
            Message.id > message_id,
            SAID_BY_CUSTOMER,
        )
    )
