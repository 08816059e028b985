"""After-sales cases: opened for a customer, moved on step by step, reported. Session first; nothing here commits."""

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import case_deadlines, case_lateness, desk, signals
from crm_store.amounts import checked_amount
from crm_store.case_states import ENDS, FIRST, PREFIX, CaseKind, CaseState, check_step
from crm_store.errors import Conflict, InvalidValue, NotFound
from crm_store.lifecycle import Status
from crm_store.models.casework import CaseChange, ServiceCase
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer
from crm_store.models.orders import Order
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from crm_store.signals import Topic

MAX_WORDS = 512
_SHORT = frozenset({"owner_id", "team", "due_at", "amount", "currency", "order_id"})
_CHANGEABLE = _SHORT | {"told", "reason"}


@dataclass(frozen=True, slots=True)
class CaseDraft:
    """A case to open: for the customer of a conversation, or for a customer."""

    kind: CaseKind
    customer_id: int | None = None
    conversation_id: int | None = None
    order_id: int | None = None
    owner_id: int | None = None
    team: str | None = None
    """Whose it is while it has no owner."""
    rating_request_id: int | None = None
    """The low rating it follows."""
    reason: str = ""
    told: str = ""
    amount: Decimal | None = None
    currency: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases; None asks nothing."""

    kind: str | None = None
    is_open: bool | None = None
    owner_id: int | None = None
    customer_id: int | None = None
    is_overdue: bool | None = None


async def open_case(
    session: AsyncSession, draft: CaseDraft, *, actor: str, now: datetime, settings: StoreSettings
) -> ServiceCase:
    """A new case, at its first state and due by the policy of its kind; raises NotFound, InvalidValue."""
    customer_id = await _customer_of(session, draft)
    await _check_links(session, customer_id, {"order_id": draft.order_id, "owner_id": draft.owner_id})
    if draft.amount is not None:
        checked_amount(draft.amount, draft.currency)
    row = ServiceCase(
        number=secrets.token_hex(8),  # until the row has its id
        kind=draft.kind,
        state=FIRST[draft.kind],
        customer_id=customer_id,
        conversation_id=draft.conversation_id,
        order_id=draft.order_id,
        owner_id=draft.owner_id,
        team=draft.team,
        rating_request_id=draft.rating_request_id,
        reason=draft.reason.strip()[:MAX_WORDS],
        told=draft.told.strip()[:MAX_WORDS],
        amount=draft.amount,
        currency=draft.currency,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    await session.flush()
    row.number = f"{PREFIX[draft.kind]}-{row.id}"
    session.add(CaseChange(case_id=row.id, to_state=row.state, actor=actor, changed_at=now))
    await case_deadlines.begin(session, row, due_at=draft.due_at, now=now, settings=settings)
    await session.flush()
    await _show(session, row, now)
    return row


async def _customer_of(session: AsyncSession, draft: CaseDraft) -> int:
    if draft.conversation_id is not None:
        found = await session.get(Conversation, draft.conversation_id)
        if found is None:
            raise NotFound(f"there is no conversation {draft.conversation_id}")
        if draft.customer_id not in (None, found.customer_id):
            raise InvalidValue("the conversation is another customer's", kind="others_conversation")
        return found.customer_id
    if draft.customer_id is None:
        raise InvalidValue("say whose case it is: customer_id or conversation_id")
    if await session.get(Customer, draft.customer_id) is None:
        raise NotFound(f"there is no customer {draft.customer_id}")
    return draft.customer_id


async def _check_links(session: AsyncSession, customer_id: int, values: Mapping[str, Any]) -> None:
    if (order_id := values.get("order_id")) is not None:
        order = await session.get(Order, order_id)
        if order is None or order.customer_id != customer_id:
            raise InvalidValue(
                f"order {order_id} is not this customer's", kind="others_order", number=order_id
            )
    if (owner_id := values.get("owner_id")) is not None:
        owner = await session.get(Agent, owner_id)
        if owner is None or owner.disabled_at is not None:
            raise InvalidValue(f"there is no agent {owner_id} who could own the case", kind="case_owner")


def is_paid(row: ServiceCase) -> bool:
    """Whether its amount went to the customer, and stays what it was."""
    return row.state == CaseState.PAID


def _check_amount(row: ServiceCase, values: Mapping[str, Any]) -> None:
    money = values.keys() & {"amount", "currency"}
    if is_paid(row) and any(values[name] != getattr(row, name) for name in money):
        raise Conflict(f"{row.number} was paid; its amount stays as it is", kind="paid_already")
    amount = values.get("amount", row.amount)
    if amount is not None and values.keys() & {"amount", "currency"}:
        checked_amount(Decimal(amount), values.get("currency", row.currency))


async def get(session: AsyncSession, case_id: int, *, lock: bool = False) -> ServiceCase:
    """The case, locked when asked; raises NotFound."""
    query = select(ServiceCase).where(ServiceCase.id == case_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = await session.scalar(query)
    if found is None:
        raise NotFound(f"there is no case {case_id}")
    return found


async def find(session: AsyncSession, number: str, customer_id: int) -> ServiceCase | None:
    """This customer's case of this number, locked; None also for another customer's."""
    query = select(ServiceCase).where(ServiceCase.number == number, ServiceCase.customer_id == customer_id)
    return await session.scalar(query.with_for_update().execution_options(populate_existing=True))


def before(row: ServiceCase, names: Collection[str]) -> dict[str, Any]:
    """For the audit: what these are before they change, but for people's words, which it never carries."""
    held = {name: getattr(row, name) for name in sorted((_SHORT | {"state"}).intersection(names))}
    return {name: _plain(value) for name, value in held.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


async def change(
    session: AsyncSession,
    row: ServiceCase,
    values: Mapping[str, Any],
    *,
    state: CaseState | None = None,
    note: str = "",
    actor: str,
    now: datetime,
    settings: StoreSettings,
) -> None:
    """Set what is given and, with `state`, take a step; raises IllegalTransition, InvalidValue, and Conflict for an
    amount that was paid."""
    await _check_links(session, row.customer_id, values)
    _check_amount(row, values)
    present, was_due_at = CaseState(row.state), row.due_at
    if state is not None and state != present:
        check_step(CaseKind(row.kind), present, state)
        row.state = state
        row.closed_at = now if state in ENDS else None
    for name in values.keys() & _CHANGEABLE:
        setattr(row, name, values[name])
    if row.state != present or note:
        step = CaseChange(
            case_id=row.id,
            from_state=present,
            to_state=row.state,
            actor=actor,
            note=note.strip()[:MAX_WORDS],
            changed_at=now,
        )
        session.add(step)
    await case_deadlines.follow(session, row, was_due_at=was_due_at, now=now, settings=settings)
    row.updated_at, row.version = now, row.version + 1
    await session.flush()
    await _show(session, row, now)


async def page(
    session: AsyncSession,
    wanted: CaseFilter,
    *,
    now: datetime,
    before_id: int | None = None,
    limit: int = 50,
) -> list[ServiceCase]:
    """The newest cases that fit."""
    query = select(ServiceCase).order_by(ServiceCase.id.desc()).limit(limit)
    for name in ("kind", "owner_id", "customer_id"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(getattr(ServiceCase, name) == value)
    is_open = ServiceCase.closed_at.is_(None)
    if wanted.is_open is not None:
        query = query.where(is_open if wanted.is_open else ServiceCase.closed_at.is_not(None))
    if wanted.is_overdue:
        query = query.where(case_lateness.is_overdue(now))
    if before_id is not None:
        query = query.where(ServiceCase.id < before_id)
    return list(await session.scalars(query))


async def open_of(session: AsyncSession, customer_id: int, *, limit: int) -> list[ServiceCase]:
    """The newest open cases of the customer."""
    theirs = select(ServiceCase).where(
        ServiceCase.customer_id == customer_id, ServiceCase.closed_at.is_(None)
    )
    return list(await session.scalars(theirs.order_by(ServiceCase.id.desc()).limit(limit)))


async def _show(session: AsyncSession, row: ServiceCase, now: datetime) -> None:
    """The card of the conversation it was opened in tells of it, as long as that goes on."""
    talk = await session.get(Conversation, row.conversation_id) if row.conversation_id else None
    if talk is not None and talk.status != Status.RESOLVED:
        await desk.post(session, talk, "card", now=now)
    signals.notify(session, Topic.CONVERSATIONS)


async def history(session: AsyncSession, case_id: int) -> list[CaseChange]:
    """The case's steps, oldest first."""
    query = select(CaseChange).where(CaseChange.case_id == case_id).order_by(CaseChange.id)
    return list(await session.scalars(query))


async def pass_on(session: AsyncSession, agent: Agent, *, now: datetime) -> None:
    """What somebody who works here no more was to see to is their team's."""
    await session.execute(
        update(ServiceCase)
        .where(ServiceCase.closed_at.is_(None), ServiceCase.owner_id == agent.id)
        .values(owner_id=None, team=agent.team, updated_at=now, version=ServiceCase.version + 1)
        .execution_options(synchronize_session=False)
    )
