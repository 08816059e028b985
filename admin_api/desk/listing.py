"""The left side of the desk: what one holds, who waits, what is open elsewhere."""

from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BaseModel, Field

from admin_api.contract import Context
from admin_api.desk import reasons
from admin_api.desk.alerts import alerts_of, concerns_of, worker_of
from admin_api.desk.pages import words_of
from crm_store import case_lists, desk_marks, follow_ups, inbox, owed, queue
from crm_store.case_lists import OnDesk
from crm_store.inbox import InboxLine
from crm_store.models.conversations import Conversation
from crm_store.owed import Owed
from crm_store.queue import QueueEntry
from crm_store.session import Session

SHOWN_ELSEWHERE = 30
SHOWN_QUEUE = 100
"""So many of who waits are shown at first, and so many more at each step."""
MOST_SHOWN = 1000
QUEUE_HEADER = "Frontdesk-Queue"
"""How much of the queue the page shows that asks to be drawn again."""


class ListsQuery(BaseModel):
    """How much of the queue is shown."""

    queue: Annotated[int, Field(ge=1, le=MOST_SHOWN)] | None = None


class OpenQuery(ListsQuery):
    """Which conversation the lists are to mark as open."""

    open: int | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line of the queue."""

    line: InboxLine
    entry: QueueEntry
    why: tuple[str, ...]
    kept_for: str | None = None
    """The name of the agent for whom alone it waits."""


def asked_for(context: Context, query: ListsQuery) -> int:
    """How many of the queue are to be shown: as asked, else as many as the page shows already."""
    told = context.request.headers.get(QUEUE_HEADER, "")
    shown = int(told) if told.isascii() and told.isdigit() and len(told) <= len(str(MOST_SHOWN)) else 0
    return query.queue or min(max(shown, SHOWN_QUEUE), MOST_SHOWN)


async def lists_of(context: Context, session: Session, query: ListsQuery) -> dict[str, Any]:
    """What the lists are drawn from."""
    agent, limit = context.caller.agent, asked_for(context, query)
    shown = await queue.listing(session, now=context.now, limit=limit)
    mine = await inbox.held_by(session, agent.id) if agent else []
    held = await inbox.lines(session, mine)
    seen = await desk_marks.seen_by(session, agent.id, [one.id for one in mine]) if agent else {}
    others, in_all = await inbox.elsewhere(session, agent.id if agent else None, limit=SHOWN_ELSEWHERE)
    worker = worker_of(context)
    here = await case_lists.on_desk(session, worker, now=context.now) if worker else OnDesk()
    names = await follow_ups.named(session, [*here.follow_ups, *here.cases, *here.late])
    concerns = await concerns_of(context, session, here.late)
    listed = [*mine, *others, *(entry.conversation for entry in shown)]
    promised = {one.id: one for one in (*listed, *concerns.promised)}
    urgent = await owed_in(context, session, list(promised.values()))
    return {
        "queue": await _waiting(context, session, shown, urgent),
        "queue_length": await queue.length(session),
        "queue_shown": limit,
        "queue_next": min(limit + SHOWN_QUEUE, MOST_SHOWN),
        "mine": held,
        "mine_waiting": sum(line.is_holders_turn for line in held),
        "seen": seen,
        "others": await inbox.lines(session, others),
        "others_count": in_all,
        "owed": urgent,
        "follow_ups": here.follow_ups,
        "rated": await follow_ups.rated(session, here.follow_ups, context.services.rules.weights),
        "my_cases": here.cases,
        "alerts": await alerts_of(context, session, concerns, urgent, names),
        "names": names,
    }


async def _waiting(
    context: Context, session: Session, shown: list[QueueEntry], urgent: dict[int, tuple[Owed, ...]]
) -> list[Waiting]:
    """The lines of the queue, next first."""
    words, waiting = words_of(context.request), [entry.conversation for entry in shown]
    lines = await inbox.lines(session, waiting)
    kept_for = await queue.kept_for(session, waiting, now=context.now)
    return [
        Waiting(
            line,
            entry,
            reasons.told(entry.why_next, words, has_badge=bool(urgent.get(entry.conversation.id))),
            kept_for.get(entry.conversation.id),
        )
        for line, entry in zip(lines, shown, strict=True)
    ]


async def owed_in(
    context: Context, session: Session, held: list[Conversation]
) -> dict[int, tuple[Owed, ...]]:
    """By conversation what is owed there soon, or overdue."""
    settings = context.services.rules
    return await owed.of(session, held, now=context.now, settings=settings)
