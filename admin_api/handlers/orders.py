"""Orders: recorded, looked up, tracked."""

from datetime import datetime

from admin_api.contract import Context, Reply
from admin_api.paging import Page, PageQuery, paged, position
from admin_api.schemas.base import IdPath
from admin_api.schemas.customers import (
    LineShown,
    NewOrder,
    OrderChange,
    OrderQuery,
    OrderShown,
    OrdersShown,
    OrderWithLines,
)
from crm_store import customers, orders
from crm_store.models.orders import Order
from crm_store.orders import LineDraft, OrderDraft


def shown(order: Order) -> OrderShown:
    """The order without its lines."""
    return OrderShown.model_validate(order)


async def of_customer(context: Context, path: IdPath, query: PageQuery) -> Reply[Page[OrderShown]]:
    """A customer's orders, the latest first."""
    at = position(context, query)
    before = (datetime.fromisoformat(str(at[0])), int(at[1])) if at else None
    async with context.read() as session:
        await customers.get(session, path.id)
        rows = await orders.of_customer(session, path.id, before=before, limit=query.limit + 1)
    return paged(context, query, rows, shown, lambda row: [row.placed_at.isoformat(), row.id])


async def create(context: Context, path: IdPath, body: NewOrder) -> Reply[OrderShown]:
    """Record a customer's order; a negative amount is a return."""
    lines = tuple(LineDraft(**line.model_dump()) for line in body.lines)
    draft = OrderDraft(**(body.model_dump() | {"lines": lines}))
    async with context.write() as session:
        order = await orders.record(session, path.id, draft, now=context.now)
        await context.audit(session, f"order:{order.id}", customer_id=order.customer_id)
    return Reply(shown(order), {"Location": f"/api/v1/orders/{order.id}"})


async def find(context: Context, query: OrderQuery) -> Reply[OrdersShown]:
    """The orders of a number, from all sources."""
    async with context.read() as session:
        found = await orders.with_number(session, query.number)
    return Reply(OrdersShown(items=[shown(order) for order in found]))


async def read(context: Context, path: IdPath) -> Reply[OrderWithLines]:
    """An order with its lines."""
    async with context.read() as session:
        order = await orders.get(session, path.id)
        lines = await orders.lines(session, [path.id])
    told = [LineShown.model_validate(line) for line in lines[path.id]]
    return Reply(OrderWithLines(**shown(order).model_dump(), lines=told))


async def change(context: Context, path: IdPath, body: OrderChange) -> Reply[OrderShown]:
    """Say what became of an order: its status, where the parcel is."""
    async with context.write() as session:
        order = await orders.update_order(
            session, path.id, now=context.now, status=body.status, tracking=body.tracking
        )
        await context.audit(session, f"order:{path.id}", status=order.status)
    return Reply(shown(order))
