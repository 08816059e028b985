"""What another order of the queue would have meant."""

import asyncio
from typing import Final

from admin_api.contract import Context, Reply
from admin_api.handlers.reports import span_of
from admin_api.schemas.replays import FiguresShown, ReplayChange, ReplayGroup, ReplayQuery, ReplayReport
from crm_store import handover_history
from crm_store.queue_replay import compare, parse_policy

MOST_CHANGES: Final = 50


async def read(context: Context, query: ReplayQuery) -> Reply[ReplayReport]:
    """The hand-overs of a span replayed under two policies: waits, targets met, and for whom it changes."""
    start, end = span_of(context, query)
    until = min(end, context.now)
    policies = (parse_policy(query.against), parse_policy(query.policy))
    async with context.read() as session:
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
