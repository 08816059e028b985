"""The team at this moment, for who leads it: the queue, who is there and holds what, and what is overdue."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from admin_api.contract import Context
from admin_api.desk.pages import page
from crm_store import inbox, owed, service_reports, workload
from crm_store.attendance import PresenceState
from crm_store.inbox import InboxLine
from crm_store.owed import Owed
from crm_store.session import Session
from crm_store.workload import Workload

SHOWN_OVERDUE = 50


@dataclass(frozen=True, slots=True)
class Member:
    """A person, with the line of the customer who has waited longest for their reply."""

    work: Workload
    waits: InboxLine | None


@dataclass(frozen=True, slots=True)
class Late:
    """An overdue promise, with the line of its conversation."""

    line: InboxLine
    owed: Owed


async def show(context: Context) -> web.Response:
    """The page."""
    return await _drawn(context, "team.html")


async def now(context: Context) -> web.Response:
    """Its figures and lists alone, as they are now."""
    return await _drawn(context, "team_now.html")


async def _drawn(context: Context, template: str) -> web.Response:
    async with context.read() as session:
        values = await _values(context, session)
    return page(context, template, **values)


async def _values(context: Context, session: Session) -> dict[str, Any]:
    settings = context.services.rules
    team = await workload.of_everybody(session, settings.calendars, now=context.now)
    late = await owed.overdue(session, now=context.now, settings=settings, limit=SHOWN_OVERDUE)
    waiting = [one.oldest.conversation for one in team if one.oldest]
    about = {one.conversation.id: one for one in await inbox.lines(session, waiting)}
    lines = await inbox.lines(session, [conversation for conversation, _ in late])
    return {
        "queue": await service_reports.queue_now(session, settings.calendars, now=context.now),
        "members": [Member(one, about[one.oldest.conversation.id] if one.oldest else None) for one in team],
        "online": sum(one.presence is PresenceState.ONLINE for one in team),
        "longest": max((one.oldest.waited for one in team if one.oldest), default=None),
        "late": [Late(line, one) for line, (_, one) in zip(lines, late, strict=True)],
    }
