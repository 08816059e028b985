"""Importing orders in bulk: entries of a file in, rows and a report out, in one transaction.

The entries come in batches, so memory grows with the number of orders, not of lines. An order that was in the store
before (same source and number) is left alone and reported, so importing a file again changes nothing. Customers are
found by their external id, and made where it is unknown.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import bindparam, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import ids, orders
from crm_store.errors import Conflict
from crm_store.models.base import Base, table_of
from crm_store.models.customers import Customer
from crm_store.models.orders import Order, OrderLine
from crm_store.order_fields import Reason
from crm_store.order_files import Entry, Refused

BATCH_LINES = 20_000
SHOWN_LINES = 5
SOURCE = "import"


@dataclass(frozen=True, slots=True)
class Unused:
    """Lines that could not be used for one reason, with the first of their numbers in the file."""

    reason: str
    count: int
    first_lines: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What became of every line: `lines` is the sum of `used_lines`, `known_lines` and the unused ones."""

    lines: int
    used_lines: int
    purchases: int
    returns: int
    customers_added: int
    known_orders: int
    known_lines: int
    repeated_lines: int
    """Used lines that stand on the same order twice: kept, since the invoice charged them twice."""
    unused: tuple[Unused, ...]


@dataclass(slots=True)
class _Header:
    """An order this import is adding."""

    id: int
    customer: str
    amount: Decimal
    is_return: bool
    is_whole: bool


@dataclass(slots=True)
class _Import:
    """What one import knows so far."""

    source: str
    now: datetime
    headers: dict[str, _Header] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    customers: dict[str, int] = field(default_factory=dict)
    customers_added: int = 0
    known_lines: int = 0
    used_lines: int = 0
    repeated_lines: int = 0
    refused: Counter[Reason] = field(default_factory=Counter)
    first_lines: dict[Reason, list[int]] = field(default_factory=dict)

    def refuse(self, line: int, reason: Reason) -> None:
        self.refused[reason] += 1
        shown = self.first_lines.setdefault(reason, [])
        if len(shown) < SHOWN_LINES:
            shown.append(line)


async def import_orders(
    session: AsyncSession, entries: Iterable[Entry | Refused], *, now: datetime, source: str = SOURCE
) -> ImportReport:
    """Add the orders of these entries; what was used, what was not, and why."""
    run = _Import(source, now)
    try:
        for batch in _batches(entries):
            usable = _sort_out_refused(run, batch)
            await _look_up(session, run, usable)
            fresh = _sort_out_known(run, usable)
            await _add_customers(session, run, fresh)
            await _add_orders(session, run, fresh)
        await _learn_statistics(session)
        await orders.refresh_counters(
            session, {run.customers[each.customer] for each in run.headers.values()}
        )
    except IntegrityError:
        raise Conflict("somebody else added the same customers or orders meanwhile; import again") from None
    return _report(run)


def _batches(entries: Iterable[Entry | Refused]) -> Iterator[list[Entry | Refused]]:
    """Entries in lots of about BATCH_LINES, cut where the order changes if that comes soon."""
    batch: list[Entry | Refused] = []
    for entry in entries:
        if len(batch) >= BATCH_LINES and (
            _number(entry) != _number(batch[-1]) or len(batch) >= 2 * BATCH_LINES
        ):
            yield batch
            batch = []
        batch.append(entry)
    if batch:
        yield batch


def _number(entry: Entry | Refused) -> str | None:
    return entry.number if isinstance(entry, Entry) else None


def _sort_out_refused(run: _Import, batch: list[Entry | Refused]) -> list[Entry]:
    usable = []
    for entry in batch:
        if isinstance(entry, Refused):
            run.refuse(entry.line, entry.reason)
        else:
            usable.append(entry)
    return usable


async def _look_up(session: AsyncSession, run: _Import, entries: list[Entry]) -> None:
    """Learn which of these orders and customers are in the store already."""
    numbers = {entry.number for entry in entries} - run.headers.keys() - run.known
    for some in orders.in_statements(sorted(numbers)):
        wanted = select(Order.number).where(Order.source == run.source, Order.number.in_(some))
        run.known.update(await session.scalars(wanted))
    names = {entry.customer for entry in entries} - run.customers.keys()
    for some in orders.in_statements(sorted(names)):
        rows = await session.execute(
            select(Customer.external_id, func.coalesce(Customer.merged_into_id, Customer.id)).where(
                Customer.external_id.in_(some)
            )
        )
        run.customers.update({str(row[0]): int(row[1]) for row in rows})


