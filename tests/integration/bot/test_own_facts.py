"""Answers with the customer's own facts, for nobody but themselves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from bot.edition import Edition
from crm_store import orders, reports, service_cases
from crm_store.articles import ArticleDraft
from crm_store.asked import NO_FACTS
from crm_store.case_states import CaseKind
from crm_store.engine import Store
from crm_store.models.conversations import Message
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


NO_ORDER = "I don't know of an order of yours here yet, so I can't say how it stands."
PERSON = "A person can look it up for you: please tell them your order number or the name it is under."


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
        assert other.text == f"{NO_ORDER} {PERSON}"
        assert (other.choices, other.question) == (("Talk to a person",), "")


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


async def test_an_answer_that_lacks_facts_is_no_answer_in_the_log(store: Store) -> None:
    async with _open(store, "bob") as house:
        [said] = await house.say("status of my own order", address="bob")
        async with store.read() as session:
            asked = (await session.scalars(select(Message).order_by(Message.id.desc()).limit(2))).all()
            found = await reports.questions(session, house.clock.now, house.clock.now + timedelta(days=1))
        assert [(each.author, each.decision) for each in asked] == [("bot", NO_FACTS), ("customer", NO_FACTS)]
        assert (found.asked, found.answered) == (1, 0)
        [waiting] = await house.press(said, 0)
        assert "You are number 1 in the queue" in waiting.text


@pytest.mark.parametrize("words", ["status of my own order 9999", "status of my own order A-7"])
async def test_an_order_that_is_not_theirs_is_not_found_whether_or_not_it_is_anybodys(
    store: Store, words: str
) -> None:
    async with _open(store, "ann", "bob") as house:
        await _ordered(house, "ann", "5001", "shipped")
        await _ordered(house, "bob", "A-7", "shipped")
        said = await house.say(words, address="ann")
        if "Did you mean one of these?" in said[-1].text:
            said = await house.press(said[-1], 0)
        number = words.split()[-1]
        assert said[-1].text == (
            f"I can't find {number} among your orders. Is it about one of these? Otherwise a person can look."
        )
        assert [choice.split(" ")[0] for choice in said[-1].choices] == ["5001", "Talk"]
        [told] = await house.press(said[-1], 0)
        assert told.text.startswith("Hi there: order 5001 is on its way.")


async def test_who_has_no_order_is_told_the_same_of_every_number(store: Store) -> None:
    async with _open(store, "ann", "bob") as house:
        await _ordered(house, "ann", "5001", "shipped")
        await house.say("status of my own order", address="bob")
        for number in ("5001", "9999"):
            [said] = await house.say(number, address="bob")
            assert said.text == f"I can't find {number} among your orders. {PERSON}"
            assert said.choices == ("Talk to a person",)


async def test_of_several_orders_the_number_may_be_typed(store: Store) -> None:
    async with _open(store, "ann") as house:
        for number, status in (("A-1", "delivered"), ("A-2", "shipped")):
            await _ordered(house, "ann", number, status)
        await house.say("status of my own order", address="ann")
        [told] = await house.say("it's a-1", address="ann")
        assert told.text.startswith("Hi there: order A-1 is delivered.")
        [told] = await house.say("status of my own order A-2", address="ann")
        assert told.text.startswith("Hi there: order A-2 is on its way.")


async def test_beside_an_order_of_theirs_the_other_is_told_to_be_not_found(store: Store) -> None:
    async with _open(store, "ann") as house:
        await _ordered(house, "ann", "5001", "shipped")
        await house.say("status of my own order", address="ann")
        said = await house.say("status of my own order 5001 and 9999", address="ann")
        if "Did you mean one of these?" in said[-1].text:
            said = await house.press(said[-1], 0)
        assert said[-1].text.startswith(
            "I can't find 9999 among your orders.\n\nHi there: order 5001 is on its way."
        )


async def test_the_only_order_is_told_though_it_was_cancelled(store: Store) -> None:
    async with _open(store, "ann") as house:
        await _ordered(house, "ann", "A-1", "cancelled")
        [own] = await house.say("status of my own order", address="ann")
        assert own.text == "Hi there: order A-1 is cancelled. No tracking yet."


async def test_what_is_known_is_told_without_the_rest(store: Store) -> None:
    async with _open(store, "ann") as house:
        async with store.write() as session:
            customer = await session.scalar(select(Identity.customer_id).where(Identity.address == "ann"))
            draft = CaseDraft(CaseKind.REFUND, customer_id=customer)
            await service_cases.open_case(
                session, draft, actor="api", now=house.clock(), settings=house.settings
            )
        [told] = await house.say("state of my own refund", address="ann")
        assert told.text == (
            "This is what I know: status of the refund: we have it and are looking into it. "
            f"What I don't know yet: amount of the refund. {PERSON}"
        )
        [none] = await house.say("state of my own refund", address="bob")
        assert none.text == (
            "I don't know of a return or refund of yours here yet, so I can't say how it stands. " + PERSON
        )
