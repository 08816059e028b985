"""Who holds a conversation, and who may hold it next: the only place that says so.

Bot, desk and timers all go through `next_status`; what the bot *does* in each status is the table in
`bot/dialogue.py`, keyed by the same `Status`.
"""

from enum import StrEnum

from crm_store.errors import IllegalTransition


class Status(StrEnum):
    """Who holds the conversation."""

    BOT = "bot"
    QUEUED = "queued"
    ASSIGNED = "assigned"
    WAITING_CUSTOMER = "waiting_customer"
    SNOOZED = "snoozed"
    RESOLVED = "resolved"


class Change(StrEnum):
    """What can happen to the holding of a conversation."""

    HANDOFF = "handoff"
    CANCEL = "cancel"
    TAKE = "take"
    REPLY = "reply"
    TAKE_BACK = "take_back"
    UNDELIVERED = "undelivered"
    UNREACHABLE = "unreachable"
    CUSTOMER_SAYS = "customer_says"
    TRANSFER = "transfer"
    RELEASE = "release"
    SNOOZE = "snooze"
    WAKE = "wake"
    RESOLVE = "resolve"
    EXPIRE = "expire"
    REOPEN = "reopen"
    TAKEN_APART = "taken_apart"


_S, _C = Status, Change

TRANSITIONS: dict[tuple[Status, Change], Status] = {
    (_S.BOT, _C.HANDOFF): _S.QUEUED,
    (_S.BOT, _C.TAKE): _S.ASSIGNED,  # an agent may step in unasked
    (_S.BOT, _C.RESOLVE): _S.RESOLVED,
    (_S.BOT, _C.EXPIRE): _S.RESOLVED,
    (_S.QUEUED, _C.CANCEL): _S.BOT,
    (_S.QUEUED, _C.TAKE): _S.ASSIGNED,
    (_S.QUEUED, _C.TRANSFER): _S.QUEUED,  # to another team: it keeps its wait
    (_S.QUEUED, _C.SNOOZE): _S.SNOOZED,
    (_S.QUEUED, _C.RESOLVE): _S.RESOLVED,
    (_S.ASSIGNED, _C.REPLY): _S.WAITING_CUSTOMER,
    (_S.ASSIGNED, _C.TRANSFER): _S.ASSIGNED,
    (_S.ASSIGNED, _C.RELEASE): _S.QUEUED,
    (_S.ASSIGNED, _C.SNOOZE): _S.SNOOZED,
    (_S.ASSIGNED, _C.RESOLVE): _S.RESOLVED,
    (_S.WAITING_CUSTOMER, _C.CUSTOMER_SAYS): _S.ASSIGNED,
    (_S.WAITING_CUSTOMER, _C.REPLY): _S.WAITING_CUSTOMER,
    (_S.WAITING_CUSTOMER, _C.TAKE_BACK): _S.ASSIGNED,  # a reply that was still held back
    # The customer wrote meanwhile, or it was handed on, given back, put aside.
    (_S.ASSIGNED, _C.TAKE_BACK): _S.ASSIGNED,
    (_S.QUEUED, _C.TAKE_BACK): _S.QUEUED,
    (_S.SNOOZED, _C.TAKE_BACK): _S.SNOOZED,
    (_S.WAITING_CUSTOMER, _C.UNDELIVERED): _S.ASSIGNED,  # the last reply did not arrive
    # Nothing reaches them any more, so nobody can answer: it goes on when they are back.
    (_S.WAITING_CUSTOMER, _C.UNREACHABLE): _S.WAITING_CUSTOMER,
    (
        _S.ASSIGNED,
        _C.TAKEN_APART,
    ): _S.WAITING_CUSTOMER,  # what was owed is undone, or went with a merge's words
    (_S.WAITING_CUSTOMER, _C.TRANSFER): _S.ASSIGNED,
    (_S.WAITING_CUSTOMER, _C.RELEASE): _S.QUEUED,
    (_S.WAITING_CUSTOMER, _C.SNOOZE): _S.SNOOZED,
    (_S.WAITING_CUSTOMER, _C.RESOLVE): _S.RESOLVED,
    (_S.WAITING_CUSTOMER, _C.EXPIRE): _S.RESOLVED,
    (_S.SNOOZED, _C.CANCEL): _S.BOT,
    (_S.SNOOZED, _C.WAKE): _S.QUEUED,
    (_S.SNOOZED, _C.TAKE): _S.ASSIGNED,
    (_S.SNOOZED, _C.CUSTOMER_SAYS): _S.QUEUED,
    (_S.SNOOZED, _C.RESOLVE): _S.RESOLVED,
    (_S.SNOOZED, _C.SNOOZE): _S.SNOOZED,  # until another time
    (_S.RESOLVED, _C.REOPEN): _S.QUEUED,
}

HELD_BY_PERSON = frozenset({Status.ASSIGNED, Status.WAITING_CUSTOMER})
"""An agent is named as holder exactly in these."""

WAITING = frozenset({Status.QUEUED, Status.SNOOZED})
"""A customer waits for a person, or for the time that one has set."""

WITH_A_PERSON = HELD_BY_PERSON | {Status.QUEUED}
"""A person is asked for, or there."""

OPEN = frozenset(Status) - {Status.RESOLVED}


def next_status(status: Status, change: Change) -> Status:
    """The status after `change`; raises IllegalTransition naming what would be allowed."""
    try:
        return TRANSITIONS[status, change]
    except KeyError:
        allowed = ", ".join(sorted(change for at, change in TRANSITIONS if at is status))
        message = f"'{change}' is not possible while the conversation is '{status}'; possible: {allowed}"
        raise IllegalTransition(message, kind="not_now", status=status.value) from None
