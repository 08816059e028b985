"""Everything about one customer that fits beside a conversation."""

from dataclasses import dataclass
from datetime import datetime

from admin_api.score_runs import explain_stored
from admin_api.scoring.explanations import Explanation
from admin_api.scoring.formulas import SCORES
from crm_store import case_currency, conversations, customers, inbox, orders, scores, service_cases
from crm_store.errors import NotFound
from crm_store.inbox import AspectMean, InboxLine
from crm_store.models.casework import ServiceCase
from crm_store.models.customers import Customer, Identity
from crm_store.models.orders import Order
from crm_store.models.scores import ScoreRun
from crm_store.service_cases import CaseFilter
from crm_store.session import Session

SHOWN = 5


@dataclass(frozen=True, slots=True)
class CustomerCard:
    """A customer with the newest of everything."""

    customer: Customer
    identities: list[Identity]
    orders: list[Order]
    cases: list[ServiceCase]
    ratings: list[AspectMean]
    comment: str | None
    past: list[InboxLine]
    scores: list[Explanation]
    segment: str | None
    run: ScoreRun | None
    currency: str
    """What an amount of a new case is most likely in; empty where nothing tells."""

    @property
    def name(self) -> str | None:
        """What the customer is called, where that is known."""
        known = (identity.display_name for identity in self.identities)
        return self.customer.name or next((name for name in known if name), None)


async def customer_card(
    session: Session, customer_id: int, *, now: datetime, besides: int | None = None, shown: int = SHOWN
) -> CustomerCard:
    """The customer's card; `besides` is the conversation that is open already. Raises NotFound."""
    customer = await customers.get(session, customer_id)
    past = await conversations.page(session, customer_id=customer_id, limit=shown + 1)
    run = await scores.latest_run(session)
    segment, found = await _scores(session, run, customer_id)
    return CustomerCard(
        customer=customer,
        identities=(await customers.identities(session, [customer_id]))[customer_id],
        orders=await orders.of_customer(session, customer_id, limit=shown),
        cases=await service_cases.page(session, CaseFilter(customer_id=customer_id), now=now, limit=shown),
        ratings=await inbox.aspect_means(session, customer_id),
        comment=await inbox.last_comment(session, customer_id),
        past=await inbox.lines(session, [one for one in past if one.id != besides][:shown]),
        scores=found,
        segment=segment,
        run=run,
        currency=await case_currency.usual(session, customer_id) or "",
    )


async def _scores(
    session: Session, run: ScoreRun | None, customer_id: int
) -> tuple[str | None, list[Explanation]]:
    if run is None:
        return None, []
    try:
        row = await scores.customer_score(session, run.id, customer_id)
    except NotFound:  # came after the run, or does not want to be profiled
        return None, []
    return row.segment, [explain_stored(run, row, name) for name in SCORES]
