"""What another order of the queue would have meant, and the one that is in force."""

import asyncio
from typing import Final

from admin_api.contract import Context, Reply
from admin_api.handlers.reports import span_of
from admin_api.schemas.replays import (
    FiguresShown,
    NewPolicy,
    PolicyShown,
    ReplayChange,
    ReplayGroup,
    ReplayQuery,
    ReplayReport,
)
from crm_store import handover_history, queue_policy, reordering
from crm_store.queue_policies import REASONS, Policy, parse_policy
from crm_store.queue_policy import InForce
from crm_store.queue_replay import compare
from crm_store.session import Session

MOST_CHANGES: Final = 50


async def read(context: Context, query: ReplayQuery) -> Reply[ReplayReport]:
    """The hand-overs of a span replayed under two policies: waits, targets met, and for whom it changes."""
    start, end = span_of(context, query)
    until = min(end, context.now)
    async with context.read() as session:
        present = (await queue_policy.in_force(session)).policy
        policies = (parse_policy(query.against, present=present), parse_policy(query.policy, present=present))
        waits, turns = await handover_history.read(session, start, end, until=until)
    found = await asyncio.to_thread(compare, waits, turns, policies, until)
    return Reply(
        ReplayReport(
            against=policies[0].name,
            policy=policies[1].name,
            stored=FiguresShown.model_validate(found.stored),
            before=FiguresShown.model_validate(found.before),
            after=FiguresShown.model_validate(found.after),
            groups=[ReplayGroup.model_validate(one) for one in found.groups],
            changed=len(found.changes),
            changes=[ReplayChange.model_validate(one) for one in found.changes[:MOST_CHANGES]],
        )
    )


def _in_force(found: InForce) -> PolicyShown:
    policy, before = found.policy, found.previous
    return PolicyShown(
        policy=policy.written(),
        factors={reason: policy.factor(reason) for reason in REASONS},
        changed_by=found.by,
        changed_at=found.at,
        previous=before.written() if before else None,
    )


async def read_policy(context: Context) -> Reply[PolicyShown]:
    """The policy the queue is ordered by, who put it in force, and the one before."""
    async with context.read() as session:
        return Reply(_in_force(await queue_policy.in_force(session)))


async def put_policy(context: Context, body: NewPolicy) -> Reply[PolicyShown]:
    """Order the queue by this policy from now on; who waits is ranked anew at once."""
    async with context.write() as session:
        present = (await queue_policy.in_force(session)).policy
        return await _put(context, session, parse_policy(body.policy, present=present))


async def put_back_policy(context: Context) -> Reply[PolicyShown]:
    """Order the queue by the policy before the present one."""
    async with context.write() as session:
        return await _put(context, session, await reordering.previous(session))


async def _put(context: Context, session: Session, wanted: Policy) -> Reply[PolicyShown]:
    found = await reordering.reorder(
        session, wanted, by=context.caller.name, action=context.action, now=context.now
    )
    return Reply(_in_force(found))
