"""What a process that died was sending: put back into the outbox, or given up where it must not come twice.

Where one process serves the store, its start finds what the one before left. Where there are several, each claim
names its process, and is taken over once that process is gone (presence.py).
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, select

from crm_store.models.base import table_of
from crm_store.models.conversations import Message
from crm_store.outbox import IS_UNSENT, LEASE, Unsent, settle
from crm_store.statements import Statement

MANY_ATTEMPTS = 20
REST = timedelta(seconds=30)
"""A message whose sending is cut off after so many attempts may be what cuts it off: it rests so long, for the others
to get out. It is not given up for that: where the process keeps ending, every message is cut off often."""
GIVE_UP_AFTER = timedelta(hours=24)
KNOWN_WITHIN = timedelta(seconds=15)
"""A claim of our own that we do not know so long after is of a commit that was made while the line to the database
was cut."""
_M = table_of(Message).c
_INTERRUPTED = Statement(
    lambda _: (
        select(_M.id, _M.intent, _M.attempts, _M.next_try_at, _M.doubted_at, _M.claimed_by, _M.created_at)
        .where(IS_UNSENT, _M.delivery == "sending")
        .with_for_update(skip_locked=True)
    )
)
_CLAIMANTS = Statement(
    lambda _: (
        select(_M.claimed_by)
        .where(IS_UNSENT, _M.delivery == "sending", _M.claimed_by.is_not(None))
        .distinct()
    )
)


def recover(
    connection: Connection,
    *,
    now: datetime,
    everything: bool,
    besides: Collection[int] = (),
    gone: Collection[int] = (),
    process: int | None = None,
) -> int:
    """Settle claims nobody finished, and say how many: all of them at the start of the only server, else those of
    processes that are `gone`, those that name no process and are past their lease, and our own (`process`) that we
    do not know.

    `besides` are the caller's own, which are on their way whatever the clock says.
    """

    def is_left(claimant: int | None, lease_ends_at: datetime | None) -> bool:
        if claimant is not None and claimant != process:
            return claimant in gone
        patience = LEASE if claimant is None else KNOWN_WITHIN
        return lease_ends_at is None or lease_ends_at - LEASE + patience <= now

    found = [
        Unsent(
            number,
            _state_after_interruption(intent, attempts, now - created_at),
            "the sending was interrupted; it may have arrived",
            attempts,
            retry_at=now + REST if attempts >= MANY_ATTEMPTS else None,
            doubted_at=doubted_at,
        )
        for number, intent, attempts, lease_ends_at, doubted_at, claimant, created_at in _INTERRUPTED(
            connection
        )
        if number not in besides and (everything or is_left(claimant, lease_ends_at))
    ]
    settle(connection, (), found, now=now)
    return len(found)


def claimants(connection: Connection) -> set[int]:
    """The processes that say of any message that they are sending it."""
    return {process for (process,) in _CLAIMANTS(connection)}


def _state_after_interruption(intent: dict[str, Any] | None, attempts: int, age: timedelta) -> str:
    if intent and intent.get("once"):
        return "ambiguous"
    return "dead" if attempts >= MANY_ATTEMPTS and age > GIVE_UP_AFTER else "pending"
