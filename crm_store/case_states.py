"""What may happen to a case next: the only place that says so. Pure."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from crm_store.errors import IllegalTransition


class CaseKind(StrEnum):
    """What the customer is helped with."""

    RETURN = "return"
    REFUND = "refund"
    REPAIR = "repair"
    FOLLOW_UP = "follow_up"
    """To see to a customer who was not content; they are told nothing of it."""


class CaseState(StrEnum):
    """How far the case is; the customer is told so."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    RECEIVED = "received"
    REPAIRED = "repaired"
    PAID = "paid"
    SENT_BACK = "sent_back"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    TO_DO = "to_do"
    DONE = "done"


_K, _S = CaseKind, CaseState
_NEXT: dict[CaseKind, dict[CaseState, tuple[CaseState, ...]]] = {
    _K.RETURN: {
        _S.REQUESTED: (_S.APPROVED, _S.REJECTED),
        _S.APPROVED: (_S.RECEIVED,),
        _S.RECEIVED: (_S.COMPLETED, _S.REJECTED),
    },
    _K.REFUND: {_S.REQUESTED: (_S.APPROVED, _S.REJECTED), _S.APPROVED: (_S.PAID,)},
    _K.REPAIR: {
        _S.REQUESTED: (_S.APPROVED, _S.REJECTED),
        _S.APPROVED: (_S.RECEIVED,),
        _S.RECEIVED: (_S.REPAIRED, _S.REJECTED),
        _S.REPAIRED: (_S.SENT_BACK,),
    },
    _K.FOLLOW_UP: {_S.TO_DO: (_S.DONE,)},
}
FIRST = dict.fromkeys(_K, _S.REQUESTED) | {_K.FOLLOW_UP: _S.TO_DO}
ENDS = frozenset({_S.REJECTED, _S.PAID, _S.SENT_BACK, _S.COMPLETED, _S.CANCELLED, _S.DONE})
PREFIX = {_K.RETURN: "RET", _K.REFUND: "REF", _K.REPAIR: "REP", _K.FOLLOW_UP: "FOL"}


def following(kind: CaseKind, state: CaseState) -> tuple[CaseState, ...]:
    """The states that may follow; what is open can always be cancelled."""
    if state in ENDS:
        return ()
    return (*_NEXT[kind][state], _S.CANCELLED)


def check_step(kind: CaseKind, before: CaseState, after: CaseState) -> None:
    """Let a step pass, or raise IllegalTransition naming what would be allowed."""
    allowed = following(kind, before)
    if after not in allowed:
        told = ", ".join(allowed) or "nothing: it is closed"
        raise IllegalTransition(
            f"a {kind} that is '{before}' cannot become '{after}'; possible: {told}",
            kind="case_step",
            state=before.value,
        )


@dataclass(frozen=True, slots=True)
class CaseTold:
    """What a customer is told of a case of theirs."""

    customer_id: int
    kind: str
    number: str
    state: str
    told: str
    amount: Decimal | None = None
    currency: str | None = None
    since: datetime | None = None
    """When it came to stand so."""
    is_old: bool = False
    """Closed so long ago that it is told only to who names it."""


@dataclass(frozen=True, slots=True)
class OwnCases:
    """A customer's cases, the newest first, and of the numbers they named those that are their orders'."""

    cases: tuple[CaseTold, ...] = ()
    orders: frozenset[str] = frozenset()
