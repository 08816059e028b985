"""The queue ordered by another policy: put in force, and who waits ranked anew, in one transaction."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import audit, queue_policy, ranking, signals
from crm_store.errors import Conflict
from crm_store.queue_policies import Policy
from crm_store.queue_policy import InForce
from crm_store.signals import Topic

SUBJECT = "queue:policy"


async def reorder(session: AsyncSession, wanted: Policy, *, by: str, action: str, now: datetime) -> InForce:
    """Order the queue by this from now on, and write down who did it; raises Conflict where it is already."""
    before = (await queue_policy.in_force(session)).policy.written()
    found = await queue_policy.put_in_force(session, wanted, by=by, now=now)
    ranked = await ranking.rank_all(session)
    signals.notify(session, Topic.CONVERSATIONS, Topic.QUEUE)
    detail = {"policy": wanted.written(), "before": before, "ranked": ranked}
    await audit.record(session, actor=by, action=action, subject=SUBJECT, now=now, detail=detail)
    return found


async def previous(session: AsyncSession) -> Policy:
    """The policy before the one in force; raises Conflict where none was ever put in force."""
    found = (await queue_policy.in_force(session)).previous
    if found is None:
        raise Conflict("no policy was put in force yet, so there is none before it", kind="no_policy_before")
    return found