def _sort_out_known(run: _Import, entries: list[Entry]) -> list[Entry]:
    """The entries that add something; each order's first entry decides whose it is."""
    fresh = []
    owners: dict[str, str] = {}
    whole = {number for number, header in run.headers.items() if header.is_whole}
    for entry in entries:
        if entry.number in run.known:
            run.known_lines += 1
            continue
        header = run.headers.get(entry.number)
        owner = header.customer if header else owners.setdefault(entry.number, entry.customer)
        if entry.number in whole:
            run.refuse(entry.line, Reason.TWICE)
        elif owner != entry.customer:
            run.refuse(entry.line, Reason.OTHER_CUSTOMER)
        else:
            fresh.append(entry)
            if entry.sku is None:
                whole.add(entry.number)
    return fresh


async def _add_customers(session: AsyncSession, run: _Import, entries: list[Entry]) -> None:
    unknown = {entry.customer: entry.country for entry in entries if entry.customer not in run.customers}
    reserved = await ids.reserve(session, Customer, len(unknown))
    rows = [
        {
            "id": customer_id,
            "external_id": name,
            "attributes": {"source": run.source} | ({"country": country} if country else {}),
            "created_at": run.now,
            "updated_at": run.now,
        }
        for customer_id, (name, country) in zip(reserved, unknown.items(), strict=True)
    ]
    await _insert(session, Customer, rows)
    run.customers.update(zip(unknown, reserved, strict=True))
    run.customers_added += len(rows)


async def _add_orders(session: AsyncSession, run: _Import, entries: list[Entry]) -> None:
    firsts: dict[str, Entry] = {}
    continued: set[str] = set()
    for entry in entries:
        if entry.number in run.headers:
            continued.add(entry.number)
        else:
            firsts.setdefault(entry.number, entry)
    reserved = await ids.reserve(session, Order, len(firsts))
    for order_id, (number, first) in zip(reserved, firsts.items(), strict=True):
        run.headers[number] = _Header(
            order_id, first.customer, Decimal(0), first.is_return, first.sku is None
        )
    for entry in entries:
        run.headers[entry.number].amount += entry.amount
    await _insert(session, Order, [_order_row(run, first) for first in firsts.values()])
    await _correct(session, [run.headers[number] for number in continued])
    lines = [_line_row(run, entry) for entry in entries if entry.sku is not None]
    await _insert(session, OrderLine, lines)
    run.used_lines += len(entries)
    # All but the line's own place in the file.
    run.repeated_lines += len(entries) - len({entry[1:] for entry in entries})


def _kind(header: _Header) -> str:
    return orders.RETURN if header.is_return or header.amount < 0 else orders.PURCHASE


def _order_row(run: _Import, first: Entry) -> dict[str, Any]:
    header = run.headers[first.number]
    cancelled = first.status == orders.CANCELLED
    return {
        "id": header.id,
        "customer_id": run.customers[first.customer],
        "source": run.source,
        "number": first.number,
        "kind": _kind(header),
        "status": first.status,
        "currency": first.currency,
        "amount": header.amount,
        "placed_at": first.placed_at,
        # An order that comes cancelled never counted, on no day that a replay could ask for.
        "updated_at": first.placed_at if cancelled else run.now,
        "attributes": {},
    }


def _line_row(run: _Import, entry: Entry) -> dict[str, Any]:
    return {
        "order_id": run.headers[entry.number].id,
        "sku": entry.sku,
        "description": entry.description,
        "quantity": entry.quantity,
        "unit_price": entry.unit_price,
    }


async def _insert(session: AsyncSession, model: type[Base], rows: list[dict[str, Any]]) -> None:
    if rows:
        await session.execute(insert(table_of(model)), rows)


async def _correct(session: AsyncSession, headers: list[_Header]) -> None:
    """Orders whose lines go on in a later batch."""
    if headers:
        table = table_of(Order)
        await session.execute(
            update(table)
            .where(table.c.id == bindparam("order_id"))
            .values(amount=bindparam("amount"), kind=bindparam("kind")),
            [{"order_id": each.id, "amount": each.amount, "kind": _kind(each)} for each in headers],
        )


async def _learn_statistics(session: AsyncSession) -> None:
    # PostgreSQL still plans for the empty tables of before the import, by nested loops that take minutes.
    if session.get_bind().dialect.name == "postgresql":
        await session.execute(text('ANALYZE customer, "order", order_line'))


def _report(run: _Import) -> ImportReport:
    kinds = Counter(_kind(header) for header in run.headers.values())
    return ImportReport(
        lines=run.used_lines + run.known_lines + run.refused.total(),
        used_lines=run.used_lines,
        purchases=kinds[orders.PURCHASE],
        returns=kinds[orders.RETURN],
        customers_added=run.customers_added,
        known_orders=len(run.known),
        known_lines=run.known_lines,
        repeated_lines=run.repeated_lines,
        unused=tuple(
            Unused(str(reason), run.refused[reason], tuple(lines))
            for reason, lines in sorted(
                run.first_lines.items(), key=lambda item: (-run.refused[item[0]], item[1])
            )
        ),
    )
