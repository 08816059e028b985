"""What /case does beyond the topic it is written in: whose hours count, who is meant, and what is listed first."""

import pytest

from bot.channels.telegram.desk.case_acting import case, own_list
from bot.channels.telegram.desk.doing import Doing, Refused
from crm_store import service_cases, staff
from crm_store.case_states import CaseKind
from crm_store.engine import Store
from crm_store.models.casework import ServiceCase
from crm_store.models.staff import Agent
from crm_store.service_cases import CaseFilter
from crm_store.settings import StoreSettings
from tests.case_stage import DAY, Cases, cases_of

RULES = StoreSettings(time_zone="Europe/Berlin", team_time_zones={"east": "Asia/Shanghai"})


async def _types(cases: Cases, words: str) -> ServiceCase:
    """The first case after Ann wrote this behind /case."""
    house = cases.house
    async with house.store.write() as session:
        ann = await session.get_one(Agent, cases.ann.id)
        await case(Doing(session, 1, ann, house.clock(), house.settings, words))
    async with house.store.read() as session:
        return await service_cases.get(session, 1)


async def test_a_deadline_is_by_the_clock_of_whoever_sees_to_the_case(store: Store) -> None:
    async with cases_of(store, RULES) as cases:
        await cases.open(owner_id=None, team="east")
        east = await _types(cases, "REF-1 due 2026-04-01 12:00")
        assert east.due_at is not None
        assert f"{east.due_at:%H:%M}" == "04:00"
        await cases.change(1, team=None, owner_id=cases.ann.id)
        berlin = await _types(cases, "REF-1 due 2026-04-01 12:00")
        assert berlin.due_at is not None
        assert f"{berlin.due_at:%H:%M}" == "10:00"


async def test_a_name_is_known_however_it_is_spaced(store: Store) -> None:
    async with cases_of(store, RULES) as cases:
        async with store.write() as session:
            now = cases.house.clock()
            bob = await staff.create_agent(session, name="Bob Lee", role=staff.Role.AGENT, now=now)
            bob.team = "far east"
        await cases.open()
        assert (await _types(cases, "REF-1 owner bob   LEE")).owner_id == bob.id
        assert (await _types(cases, "REF-1 owner Far  East")).team == "far east"
        for words in ("Bob", "Bob Lee please"):
            with pytest.raises(Refused):
                await _types(cases, f"REF-1 owner {words}")


@pytest.mark.parametrize("amount", ["¥100", "50元", "12.345 EUR", "12.5 JPY", "-5 EUR", "0 EUR"])
@pytest.mark.parametrize("words", ["refund {} broken", "退款 {} 坏了", "REF-1 amount {}"])
async def test_what_is_no_amount_is_refused_and_opens_nothing(store: Store, words: str, amount: str) -> None:
    async with cases_of(store, RULES) as cases:
        await cases.open()
        with pytest.raises(Refused) as refused:
            await _types(cases, words.format(amount))
        assert refused.value.key == "desk.case_no_amount"
        async with store.read() as session:
            (only,) = await service_cases.page(session, CaseFilter(), now=cases.house.clock())
        assert (only.number, only.amount, only.version) == ("REF-1", None, 1)


async def test_what_was_paid_stays_what_it_was(store: Store) -> None:
    async with cases_of(store, RULES) as cases:
        await cases.open()
        for words in ("amount 1250 EUR", "approved", "paid"):
            await _types(cases, f"REF-1 {words}")
        with pytest.raises(Refused) as refused:
            await _types(cases, "REF-1 amount 9 JPY")
        assert refused.value.key == "desk.case_paid_already"


async def test_an_overdue_follow_up_is_listed_before_all_that_is_not(store: Store) -> None:
    async with cases_of(store, RULES) as cases:
        for _ in range(12):
            await cases.open()
        await cases.open(CaseKind.FOLLOW_UP, due_at=cases.house.clock() + DAY)
        cases.house.clock.advance(2 * DAY)
        async with store.read() as session:
            told = await own_list(session, cases.ann, now=cases.house.clock(), language="en")
        listed = [line for line in told.splitlines() if line.startswith("•")]
        assert len(listed) == 10
        assert "FOL-13" in listed[0]
