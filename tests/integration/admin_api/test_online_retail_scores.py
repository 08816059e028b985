"""The UCI Online Retail file through import and scoring, held against plain csv arithmetic."""

import asyncio
import csv
import gzip
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from admin_api import score_runs
from crm_store import orders
from crm_store.engine import Store, open_store
from crm_store.models.customers import Customer
from crm_store.models.scores import CustomerScore, ScoreRun
from crm_store.order_files import open_orders, read_orders
from crm_store.order_import import ImportReport, Unused, import_orders

FILE = Path(__file__).parents[3].parent / "shared" / "data" / "online_retail" / "online_retail.csv.gz"
AS_OF = datetime(2011, 12, 10, tzinfo=UTC)
START = AS_OF - timedelta(days=365)

pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"the UCI Online Retail file is not at {FILE}")


@dataclass
class Plain:
    """What csv and Python say of one customer within the window."""

    purchases: set[str] = field(default_factory=set)
    returns: set[str] = field(default_factory=set)
    amount: Decimal = Decimal(0)
    skus: set[str] = field(default_factory=set)
    last_at: datetime | None = None
    ever_bought: bool = False
    ever_amount: Decimal = Decimal(0)


@dataclass
class Outcome:
    """What the store made of the file, imported twice and scored once."""

    first: ImportReport
    again: ImportReport
    wrong_counters: int
    amounts: dict[str, Decimal]
    run: ScoreRun
    values: dict[str, dict[str, Any]]


@pytest.fixture(scope="module")
def outcome(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    path = tmp_path_factory.mktemp("retail") / "retail.db"
    shutil.copy(sqlite_template, path)
    return asyncio.run(import_and_score(f"sqlite:///{path}"))


async def import_and_score(url: str) -> Outcome:
    store = open_store(url, owner=True)
    first, again = await import_file(store), await import_file(store)
    async with store.write() as session:
        wrong = await orders.recount(session)
    run = await score_runs.run_scores(store, as_of=AS_OF, now=AS_OF)
    async with store.read() as session:
        rows = await session.execute(
            select(Customer.external_id, Customer.order_amount, CustomerScore.values)
            .join(CustomerScore, CustomerScore.customer_id == Customer.id)
            .where(CustomerScore.run_id == run.id)
        )
        found = [(str(name), amount, values) for name, amount, values in rows]
    await store.close()
    amounts = {name: amount for name, amount, _ in found}
    return Outcome(first, again, wrong, amounts, run, {name: values for name, _, values in found})


async def import_file(store: Store) -> ImportReport:
    with open_orders(FILE) as lines:
        async with store.write() as session:
            return await import_orders(session, read_orders(lines, currency="GBP"), now=AS_OF)


@pytest.fixture(scope="module")
def plain() -> dict[str, Plain]:
    """The same figures by csv alone; an invoice is of the time of its first line."""
    found: dict[str, Plain] = {}
    placed: dict[str, datetime] = {}
    with gzip.open(FILE, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            if not row["CustomerID"]:
                continue
            number, amount = row["InvoiceNo"], int(row["Quantity"]) * Decimal(row["UnitPrice"])
            at = placed.setdefault(number, datetime.fromisoformat(row["InvoiceDate"] + "+00:00"))
            who = found.setdefault(row["CustomerID"].removesuffix(".0"), Plain())
            who.ever_amount += amount
            is_return = number.startswith("C")
            who.ever_bought = who.ever_bought or not is_return
            if not START <= at < AS_OF:
                continue
            who.amount += amount
            if is_return:
                who.returns.add(number)
            else:
                who.purchases.add(number)
                who.skus.add(row["StockCode"])
                who.last_at = max(at, who.last_at or at)
    return found


def test_every_line_is_accounted_for(outcome: Outcome) -> None:
    assert outcome.first == ImportReport(
        lines=541_909,
        used_lines=406_829,
        purchases=18_536,
        returns=3_654,
        customers_added=4_372,
        known_orders=0,
        known_lines=0,
        repeated_lines=5_225,
        unused=(Unused("no customer", 135_080, (624, 1445, 1446, 1447, 1448)),),
    )


def test_importing_it_again_adds_nothing(outcome: Outcome) -> None:
    assert (outcome.again.known_orders, outcome.again.known_lines) == (22_190, 406_829)
    assert (outcome.again.purchases, outcome.again.returns, outcome.again.customers_added) == (0, 0, 0)


def test_counters_equal_a_recount_and_the_file(outcome: Outcome, plain: dict[str, Plain]) -> None:
    assert outcome.wrong_counters == 0
    assert outcome.amounts == {name: who.ever_amount for name, who in plain.items()}


def test_everybody_has_the_inputs_the_file_says(outcome: Outcome, plain: dict[str, Plain]) -> None:
    assert len(outcome.values) == 4_372
    assert outcome.values.keys() == plain.keys()
    for name, who in plain.items():
        inputs = outcome.values[name]["inputs"]
        recency = (AS_OF - who.last_at) / timedelta(days=1) if who.last_at else None
        assert (inputs["order_count"], inputs["return_count"], inputs["variety"]) == (
            len(who.purchases),
            len(who.returns),
            len(who.skus),
        ), name
        assert inputs["amount"] == pytest.approx(float(who.amount), abs=1e-9), name
        assert inputs["recency_days"] == pytest.approx(recency), name


@pytest.mark.parametrize(
    ("customer", "orders_", "returns", "amount"),
    [
        ("12346", 1, 1, 0.0),  # 74,215 jars bought, and taken back 16 minutes later
        ("14646", 74, 3, 279_489.02),  # who spent most
        ("18287", 3, 0, 1_837.28),
    ],
)
def test_known_customers(outcome: Outcome, customer: str, orders_: int, returns: int, amount: float) -> None:
    inputs = outcome.values[customer]["inputs"]
    assert (inputs["order_count"], inputs["return_count"], inputs["amount"]) == (orders_, returns, amount)


def test_who_only_returned_has_zero_orders_and_is_flagged(outcome: Outcome, plain: dict[str, Plain]) -> None:
    never_bought = {name for name, who in plain.items() if not who.ever_bought}
    assert len(never_bought) == 33
    for name, values in outcome.values.items():
        inputs, who = values["inputs"], plain[name]
        assert (inputs["purchases_ever"] == 0) == (name in never_bought), name
        assert inputs["only_returns"] == (not who.purchases and bool(who.returns)), name


def test_segments_hold_everybody(outcome: Outcome) -> None:
    assert outcome.run.segments is not None
    assert sum(segment["size"] for segment in outcome.run.segments) == 4_372
    names = [segment["name"] for segment in outcome.run.segments]
    assert len(set(names)) == len(names) == 4  # three clusters, and who has no orders in the window
