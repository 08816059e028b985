"""Handing a conversation on to a colleague. Session first; nothing here commits.

Who is there and has room holds it from then on. For who is away or gone, or holds as many as they can, it waits in the
queue with its original wait: for a while for them alone (`StoreSettings.handed_on`), then for whoever is free. Nobody
holds what they were handed while absent or full.
"""

from datetime import datetime

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import attendance, coming_back, desk, owed_since, signals, timers, workload
from crm_store.conversations import change, end_assignments, end_handoffs, note, say
from crm_store.errors import Conflict, HeldByOther
from crm_store.holders import decided_by, is_holder, refuse_as_holder
from crm_store.lifecycle import HELD_BY_PERSON, WAITING, Change, Status, next_status
from crm_store.models.conversations import Assignment, Conversation, Handoff, StatusChange
from crm_store.models.staff import Agent
from crm_store.sentences import Sentence, system_intent
from crm_store.settings import StoreSettings
from crm_store.signals import Topic
from crm_store.timers import TimerKind

MOST_TOLD = 50
"""Of more than so many that were taken from somebody the newest are told."""
FROM = "from agent:"
"""The reason of a change by which somebody who leads took a conversation from this agent."""
INTO_QUEUE = {
    Status.BOT: Change.HANDOFF,
    Status.QUEUED: Change.TRANSFER,
    Status.ASSIGNED: Change.RELEASE,
    Status.WAITING_CUSTOMER: Change.RELEASE,
    Status.SNOOZED: Change.WAKE,
}
"""How what is handed on to somebody absent comes to wait for them."""


async def transfer(
    session: AsyncSession,
    conversation_id: int,
    *,
    by: Agent,
    to: Agent,
    note_text: str | None = None,
    now: datetime,
    settings: StoreSettings,
) -> Conversation:
    """Handed on, with a note if there is one, and the customer told; it names `to` as its holder, or as whom it is
    meant for while they are not there or have no room."""
    await workload.room(session, to.id, lock=True)
    conversation = await decided_by(session, conversation_id, by)
    before = Status(conversation.status)
    is_held = await hand_on(session, conversation, by=by, to=to, now=now, settings=settings)
    if note_text:
        await note(session, conversation_id, by, note_text, now=now)
    if is_held and to.id != by.id:
        await desk.call(session, conversation, desk.GIVEN, to, now=now)
    waited = before in HELD_BY_PERSON or before == Status.QUEUED
    if is_held and waited:
        intent = system_intent(Sentence.PERSON_JOINED, to)
        await say(session, conversation, author="system", now=now, intent=intent)
    elif not is_held and before != Status.QUEUED:
        key = Sentence.KEPT_FOR_BUSY if attendance.is_there(to, now) else Sentence.KEPT_FOR
        intent = system_intent(key, to) | {coming_back.TOLD: coming_back.NO_PLACE}
        await say(session, conversation, author="system", now=now, intent=intent)
    return conversation


async def take_over(
    session: AsyncSession,
    conversation_id: int,
    by: Agent,
    *,
    held_by: int,
    now: datetime,
    settings: StoreSettings,
) -> Conversation:
    """Held by `by` from now on, who leads, instead of by `held_by`: the one they read of.

    Raises HeldByOther where it is somebody else's by now, or `by` does not lead, and Conflict where nobody holds it.
    """
    await workload.room(session, by.id, lock=True)
    conversation = await decided_by(session, conversation_id, by)
    if conversation.status not in HELD_BY_PERSON:
        raise Conflict("nobody has this conversation any more; take it", kind="held_by_nobody")
    if conversation.agent_id not in (held_by, by.id):
        holder = await session.get(Agent, conversation.agent_id)
        raise HeldByOther(holder.name if holder else None)
    return await transfer(session, conversation_id, by=by, to=by, now=now, settings=settings)


async def taken_from(
    session: AsyncSession, agent: Agent, *, since: datetime
) -> list[tuple[StatusChange, Conversation]]:
    """What the agent held until somebody who leads took it over since then, or until their time for a reply ran out
    (`attendance.NO_REPLY`), where they do not hold it again: the newest first, and no more than `MOST_TOLD`. Not that
    for which they were set away: it is told until they are back (`attendance.relieved_of`)."""
    relieved = await attendance.relieved_of(session, agent)
    is_news = or_(
        Assignment.reason != attendance.GIVEN, Assignment.ended_at > (agent.came_at or agent.created_at)
    )
    ran_out = and_(
        StatusChange.reason == attendance.NO_REPLY,
        is_news,
        Assignment.id != (relieved.id if relieved is not None else 0),
    )
    query = (
        select(StatusChange, Conversation)
        .join(Assignment, Assignment.conversation_id == StatusChange.conversation_id)
        .join(Conversation, Conversation.id == StatusChange.conversation_id)
        .where(Assignment.agent_id == agent.id, Assignment.ended_at > since)
        .where(StatusChange.changed_at == Assignment.ended_at)
        .where(or_(StatusChange.reason == f"{FROM}{agent.id}", ran_out))
        .where(Conversation.agent_id.is_distinct_from(agent.id))
        .order_by(StatusChange.id.desc())
        .limit(MOST_TOLD)
    )
    return [(change, one) for change, one in await session.execute(query)]


