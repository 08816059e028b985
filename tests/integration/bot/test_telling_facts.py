"""“We have an answer now”, where the answer has blanks for the customer's own facts."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.channels.base import Outgoing
from bot.dispatch import Timekeeper
from bot.edition import Edition
from crm_store import article_files, gaps, orders, publishing, wishes
from crm_store.articles import ArticleDraft
from crm_store.engine import Store
from crm_store.files import MEGABYTE, Files
from crm_store.models.customers import Identity
from crm_store.orders import OrderDraft
from knowledge_base.articles import Article
from knowledge_base.index import build_index
from tests.article_stage import handed_in
from tests.house import House, open_house
from tests.pictures import PDF

ANSWER = "Hi {customer.first_name|there}: order {order.number} is {order.status}. {order.tracking|No tracking yet.}"
MOON = ArticleDraft("moon", "Where is my moon order?", ("zyx qwv plm",), ANSWER)
TOLD = "You asked: “{asked}”\nWe have an answer now:\n\n"
ASKED = "zyx qwv plm"


async def _ordered(house: House, number: str, status: str) -> None:
    async with house.store.write() as session:
        customer = (await session.scalars(select(Identity.customer_id))).one()
        await orders.record(
            session,
            customer,
            OrderDraft(number, Decimal(20), house.clock(), status=status),
            now=house.clock(),
        )
    house.clock.advance(timedelta(hours=1))


async def _told(
    house: House, *placed: tuple[str, str], asked: str = ASKED, draft: ArticleDraft = MOON
) -> Outgoing:
    """What comes once the question is answered that a customer with these orders asked."""
    said = await house.say(asked)
    await house.press(said[-1], said[-1].choices.index("Tell me when you know"))
    for number, status in placed:
        await _ordered(house, number, status)
    async with house.store.write() as session:
        await publishing.create(session, draft, by="test", now=house.clock())
        numbers = [gap.id for gap in await gaps.page(session, state="open")]
        await wishes.answered(session, numbers, draft.key, now=house.clock())
    await Timekeeper(house.store, house.clock, house.settings).fire_due()
    await house.settle()
    return house.postbox.taken[-1]


@pytest.mark.parametrize(("placed", "words"), [
    ([("A-1", "shipped")], "Hi there: order A-1 is on its way. No tracking yet."),
    ([("A-1", "shipped"), ("A-2", "cancelled")], "Hi there: order A-1 is on its way. No tracking yet."),
])  # fmt: skip
async def test_the_blanks_are_filled(store: Store, placed: list[tuple[str, str]], words: str) -> None:
    async with open_house(store) as house:
        told = await _told(house, *placed)
        assert told.text == TOLD.format(asked=ASKED) + words


async def test_what_lacks_facts_of_theirs_is_no_answer_and_goes_on_being_waited_for(store: Store) -> None:
    async with open_house(store) as house:
        told = await _told(house)
        assert (
            told.text
            == "All right: you will hear from me here, once, when we have an answer. A person can help you at any time."
        )
        async with store.read() as session:
            [wish] = await wishes.waiting(session, limit=2)
        assert wish.question == ASKED


async def test_of_several_orders_the_customer_says_which_and_is_answered(store: Store) -> None:
    async with open_house(store) as house:
        told = await _told(house, ("A-1", "delivered"), ("A-2", "shipped"))
        assert told.text == TOLD.format(asked=ASKED) + "Which order is it about?"
        assert [choice.split(" ")[0] for choice in told.choices] == ["A-2", "A-1", "No,"]
        article = Article(MOON.key, MOON.question, MOON.phrasings, MOON.answer)
        house.knowledge.edition = Edition(2, build_index([article]), {"moon": {"en": article}})
        [answer] = await house.press(told, 1)
        assert answer.text.startswith("Hi there: order A-1 is delivered.")


async def test_the_order_named_in_the_question_is_the_one(store: Store) -> None:
    async with open_house(store) as house:
        told = await _told(house, ("A-1", "delivered"), ("QXV77", "shipped"), asked=f"{ASKED} qxv77")
        assert told.text.endswith("Hi there: order QXV77 is on its way. No tracking yet.")


async def test_a_long_answer_is_told_without_the_question_but_never_with_blanks(store: Store) -> None:
    async with open_house(store) as house:
        told = await _told(
            house, ("A-1", "shipped"), draft=replace(MOON, answer="{order.number}: " + "x" * 4060)
        )
        assert told.text == "A-1: " + "x" * 4060


async def test_the_files_of_an_answer_come_once_with_it_not_with_which_order_is_meant(
    store: Store, tmp_path: Path
) -> None:
    async with open_house(store) as house:
        [label] = await handed_in(store, Files(tmp_path / "files", MEGABYTE), ("label.pdf", PDF))
        enclosing = replace(MOON, attachments=(label,))
        told = await _told(house, ("A-1", "delivered"), ("A-2", "shipped"), draft=enclosing)
        assert told.text.endswith("Which order is it about?")
        article = Article(
            MOON.key, MOON.question, MOON.phrasings, MOON.answer, attachments=enclosing.attachments
        )
        async with store.read() as session:
            files = await article_files.attachments(session, [label])
        house.knowledge.edition = Edition(2, build_index([article]), {"moon": {"en": article}}, files=files)
        answer, file = await house.press(told, 1)
        assert answer.text.startswith("Hi there: order A-1 is delivered.")
        assert (file.attachment or {})["name"] == "label.pdf"
