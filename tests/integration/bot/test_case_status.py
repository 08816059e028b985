""" "Where is my refund?" is answered with how far it is, to whose refund it is and to nobody else."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from bot.case_words import worded
from crm_store import publishing, service_cases
from crm_store.articles import ArticleDraft
from crm_store.case_states import CaseKind, CaseState, CaseTold
from crm_store.engine import Store
from crm_store.models.conversations import Conversation
from crm_store.service_cases import CaseDraft
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
    assert worded([case], "zh") == "您的退款 REF-1（24.90 CNY）：款项已退回（2026-03-05）。"


async def said(house: House, words: str, address: str) -> str:
    """What the bot answers to these words."""
    return (await house.say(words, address=address))[0].text


TOLD = "Your refund REF-1: we have it and are looking into it (2026-03-02). It takes two days."
TOLD_ZH = "您的退款 REF-1：已收到申请，等待审核（2026-03-02）。It takes two days."


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("REF-1?", TOLD),
        ("ref1", TOLD),
        ("What is the status of REF-1?", TOLD),
        ("my refund case number is REF-1, how far is it?", TOLD),
        ("has my refund been approved?", TOLD),
        ("我的退款单 REF-1 怎么样了？", TOLD_ZH),
        ("钱什么时候退给我", TOLD_ZH),
    ],
)
async def test_a_case_is_told_to_whose_it_is_however_they_ask(house: House, words: str, told: str) -> None:
    await refund_of(house, "anna")
    assert (await said(house, words, "anna")).removesuffix(f"\n\n{ANSWER}") == told


async def test_whoever_else_asks_learns_nothing_not_even_that_there_is_one(house: House) -> None:
    await refund_of(house, "anna")
    none = "I can't find {} among your returns, refunds and repairs."
    for number in ("REF-1", "REF-999"):
        first = none.format(number)
        assert (await said(house, f"{number}?", "ben")).startswith(first)
        assert (await said(house, f"where is my refund {number}?", "carl")).startswith(first)
    assert "REF" not in await said(house, "has my refund been approved?", "dora")


async def test_a_case_closed_long_ago_is_told_to_who_names_it(house: House) -> None:
    case = await refund_of(house, "anna")
    async with house.store.write() as session:
        row = await service_cases.get(session, case)
        changed = {"actor": "agent:1", "now": house.clock(), "settings": house.settings}
        await service_cases.change(session, row, {"told": ""}, state=CaseState.CANCELLED, **changed)
    house.clock.advance(timedelta(days=40))
    assert await said(house, "REF-1?", "anna") == "Your refund REF-1: cancelled (2026-03-02)."
    assert "REF-1" not in await said(house, "has my refund been approved?", "anna")


async def test_a_follow_up_is_told_to_nobody(house: House) -> None:
    await refund_of(house, "anna", CaseKind.FOLLOW_UP)
    assert (await said(house, "FOL-1?", "anna")).startswith("I can't find FOL-1 among")


async def test_a_case_named_to_a_person_is_left_to_them(house: House) -> None:
    await refund_of(house, "anna")
    await house.say("talk to a person", address="anna")
    assert TOLD not in await said(house, "REF-1?", "anna")
