"""What the open page tells by itself: promised replies near their end, or broken; and that its reader was set away."""

from typing import Any

from admin_api.access import Access
from admin_api.contract import Context
from admin_api.desk.formats import Formats, zone_of
from admin_api.desk.pages import ZONE_COOKIE, words_of
from crm_store import alerts, attendance, inbox
from crm_store.lifecycle import HELD_BY_PERSON
from crm_store.models.conversations import Conversation
from crm_store.models.staff import Agent
from crm_store.owed import Owed
from crm_store.session import Session


async def alerts_for(context: Context, session: Session) -> list[dict[str, Any]]:
    """Each with a name that stays the same while it is told, the words for the page, and those for a notification,
    which may be read by whoever passes: they name no customer."""
    agent = context.caller.agent
    if agent is None or not context.caller.may(Access.WORK):
        return []
    leads, settings = context.caller.may(Access.LEAD), context.services.rules
    found = await alerts.concerning(session, agent, leads=leads, now=context.now, settings=settings)
    people = await inbox.people(session, list({one.id for one, _ in found}))
    told = [_told(context, one, due, *people[one.id], is_mine=one.agent_id == agent.id) for one, due in found]
    return await _relieved(context, session, agent) + told


async def _relieved(context: Context, session: Session, agent: Agent) -> list[dict[str, Any]]:
    """That they are away because they did not answer what they were given, until they say where they are."""
    held = await attendance.relieved_of(session, agent)
    if held is None:
        return []
    words = words_of(context.request)
    return [
        {
            "key": f"relieved-{held.id}",
            "conversation": held.conversation_id,
            "late": True,
            "words": words("alert.relieved", n=context.services.rules.first_reply_minutes),
            "short": words("alert.relieved_short"),
        }
    ]


def _told(
    context: Context, one: Conversation, due: Owed, name: str | None, holder: str | None, *, is_mine: bool
) -> dict[str, Any]:
    words = words_of(context.request)
    show = Formats(words, zone_of(context.request.cookies.get(ZONE_COOKIE)), context.now)
    promise, stage = due.promise, "overdue" if due.is_overdue else "soon"
    short = words(f"alert.{stage}", what=words(f"owed.{promise.kind}"), at=show.ahead(due.due_at))
    with_whom = [words("desk.with", name=holder)] if holder and not is_mine and _is_held(one) else []
    who = name or words("desk.nameless", id=one.customer_id)
    return {
        "key": f"{promise.id}-{promise.target_s}-{stage}",
        "conversation": one.id,
        "late": due.is_overdue,
        "words": " · ".join((who, short, *with_whom)),
        "short": f"{short} · #{one.id}",
    }


def _is_held(one: Conversation) -> bool:
    return one.status in HELD_BY_PERSON
