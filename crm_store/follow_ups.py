"""Who sees to a customer who was not content: a low rating opens a case of its own kind, with an owner and a deadline.

Session first; nothing here commits. The case itself is moved on and closed as any other (`service_cases`); its
customer is told nothing of it.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import audit, desk, service_cases, stars
from crm_store.case_states import CaseKind, CaseState
from crm_store.models.casework import ServiceCase
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer, Identity
from crm_store.models.ratings import Rating, RatingRequest
from crm_store.models.staff import Agent
from crm_store.service_cases import CaseDraft
from crm_store.settings import StoreSettings

EVENT = "rating.low"
"""What the audit calls it, and whoever passes events on."""
IS_OPEN = and_(ServiceCase.kind == CaseKind.FOLLOW_UP, ServiceCase.closed_at.is_(None))


async def given(session: AsyncSession, request_ids: Collection[int]) -> dict[int, dict[str, float]]:
    """What was given to each of these requests: 0-100 by aspect."""
    rows = await session.execute(
        select(Rating.request_id, Rating.aspect, Rating.score)
        .where(Rating.request_id.in_(sorted(request_ids)))
        .order_by(Rating.id)
    )
    found: dict[int, dict[str, float]] = {}
    for request_id, aspect, score in rows:
        if request_id is not None:
            found.setdefault(request_id, {})[aspect] = score
    return found


async def look(
    session: AsyncSession, request_id: int, *, now: datetime, settings: StoreSettings
) -> ServiceCase | None:
    """Open a follow-up if what the customer gave is low; None where it is not, or one was opened already."""
    request = await session.get(RatingRequest, request_id, with_for_update=True)
    if request is None or await _opened(session, request_id) is not None:
        return None
    scores = (await given(session, [request_id])).get(request_id, {})
    mean = stars.weighted_mean(scores, settings.weights)
    if mean is None or not stars.is_low(mean, settings.low_rating_stars):
        return None
    conversation = await session.get_one(Conversation, request.conversation_id)
    owner, team = await _owner(session, request, conversation)
    draft = CaseDraft(
        kind=CaseKind.FOLLOW_UP,
        conversation_id=conversation.id,
        owner_id=owner.id if owner else None,
        team=team,
        rating_request_id=request.id,
        reason=request.comment or "",
    )
    case = await service_cases.open_case(session, draft, actor="system", now=now, settings=settings)
    detail = {"rating_request_id": request.id, "conversation_id": conversation.id, "mean": round(mean, 1)}
    who = {"case_id": case.id, "owner_id": case.owner_id, "team": team}
    await audit.record(
        session, actor="system", action=EVENT, subject=f"case:{case.id}", now=now, detail=detail | who
    )
    told = {
        "stars": f"{stars.stars_of(mean):.1f}",
        "comment": request.comment or "",
        "number": case.number,
        "owner": owner.name if owner else team or "",
    }
    await desk.post(session, conversation, "low_rating", text=json.dumps(told, ensure_ascii=False), now=now)
    return case


async def _opened(session: AsyncSession, request_id: int) -> int | None:
    return await session.scalar(select(ServiceCase.id).where(ServiceCase.rating_request_id == request_id))


async def _owner(
    session: AsyncSession, request: RatingRequest, conversation: Conversation
) -> tuple[Agent | None, str | None]:
    """The agent who served, while they work here; else their team, or that of the conversation."""
    agent = await session.get(Agent, request.agent_id) if request.agent_id is not None else None
    if agent is not None and agent.disabled_at is None and not agent.is_program:
        return agent, None
    return None, conversation.team or (agent.team if agent is not None else None)


class OfCustomer(Protocol):
    """Whatever tells whose it is, such as a case."""

    @property
    def customer_id(self) -> int: ...


async def named(session: AsyncSession, cases: Sequence[OfCustomer]) -> dict[int, str]:
    """What the customers of these cases are called, by the customer's id; those without a name are left out."""
    if not cases:
        return {}
    query = select(Customer.id, func.coalesce(Customer.name, func.max(Identity.display_name)))
    query = query.outerjoin(Identity, Identity.customer_id == Customer.id).group_by(
        Customer.id, Customer.name
    )
    rows = await session.execute(query.where(Customer.id.in_({case.customer_id for case in cases})))
    return {number: name for number, name in rows if name}


async def rated(
    session: AsyncSession, cases: Sequence[ServiceCase], weights: Mapping[str, float]
) -> dict[int, float]:
    """By case, how many stars its customer gave, over all they answered; only of cases that follow a rating."""
    requests = {case.id: case.rating_request_id for case in cases if case.rating_request_id is not None}
    scores = await given(session, set(requests.values())) if requests else {}
    means = {case: stars.weighted_mean(scores.get(number, {}), weights) for case, number in requests.items()}
    return {case: stars.stars_of(mean) for case, mean in means.items() if mean is not None}


async def finish(
    session: AsyncSession,
    customer_id: int,
    by: Agent,
    note: str,
    *,
    now: datetime,
    settings: StoreSettings,
) -> list[ServiceCase]:
    """The customer's open follow-ups, done with this note; empty where there were none."""
    query = select(ServiceCase).where(IS_OPEN, ServiceCase.customer_id == customer_id)
    rows = list(await session.scalars(query.order_by(ServiceCase.id).with_for_update()))
    for row in rows:
        await service_cases.change(
            session,
            row,
            {"owner_id": row.owner_id or by.id},
            state=CaseState.DONE,
            note=note,
            actor=f"agent:{by.id}",
            now=now,
            settings=settings,
        )
    return rows