async def hand_on(
    session: AsyncSession,
    conversation: Conversation,
    *,
    by: Agent,
    to: Agent,
    now: datetime,
    settings: StoreSettings,
) -> bool:
    """Whether they hold it now, without a word to the customer; False when they are not there or hold as many as they
    can, and it waits for them. `to` is locked by who calls (`workload.room`), before the conversation.

    Raises Conflict when it is theirs already, InvalidValue for who holds none, IllegalTransition for what is resolved.
    """
    refuse_as_holder(to)
    status = Status(conversation.status)
    if status in HELD_BY_PERSON and conversation.agent_id == to.id:
        raise Conflict(f"{to.name} has this conversation already", kind="has_it_already", name=to.name)
    is_ready = to.id == by.id or await can_hold(session, to, now=now, lock=True)
    if is_ready:
        await _give(session, conversation, by, to, now)
    else:
        await _keep(session, conversation, by, to, now, until=settings.kept_until(conversation.team, now))
    await timers.cancel(session, [TimerKind.WAKE_SNOOZED], conversation.id)
    await timers.restart(session, TimerKind.UNANSWERED, conversation.id, now)
    return is_ready


async def keep_nothing_for(session: AsyncSession, agent: Agent, *, now: datetime) -> None:
    """What waits for somebody who serves nobody any more is for whoever is free."""
    waiting = select(Conversation).where(
        Conversation.meant_for_id == agent.id, Conversation.status.in_(WAITING)
    )
    rows = (await session.scalars(waiting.order_by(Conversation.id).with_for_update())).all()
    for one in rows:
        one.meant_for_id = one.meant_until = None
        await desk.post(session, one, "card", now=now)
    if rows:
        await session.flush()
        signals.notify(session, Topic.QUEUE, Topic.CONVERSATIONS)


async def can_hold(session: AsyncSession, to: Agent, *, now: datetime, lock: bool = False) -> bool:
    """Whether somebody may be handed one more: they are there, and hold fewer than they can; for certain where they
    are locked."""
    room = await workload.room(session, to.id, lock=lock)
    if room is None or not is_holder(room.agent):
        return False
    return attendance.is_there(room.agent, now) and room.is_left


async def _give(session: AsyncSession, one: Conversation, by: Agent, to: Agent, now: datetime) -> None:
    is_held = one.status in HELD_BY_PERSON
    what = Change.TRANSFER if is_held else Change.TAKE
    holder = await session.get(Agent, one.agent_id) if is_held and to.id == by.id else None
    reason = f"{FROM}{holder.id}" if holder else f"to agent:{to.id}"
    values = {"agent_id": to.id} | ({} if is_held else {"taken_at": now, "memory": {}})
    await change(session, one, what, actor=f"agent:{by.id}", now=now, reason=reason, **values)
    await end_assignments(session, one.id, now)
    await end_handoffs(session, one.id, "taken", now)
    session.add(Assignment(conversation_id=one.id, agent_id=to.id, reason="transfer", assigned_at=now))
    if holder:
        await desk.call(session, one, desk.TAKEN_OVER, holder, now=now, by=by.name)


async def _keep(
    session: AsyncSession, one: Conversation, by: Agent, to: Agent, now: datetime, *, until: datetime
) -> None:
    before = Status(one.status)
    if before == Status.QUEUED and one.meant_for_id == to.id:
        raise Conflict(f"it waits for {to.name} already", kind="waits_for_already", name=to.name)
    if before not in INTO_QUEUE:
        next_status(before, Change.TRANSFER)  # says what would be possible
    since = now if before == Status.BOT else await owed_since.since(session, one) or now
    await change(
        session,
        one,
        INTO_QUEUE[before],
        actor=f"agent:{by.id}",
        now=now,
        reason=f"to agent:{to.id}",
        agent_id=None,
        queued_at=since,
        meant_for_id=to.id,
        meant_until=until,
    )
    await end_assignments(session, one.id, now)
    if before != Status.QUEUED:
        session.add(Handoff(conversation_id=one.id, reason="transferred", queued_at=now))
