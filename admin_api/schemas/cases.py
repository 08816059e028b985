"""After-sales cases and follow-ups."""

from datetime import datetime
from decimal import Decimal
from typing import Annotated

from pydantic import Field, field_serializer

from admin_api.paging import PageQuery
from admin_api.schemas.base import Asked, Moment, RowId, Shown, Written
from crm_store.amounts import typed
from crm_store.case_states import CaseKind, CaseState

Words = Annotated[str, Field(max_length=512)]
Amount = Annotated[Decimal, Field(ge=0, le=10**12, decimal_places=4, strict=False)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


class CaseQuery(PageQuery):
    """Which cases."""

    kind: CaseKind | None = None
    open: bool | None = None
    overdue: bool | None = None
    owner_id: RowId | None = None
    customer_id: RowId | None = None


class NewCase(Written):
    """A case to open: for the customer of a conversation, or for a customer."""

    kind: CaseKind = Field(strict=False)
    customer_id: RowId | None = None
    conversation_id: RowId | None = None
    order_id: RowId | None = None
    owner_id: RowId | None = Field(None, description="Who sees to it; left out: the caller")
    reason: Words = ""
    told: Words = Field("", description="What the customer is told beside the state")
    amount: Amount | None = None
    currency: Currency | None = None
    due_at: Moment | None = Field(None, description="Left out: by the policy of its kind")


class CaseFields(Written):
    """What is to change; a state is a step and must be one that may follow."""

    state: CaseState | None = Field(None, strict=False)
    note: Words = Field("", description="Why, for staff; kept with the step")
    order_id: RowId | None = None
    owner_id: RowId | None = None
    team: str | None = Field(
        None, min_length=1, max_length=64, description="Whose it is while it has no owner"
    )
    reason: Words | None = None
    told: Words | None = None
    amount: Amount | None = None
    currency: Currency | None = None
    due_at: Moment | None = None


class CaseShown(Shown):
    """An after-sales case."""

    id: int
    number: str
    kind: CaseKind
    state: CaseState
    customer_id: int
    conversation_id: int | None
    order_id: int | None
    owner_id: int | None
    team: str | None = Field(description="Whose it is while it has no owner")
    rating_request_id: int | None = Field(description="Of a follow-up: the low rating it is about")
    reason: str
    told: str
    amount: Decimal | None
    currency: str | None
    due_at: datetime | None
    stood_since: datetime | None = Field(
        description="Since when it waits for the customer: no time passes, and the deadline moves on by as much"
    )
    created_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    version: int

    @field_serializer("amount", when_used="json")
    def _with_its_decimals(self, amount: Decimal | None) -> str | None:
        return None if amount is None else typed(amount, self.currency)


class CaseStepShown(Shown):
    """One step: who, when, from where to where."""

    from_state: CaseState | None
    to_state: CaseState
    actor: str
    note: str
    changed_at: datetime


class CaseWithHistory(CaseShown):
    """A case with its steps, oldest first, and those that may follow."""

    steps: list[CaseStepShown]
    next_states: list[CaseState]


class CaseSpan(Asked):
    """From when until when; the last 30 days unless said otherwise."""

    start: Moment | None = None
    end: Moment | None = None


class CaseSumShown(Shown):
    """What the cases of one kind in one state come to in one currency."""

    state: CaseState
    currency: str | None
    cases: int
    amount: Decimal

    @field_serializer("amount", when_used="json")
    def _with_its_decimals(self, amount: Decimal) -> str:
        return typed(amount, self.currency)


class CaseFiguresShown(Shown):
    """How the cases of one kind did."""

    kind: CaseKind
    opened: int
    closed: int
    rejected: int
    closed_in_time: int
    median_hours: float | None = Field(description="From opening to closing, of those closed in the span")
    open_now: int
    overdue_now: int
    kept: int = Field(description="Deadlines kept in the span; what was cancelled in time counts as neither")
    missed: int = Field(description="Deadlines that passed in the span over an open case")
    share_in_time: float | None = Field(description="Kept of kept and missed; null while there are none")
    sums: list[CaseSumShown] = Field(
        description="Amounts by state and currency, of the cases that closed in the span and those open now"
    )


class CaseReport(Shown):
    """How after-sales cases did in a span."""

    start: datetime
    end: datetime
    kinds: list[CaseFiguresShown]
