"""What the open page tells by itself: promised replies near their end or broken, cases that are overdue, that its
reader was set away, and what is theirs no more: taken over, or back in the queue for want of a reply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from admin_api.access import Access
from admin_api.contract import Context
from admin_api.desk.formats import Formats, zone_of
from admin_api.desk.pages import ZONE_COOKIE, words_of
from admin_api.desk.texts import Words
from crm_store import alerts, attendance, case_lists, handing_on, inbox
from crm_store.lifecycle import HELD_BY_PERSON
from crm_store.models.casework import ServiceCase
from crm_store.models.conversations import Conversation, StatusChange
from crm_store.models.staff import Agent
from crm_store.owed import Owed
from crm_store.session import Session

TAKEN_TOLD_FOR = timedelta(hours=12)
"""So long somebody is told that a conversation is theirs no more, unless they close it."""


@dataclass(frozen=True, slots=True)
class Concerns:
    """Where the reader should hear of something, if they work at all: what is owed there decides of what."""

    agent: Agent | None = None
    promised: Sequence[Conversation] = ()
    late: Sequence[ServiceCase] = ()


def worker_of(context: Context) -> Agent | None:
    """The reader of this page, if they work at all."""
    return context.caller.agent if context.caller.may(Access.WORK) else None


async def concerns_of(
    context: Context, session: Session, late: Sequence[ServiceCase] | None = None
) -> Concerns:
    """What concerns the reader of this page; `late` where their overdue cases (`case_lists.late`) are known."""
    agent = worker_of(context)
    if agent is None:
        return Concerns()
    leads, now = context.caller.may(Access.LEAD), context.now
    promised = await alerts.promised(session, agent, leads=leads, now=now)
    known = late if late is not None else await case_lists.late(session, agent, now=now)
    return Concerns(agent, promised, known)


async def alerts_of(
    context: Context,
    session: Session,
    concerns: Concerns,
    urgent: Mapping[int, Sequence[Owed]],
    names: Mapping[int, str],
) -> list[dict[str, Any]]:
    """Each with a name that stays the same while it is told, the words for the page, and those for a notification,
    which may be read by whoever passes: they name no customer. `urgent` is what is owed in the conversations, `names`
    what the customers of the cases are called."""
    agent = concerns.agent
    if agent is None:
        return []
    found = alerts.concerning(concerns.promised, urgent, agent, leads=context.caller.may(Access.LEAD))
    people = await inbox.people(session, list({one.id for one, _ in found}))
    cases = [_told_case(context, case, names.get(case.customer_id)) for case in concerns.late]
    replies = [
        _told(context, one, due, *people[one.id], is_mine=one.agent_id == agent.id) for one, due in found
    ]
    return [
        *await _relieved(context, session, agent),
        *await _lost(context, session, agent),
        *replies,
        *cases,
    ]


async def _relieved(context: Context, session: Session, agent: Agent) -> list[dict[str, Any]]:
    """That they are away because they did not answer what they were given, until they say where they are."""
    held = await attendance.relieved_of(session, agent)
    if held is None:
        return []
    words = words_of(context.request)
    return [
        {
            "key": f"relieved-{held.id}",
            "href": f"/conversations/{held.conversation_id}",
            "line": f"line-{held.conversation_id}",
            "late": True,
            "words": words("alert.relieved", n=context.services.rules.first_reply_minutes),
            "short": words("alert.relieved_short"),
        }
    ]


async def _lost(context: Context, session: Session, agent: Agent) -> list[dict[str, Any]]:
    """What was theirs until somebody who leads took it, or their time for a reply ran out."""
    found = await handing_on.taken_from(session, agent, since=context.now - TAKEN_TOLD_FOR)
    if not found:
        return []
    people, staff = (
        await inbox.people(session, [one.id for _, one in found]),
        await inbox.agent_names(session),
    )
    words = words_of(context.request)
    return [
        {
            "key": f"taken-{change.id}",
            "href": f"/conversations/{one.id}",
            "line": f"line-{one.id}",
            "late": False,
            "words": words(
                f"alert.{_why_lost(change)}",
                by=staff.get(_number_of(change.actor), words("actor.agent")),
                name=people[one.id][0] or words("desk.nameless", id=one.customer_id),
                n=context.services.rules.first_reply_minutes,
            ),
            "short": f"{words(f'alert.{_why_lost(change)}_short')} · #{one.id}",
        }
        for change, one in found
    ]


def _why_lost(change: StatusChange) -> str:
    return "ran_out" if change.reason == attendance.NO_REPLY else "taken_over"


def _number_of(actor: str) -> int:
    number = actor.partition(":")[2]
    return int(number) if number else 0


def _told(
    context: Context, one: Conversation, due: Owed, name: str | None, holder: str | None, *, is_mine: bool
) -> dict[str, Any]:
    words, show = _words_and_formats(context)
    promise, stage = due.promise, "overdue" if due.is_overdue else "soon"
    short = words(f"alert.{stage}", what=words(f"owed.{promise.kind}"), at=show.ahead(due.due_at))
    with_whom = [words("desk.with", name=holder)] if holder and not is_mine and _is_held(one) else []
    who = name or words("desk.nameless", id=one.customer_id)
    return {
        "key": f"{promise.id}-{promise.target_s}-{stage}",
        "href": f"/conversations/{one.id}",
        "line": f"line-{one.id}",
        "late": due.is_overdue,
        "words": " · ".join((who, short, *with_whom)),
        "short": f"{short} · #{one.id}",
    }


def _told_case(context: Context, case: ServiceCase, name: str | None) -> dict[str, Any]:
    """A later deadline is told anew."""
    words, show = _words_and_formats(context)
    what = f"{words(f'case_kind.{case.kind}')} {case.number}"
    due_at = case.due_at or context.now  # what is overdue has a deadline
    short = words("alert.overdue", what=what, at=show.ahead(due_at))
    return {
        "key": f"case-{case.id}-{due_at.isoformat()}",
        "href": f"/cases/{case.id}",
        "line": f"case-{case.id}",
        "late": True,
        "words": " · ".join((name or words("desk.nameless", id=case.customer_id), short)),
        "short": short,
    }


def _words_and_formats(context: Context) -> tuple[Words, Formats]:
    words = words_of(context.request)
    return words, Formats(words, zone_of(context.request.cookies.get(ZONE_COOKIE)), context.now)


def _is_held(one: Conversation) -> bool:
    return one.status in HELD_BY_PERSON
