"""What the card's buttons, and the commands of the same names, do with a conversation."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from crm_store import queue
from crm_store.models.staff import Agent
from crm_store.session import Session
from crm_store.settings import StoreSettings

Action = Callable[[Session, int, Agent, datetime, StoreSettings], Awaitable[object]]


async def _take(session: Session, number: int, agent: Agent, now: datetime, _s: StoreSettings) -> object:
    return await queue.take(session, number, agent, now=now)


async def _release(session: Session, number: int, agent: Agent, now: datetime, _s: StoreSettings) -> object:
    return await queue.release(session, number, agent, now=now)


async def _resolve(
    session: Session, number: int, agent: Agent, now: datetime, settings: StoreSettings
) -> object:
    return await queue.resolve(session, number, agent, now=now, settings=settings)


async def _reopen(session: Session, number: int, agent: Agent, now: datetime, _s: StoreSettings) -> object:
    return await queue.reopen(session, number, agent, now=now)


ACTIONS: dict[str, tuple[Action, str]] = {
    # name -> (what it does, what the agent is told)
    "take": (_take, "desk.taken"),
    "release": (_release, "desk.released"),
    "resolve": (_resolve, "desk.resolved"),
    "reopen": (_reopen, "desk.reopened"),
}
