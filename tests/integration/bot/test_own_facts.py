"""Answers with the customer's own facts, for nobody but themselves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from bot.edition import Edition
from crm_store import orders, service_cases
from crm_store.articles import ArticleDraft
from crm_store.case_states import CaseKind
from crm_store.engine import Store
from crm_store.models.customers import Identity
from crm_store.orders import OrderDraft
from crm_store.service_cases import CaseDraft
from knowledge_base.articles import Article
from knowledge_base.index import build_index
from tests.house import House, open_house

STATUS = ArticleDraft(
    "own-order",
    "Where does my own order stand?",
    ("status of my own order", "how far is my own order"),
    "Hi {customer.first_name|there}: order {order.number} is {order.status}. {order.tracking|No tracking yet.}",
)
REFUND = ArticleDraft(
    "own-refund",
    "Where is my own refund?",
    ("state of my own refund",),
    "It is {refund.state}: {refund.amount}.",
)


async def _ordered(house: House, address: str, number: str, status: str, amount: str = "20") -> None:
    async with house.store.write() as session:
        customer = await session.scalar(select(Identity.customer_id).where(Identity.address == address))
        assert customer is not None
        draft = OrderDraft(number, Decimal(amount), house.clock(), status=status)
        await orders.record(session, customer, draft, now=house.clock())
    house.clock.advance(timedelta(hours=1))


SHELF = [Article(**asdict(draft)) for draft in (STATUS, REFUND)]
EDITION = Edition(1, build_index(SHELF), {article.key: {"en": article} for article in SHELF})


@asynccontextmanager
async def _open(store: Store, *addresses: str) -> AsyncIterator[House]:
    """A house that knows these articles, and has met the customers."""
    async with open_house(store) as house:
        house.knowledge.edition = EDITION
        for address in addresses:
            await house.say("hello", address=address)
        yield house


async def test_the_only_order_is_told_to_its_owner_alone(store: Store) -> None:
    async with _open(store, "ann", "bob") as house:
        await _ordered(house, "ann", "A-1", "shipped")
        [own] = await house.say("status of my own order", address="ann")
        assert own.text == "Hi there: order A-1 is on its way. No tracking yet."
        [other] = await house.say("status of my own order", address="bob")
        assert "A-1" not in other.text
        assert other.text == "Hi there: order (not known here) is (not known here). No tracking yet."


async def test_of_several_orders_the_customer_says_which(store: Store) -> None:
    async with _open(store, "ann") as house:
        for number, status in (("A-1", "delivered"), ("A-2", "shipped"), ("A-3", "cancelled")):
            await _ordered(house, "ann", number, status)
        [asked] = await house.say("status of my own order", address="ann")
        assert asked.text == "Which order is it about?"
        assert [choice.split(" ")[0] for choice in asked.choices] == ["A-2", "A-1", "Talk"]
        [told] = await house.press(asked, 1)
        assert told.text.startswith("Hi there: order A-1 is delivered.")
        assert told.question == "Did this help?"


async def test_a_return_is_told_with_its_amount_in_the_customers_language(store: Store) -> None:
    async with _open(store, "ann") as house:
        await _ordered(house, "ann", "R-1", "refunded", "-20")
        [told] = await house.say("state of my own refund", address="ann")
        assert told.text == "It is refunded: 20.00 EUR."


async def test_a_refund_is_told_as_its_case_stands(store: Store) -> None:
    async with _open(store, "ann") as house:
        await _ordered(house, "ann", "R-1", "refunded", "-20")
        async with house.store.write() as session:
            customer = await session.scalar(select(Identity.customer_id).where(Identity.address == "ann"))
            for kind, amount in ((CaseKind.REPAIR, None), (CaseKind.REFUND, Decimal("12.5"))):
                draft = CaseDraft(kind, customer_id=customer, amount=amount, currency="EUR")
                case = await service_cases.open_case(
                    session, draft, actor="api", now=house.clock(), settings=house.settings
                )
        [told] = await house.say("state of my own refund", address="ann")
        assert told.text == "It is we have it and are looking into it: 12.50 EUR."
        async with house.store.write() as session:
            case = await service_cases.get(session, case.id)
            case.closed_at = house.clock() - timedelta(days=31)
        [told] = await house.say("state of my own refund", address="ann")
        assert told.text == "It is refunded: 20.00 EUR."
