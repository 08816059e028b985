"""/case in a customer's topic: their cases listed, one opened, shown or changed; the topic tells what came of it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from bot.channels.telegram.desk.case_command import (
    Listing,
    Opening,
    Updating,
    Verb,
    moment_of,
    money_and_words,
    read_case,
)
from bot.channels.telegram.desk.case_words import case_text, list_text
from bot.channels.telegram.desk.doing import Doing, Refused
from bot.channels.telegram.desk.naming import beginning_with
from bot.texts import render
from crm_store import audit, case_deadlines, case_lists, conversations, desk, inbox, service_cases
from crm_store.errors import IllegalTransition, InvalidValue
from crm_store.models.casework import ServiceCase
from crm_store.models.staff import Agent
from crm_store.service_cases import CaseDraft, CaseFilter
from crm_store.session import Session

MOST_LISTED = 10


async def case(d: Doing) -> None:
    """Do what the words behind the command mean; raises Refused with how it is used, or with what is wrong."""
    conversation = await conversations.get(d.session, d.conversation_id)
    meant = read_case(d.argument)
    if meant is None:
        raise Refused("desk.case_usage")
    if isinstance(meant, Listing):
        text = await _list(d, conversation.customer_id)
    elif isinstance(meant, Opening):
        text = await _open(d, meant)
    else:
        text = await _update(d, conversation.customer_id, meant)
    await desk.post(d.session, conversation, "notice", text=text, now=d.now)


async def _list(d: Doing, customer_id: int) -> str:
    rows = await service_cases.page(
        d.session, CaseFilter(customer_id=customer_id), now=d.now, limit=MOST_LISTED
    )
    return list_text(rows, await inbox.agent_names(d.session), d.now, d.language)


async def own_list(session: Session, agent: Agent, *, now: datetime, language: str) -> str:
    """The open cases the agent is to see to, of whichever customers."""
    rows = await case_lists.of_agent(session, agent, now=now, limit=MOST_LISTED)
    return list_text(rows, await inbox.agent_names(session), now, language)


async def _open(d: Doing, meant: Opening) -> str:
    amount, currency, reason = _money(meant.rest)
    draft = CaseDraft(
        meant.kind,
        conversation_id=d.conversation_id,
        owner_id=d.agent.id,
        reason=reason,
        amount=None if amount is None else Decimal(amount),
        currency=currency,
    )
    row = await service_cases.open_case(
        d.session, draft, actor=f"agent:{d.agent.id}", now=d.now, settings=d.settings
    )
    await _write_down(d, "cases.create", row, kind=row.kind)
    return await _shown(d, row, "desk.case_opened")


async def _update(d: Doing, customer_id: int, meant: Updating) -> str:
    row = await service_cases.find(d.session, meant.number, customer_id)
    if row is None:
        raise Refused("desk.case_unknown", number=meant.number)
    if meant.verb is Verb.SHOW:
        return await _shown(d, row, None)
    values = await SETTERS[meant.verb](d, row, meant) if meant.verb in SETTERS else {}
    was = service_cases.before(row, values)
    try:
        await service_cases.change(
            d.session,
            row,
            values,
            state=meant.state,
            note=meant.rest if meant.verb in (Verb.NOTE, Verb.STEP) else "",
            actor=f"agent:{d.agent.id}",
            now=d.now,
            settings=d.settings,
        )
    except IllegalTransition:
        raise Refused("desk.case_shut", number=row.number) from None
    await _write_down(d, "cases.change", row, changed=sorted(values), was=was, state=row.state)
    return await _shown(d, row, "desk.case_changed")


async def _write_down(d: Doing, action: str, row: ServiceCase, **detail: object) -> None:
    await audit.record(
        d.session,
        actor=f"agent:{d.agent.id} {d.agent.name}",
        action=action,
        subject=f"case:{row.id}",
        now=d.now,
        detail=detail,
    )


async def _shown(d: Doing, row: ServiceCase, head: str | None) -> str:
    text = case_text(row, await inbox.agent_names(d.session), d.now, d.language)
    return text if head is None else f"{render(d.language, head)}\n{text}"


async def _own(d: Doing, _row: ServiceCase, _meant: Updating) -> dict[str, Any]:
    return {"owner_id": d.agent.id, "team": None}


async def _owner(d: Doing, _row: ServiceCase, meant: Updating) -> dict[str, Any]:
    """By name, a colleague's or a team's."""
    found, rest = await beginning_with(d.session, meant.rest)
    if isinstance(found, Agent) and not rest and found.disabled_at is None:
        return {"owner_id": found.id, "team": None}
    if isinstance(found, str) and not rest:
        return {"owner_id": None, "team": found}
    raise Refused("desk.case_nobody", typed=meant.rest[:60])


async def _due(d: Doing, row: ServiceCase, meant: Updating) -> dict[str, Any]:
    hours = await case_deadlines.hours_of(d.session, row, d.settings)
    due_at = moment_of(meant.rest, d.now, hours)
    if due_at is None:
        raise Refused("desk.case_no_moment", typed=meant.rest[:60])
    return {"due_at": due_at}


async def _amount(_d: Doing, row: ServiceCase, meant: Updating) -> dict[str, Any]:
    if service_cases.is_paid(row):
        raise Refused("desk.case_paid_already", number=row.number)
    amount, currency, rest = _money(meant.rest)
    if amount is None or rest:
        raise Refused("desk.case_no_amount", typed=meant.rest[:60])
    return {"amount": Decimal(amount), "currency": currency}


def _money(words: str) -> tuple[str | None, str | None, str]:
    try:
        return money_and_words(words)
    except InvalidValue:
        raise Refused("desk.case_no_amount", typed=words[:60]) from None


async def _told(_d: Doing, _row: ServiceCase, meant: Updating) -> dict[str, Any]:
    return {"told": meant.rest[: service_cases.MAX_WORDS]}


async def _reason(_d: Doing, _row: ServiceCase, meant: Updating) -> dict[str, Any]:
    return {"reason": meant.rest[: service_cases.MAX_WORDS]}


SETTERS: dict[Verb, Callable[[Doing, ServiceCase, Updating], Awaitable[dict[str, Any]]]] = {
    # what is set -> which values of the case that gives
    Verb.MINE: _own,
    Verb.OWNER: _owner,
    Verb.DUE: _due,
    Verb.AMOUNT: _amount,
    Verb.TELL: _told,
    Verb.REASON: _reason,
}
