"""Which currency a case's amount is most likely in, so that nobody has to type it. Session first; reads only."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store.models.casework import ServiceCase
from crm_store.models.orders import Order


async def usual(session: AsyncSession, customer_id: int, *, order_id: int | None = None) -> str | None:
    """That of the order, else of the customer's newest order, else the one last used here; None where none was."""
    theirs = select(Order.currency).where(Order.customer_id == customer_id)
    sources = (
        theirs.where(Order.id == order_id),
        theirs.order_by(Order.placed_at.desc(), Order.id.desc()).limit(1),
        select(ServiceCase.currency)
        .where(ServiceCase.currency.is_not(None))
        .order_by(ServiceCase.id.desc())
        .limit(1),
        select(Order.currency).order_by(Order.id.desc()).limit(1),
    )
    for query in sources[1 if order_id is None else 0 :]:
        if found := await session.scalar(query):
            return str(found)
    return None
