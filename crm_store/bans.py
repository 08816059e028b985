"""Customers who are served no more, on any channel: what a banned one writes is neither kept nor answered.

Under a shadow ban they are not told, and what they write is kept, marked: nobody hears of it and nothing comes back.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import audit, desk, timers
from crm_store.conversations import change, end_assignments, end_handoffs, say
from crm_store.errors import Conflict, HeldByOther, InvalidValue, NotFound
from crm_store.lifecycle import HELD_BY_PERSON, OPEN, Change
from crm_store.masking import mask
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer
from crm_store.models.ratings import RatingRequest
from crm_store.models.staff import Agent
from crm_store.ratings import OPEN_STATES
from crm_store.sentences import Sentence, meant
from crm_store.timers import TimerKind

MAX_REASON = 256
LONGEST = timedelta(days=3653)


async def ban(
    session: AsyncSession,
    customer_id: int,
    by: Agent,
    reason: str,
    *,
    now: datetime,
    until: datetime | None = None,
    actor: str | None = None,
    is_shadow: bool = False,
) -> Customer:
    """The banned customer, told so once unless `is_shadow`; the audit names `actor`, or `by` where they act themselves.

    Without `until` the ban has no end. Raises InvalidValue without a reason, and for an end that is no future time;
    Conflict when banned already, or when somebody else serves them.
    """
    reason = _checked(reason, until, now)
    customer = await _locked(session, customer_id)
    if customer.banned_at is not None:
        raise Conflict(
            f"this customer has been banned already, by {customer.banned_by}: {customer.ban_reason}",
            kind="banned_already",
            by=str(customer.banned_by),
            reason=str(customer.ban_reason),
        )
    conversations = await _conversations(session, customer.id)
    for conversation in conversations:
        await _refuse_foreign(session, conversation, by)
    customer.banned_at, customer.banned_by, customer.ban_reason = now, by.name, reason
    customer.banned_until, customer.ban_is_shadow = until, is_shadow
    await _touch(session, customer, now)
    if until is not None:
        await timers.restart(session, TimerKind.BAN_OVER, customer.id, until)
    for conversation in conversations:
        await _close(session, conversation, by, now)
        if not is_shadow:
            await say(session, conversation, author="system", now=now, intent=_sentence(until))
    await _ask_no_more(session, customer.id, now)
    await _write_down(session, "shadow_ban" if is_shadow else "ban", customer, actor or _name(by), now)
    return customer


async def _ask_no_more(session: AsyncSession, customer_id: int, now: datetime) -> None:
    await session.execute(
        update(RatingRequest)
        .where(RatingRequest.customer_id == customer_id, RatingRequest.state.in_(OPEN_STATES))
        .values(state="expired", finished_at=now)
    )


def _checked(reason: str, until: datetime | None, now: datetime) -> str:
    if until is not None and not now < until <= now + LONGEST:
        raise InvalidValue(
            "a ban ends in the future, within ten years; leave the time out where it has no end",
            kind="ban_end",
        )
    reason = mask(" ".join(reason.split()))
    if not reason:
        raise InvalidValue("say why, for the colleagues who find the ban later", kind="ban_reason")
    if len(reason) > MAX_REASON:
        raise InvalidValue(
            f"the reason has {len(reason)} characters; use at most {MAX_REASON}",
            kind="too_long",
            most=MAX_REASON,
        )
    return reason


async def unban(
    session: AsyncSession, customer_id: int, by: Agent, *, now: datetime, actor: str | None = None
) -> Customer:
    """The customer, served again, written down as `ban` does; raises Conflict when there is no ban."""
    customer = await _locked(session, customer_id)
    if customer.banned_at is None:
        raise Conflict("this customer is not banned", kind="not_banned")
    await _lift(session, customer, actor or _name(by), now)
    return customer


async def end(session: AsyncSession, customer_id: int, *, now: datetime) -> bool:
    """The end of a ban that was given one has come; False when it was lifted or set anew before."""
    customer = await session.get(Customer, customer_id)
    if customer is None or not _is_over(customer, now):
        return False
    if customer.merged_into_id is not None:
        # Whom it was merged into took the ban over, and this record keeps it for the day they are parted again.
        _clear(customer)
        await session.flush()
    customer = await _locked(session, customer_id)
    if not _is_over(customer, now):
        return False
    await _lift(session, customer, "system", now)
    return True


def _is_over(customer: Customer, now: datetime) -> bool:
    return customer.banned_until is not None and customer.banned_until <= now


def _clear(customer: Customer) -> None:
    customer.banned_at = customer.banned_by = customer.ban_reason = None
    customer.banned_until = customer.ban_is_shadow = None


async def _lift(session: AsyncSession, customer: Customer, actor: str, now: datetime) -> None:
    _clear(customer)
    await _touch(session, customer, now)
    await timers.cancel(session, [TimerKind.BAN_OVER], customer.id)
    for conversation in await _conversations(session, customer.id):
        await desk.post(session, conversation, "card", now=now)
    await _write_down(session, "unban", customer, actor, now)


async def _locked(session: AsyncSession, customer_id: int) -> Customer:
    customer = await session.get(Customer, customer_id, with_for_update=True, populate_existing=True)
    if customer is None:
        raise NotFound(f"there is no customer {customer_id}")
    return customer if customer.merged_into_id is None else await _locked(session, customer.merged_into_id)


async def _conversations(session: AsyncSession, customer_id: int) -> list[Conversation]:
    """The last conversation at each of the customer's addresses; any open one is among them."""
    last = select(func.max(Conversation.id)).where(Conversation.customer_id == customer_id)
    query = (
        select(Conversation)
        .where(Conversation.id.in_(last.group_by(Conversation.identity_id)))
        .order_by(Conversation.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(await session.scalars(query))


async def _refuse_foreign(session: AsyncSession, conversation: Conversation, by: Agent) -> None:
    is_foreign = conversation.status in HELD_BY_PERSON and conversation.agent_id != by.id
    if is_foreign and by.role not in ("supervisor", "admin"):
        holder = await session.get(Agent, conversation.agent_id)
        raise HeldByOther(holder.name if holder else None)


async def _close(session: AsyncSession, conversation: Conversation, by: Agent, now: datetime) -> None:
    """Nobody is asked for stars here."""
    if conversation.status in OPEN:
        await change(
            session,
            conversation,
            Change.RESOLVE,
            actor=f"agent:{by.id}",
            now=now,
            reason="banned",
            resolved_at=now,
            resolved_by="agent",
            agent_id=conversation.agent_id or by.id,
            memory={},
        )
        await end_assignments(session, conversation.id, now)
        await end_handoffs(session, conversation.id, "resolved", now)
    else:
        await desk.post(session, conversation, "card", now=now)


def _sentence(until: datetime | None) -> dict[str, Any]:
    if until is None:
        return meant(Sentence.BANNED)
    return meant(Sentence.BANNED_UNTIL, until=f"{until.astimezone(UTC):%Y-%m-%d %H:%M} UTC")


async def _touch(session: AsyncSession, customer: Customer, now: datetime) -> None:
    customer.updated_at, customer.version = now, customer.version + 1
    await session.flush()


def _name(agent: Agent) -> str:
    return f"agent:{agent.id} {agent.name}"


async def _write_down(
    session: AsyncSession, what: str, customer: Customer, actor: str, now: datetime
) -> None:
    subject = f"customer:{customer.id}"
    await audit.record(session, actor=actor, action=f"bans.{what}", subject=subject, now=now)
