"""The policy in force in the queue: read by whoever ranks, put in force by an owner. Nothing here commits.

It is read from the store each time somebody is ranked (`queue_rules`), so that every process heeds it from the moment
it is committed.
"""

import json
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import key_values
from crm_store.errors import Conflict, InvalidValue
from crm_store.queue_policies import AS_DELIVERED, STANDARD, Policy, parse_policy

log = structlog.get_logger(__name__)
KEY = "queue_policy"


@dataclass(frozen=True, slots=True)
class InForce:
    """The policy that orders the queue, who put it in force and when, and the one before it.

    `by`, `at` and `previous` are None where the queue is as it was delivered.
    """

    policy: Policy
    by: str | None = None
    at: datetime | None = None
    previous: Policy | None = None


def as_kept(text: str | None) -> InForce:
    """As it is kept under `KEY`; None: nobody ever put one in force."""
    if text is None:
        return InForce(AS_DELIVERED)
    kept = json.loads(text)
    try:
        return InForce(
            parse_policy(kept["policy"]),
            kept["by"],
            datetime.fromisoformat(kept["at"]),
            parse_policy(kept["previous"]),
        )
    except InvalidValue:
        log.error("the stored policy of the queue cannot be read; the queue is ordered as delivered")
        return InForce(AS_DELIVERED)


async def in_force(session: AsyncSession) -> InForce:
    """The policy in force, who put it there, and the one before."""
    return as_kept(await key_values.known(session, KEY))


async def put_in_force(session: AsyncSession, wanted: Policy, *, by: str, now: datetime) -> InForce:
    """From now on the queue is ordered by this; raises Conflict where it is already.

    Who waits already is ranked anew by `ranking.rank_all`.
    """
    before = (await in_force(session)).policy
    if wanted.written() == before.written():
        raise Conflict("the queue is ordered by this policy already", kind="policy_already")
    kept = {
        "policy": wanted.written(),
        "previous": before.written() or STANDARD,
        "by": by,
        "at": now.isoformat(),
    }
    await key_values.keep(session, KEY, json.dumps(kept, ensure_ascii=False))
    return await in_force(session)
