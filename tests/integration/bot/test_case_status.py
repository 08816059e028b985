""" "Where is my refund?" is answered with how far it is, to whose refund it is and to nobody else."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from bot.case_status import worded
from crm_store import publishing, service_cases
from crm_store.articles import ArticleDraft
from crm_store.case_states import CaseKind, CaseState
from crm_store.engine import Store
from crm_store.models.conversations import Conversation
from crm_store.service_cases import CaseDraft, CaseTold
from tests.house import ARTICLES, House, open_house

QUESTION = "When do I get my refund?"
ANSWER = "Refunds reach your account within 5 working days."


@pytest.fixture
async def house(sqlite_store: Store) -> AsyncIterator[House]:
    async with open_house(sqlite_store) as opened:
        tagged = [
            ArticleDraft(key, question, said, answer, language, tags=("refund",))
            for key, language, question, answer, said in ARTICLES
            if key == "refund"
        ]
        async with sqlite_store.write() as session:
            await publishing.publish(session, tagged, by="tests", now=opened.clock())
        await opened.knowledge.refresh()
        yield opened


async def refund_of(house: House, address: str, kind: CaseKind = CaseKind.REFUND) -> int:
    """The id of a case of the customer who wrote from there."""
    await house.say("hello", address=address)
    async with house.store.write() as session:
        number = await session.scalar(select(Conversation.id).order_by(Conversation.id.desc()).limit(1))
        draft = CaseDraft(kind, conversation_id=number, told="It takes two days.")
        return (
            await service_cases.open_case(
                session, draft, actor="agent:1", now=house.clock(), settings=house.settings
            )
        ).id


async def answer(house: House, address: str) -> str:
    said = await house.say(QUESTION, address=address)
    return next(one.text for one in said if ANSWER in one.text)


async def test_whose_refund_it_is_hears_where_it_stands(house: House) -> None:
    case = await refund_of(house, "anna")
    told = "Your refund REF-1: we have it and are looking into it (2026-03-02). It takes two days."
    assert await answer(house, "anna") == f"{told}\n\n{ANSWER}"
    house.clock.advance(timedelta(days=3))
    async with house.store.write() as session:
        row = await service_cases.get(session, case)
        for state in (CaseState.APPROVED, CaseState.PAID):
            await service_cases.change(
                session,
                row,
                {"told": "", "amount": Decimal("24.9"), "currency": "EUR"},
                state=state,
                actor="agent:1",
                now=house.clock(),
                settings=house.settings,
            )
        house.clock.advance(timedelta(days=1))
        await service_cases.change(
            session,
            row,
            {"told": "Ask your bank."},
            actor="agent:1",
            now=house.clock(),
            settings=house.settings,
        )
    told = "Your refund REF-1 (24.90 EUR): the money is on its way to you (2026-03-05). Ask your bank."
    assert await answer(house, "anna") == f"{told}\n\n{ANSWER}"
    house.clock.advance(timedelta(days=31))
    assert await answer(house, "anna") == ANSWER


async def test_others_and_other_kinds_are_not_told(house: House) -> None:
    await refund_of(house, "anna")
    await refund_of(house, "ben", CaseKind.REPAIR)
    assert await answer(house, "ben") == ANSWER
    assert await answer(house, "nobody yet") == ANSWER


async def test_an_answer_that_tells_the_state_itself_tells_it_once(house: House) -> None:
    await refund_of(house, "anna")
    key, language, question, _, said = next(each for each in ARTICLES if each[0] == "refund")
    telling = ArticleDraft(
        key, question, said, "Your refund: {refund.state|none}.", language, tags=("refund",)
    )
    async with house.store.write() as session:
        await publishing.publish(session, [telling], by="tests", now=house.clock())
    await house.knowledge.refresh()
    told = (await house.say(QUESTION, address="anna"))[0].text
    assert told == "Your refund: we have it and are looking into it.\n\nIt takes two days."
    assert (await house.say(QUESTION, address="ben"))[0].text == "Your refund: none."


def test_a_case_is_told_in_chinese_too() -> None:
    case = CaseTold(
        1, "refund", "REF-1", "paid", "", Decimal("24.9"), "CNY", datetime(2026, 3, 5, tzinfo=UTC)
    )
    assert worded([case], "zh") == "您的退款 REF-1（24.90 CNY）：款项已退出（2026-03-05）。"
