"""An agent whose own chat with the bot cannot be written to is not there. Session first; nothing here commits."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import attendance, coming_back, owed_since, staff, timers
from crm_store.attendance import PresenceState
from crm_store.conversations import change, end_assignments
from crm_store.lifecycle import Change, Status
from crm_store.models.conversations import Conversation, Handoff
from crm_store.sentences import Sentence
from crm_store.timers import TimerKind
from crm_store.unanswered import open_assignment, own_reply


@dataclass(frozen=True, slots=True)
class Lost:
    """Who, and how many of theirs wait again."""

    name: str
    given_back: int


async def lose(session: AsyncSession, telegram_user_id: int, *, now: datetime) -> Lost | None:
    """The agent is offline, and whom they held without an answer waits again as long as before; None where it is
    nobody's chat. Whom they answered comes back in their time, as with anybody who has gone."""
    agent = await staff.find_by_telegram(session, telegram_user_id)
    if agent is None:
        return None
    if attendance.presence_of(agent, now) is not PresenceState.OFFLINE:
        await attendance.set_presence(session, agent, PresenceState.OFFLINE, now=now)
    held = select(Conversation).where(
        Conversation.agent_id == agent.id, Conversation.status == Status.ASSIGNED
    )
    rows = (await session.scalars(held.order_by(Conversation.id).with_for_update())).all()
    given_back = [await _give_back(session, one, now) for one in rows]
    return Lost(agent.name, sum(given_back))


async def _give_back(session: AsyncSession, one: Conversation, now: datetime) -> bool:
    """Whether it was unanswered, and waits again."""
    held = await open_assignment(session, one.id)
    if held is not None and await own_reply(session, held) is not None:
        return False
    since = await owed_since.since(session, one) or now
    await change(
        session,
        one,
        Change.RELEASE,
        actor="system",
        now=now,
        reason="out_of_reach",
        agent_id=None,
        queued_at=since,
    )
    await end_assignments(session, one.id, now)
    session.add(Handoff(conversation_id=one.id, reason="out_of_reach", queued_at=now))
    await timers.restart(session, TimerKind.UNANSWERED, one.id, now)
    await coming_back.tell(session, one, Sentence.BACK_IN_QUEUE, now=now)
    return True
