"""Deadlines of cases: warned of, told when they pass, each once; their clocks stand when nobody could keep them."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.dispatch import Timekeeper
from crm_store import audit, case_figures, service_cases, stored_settings
from crm_store.case_states import CaseKind, CaseState
from crm_store.engine import Store
from crm_store.service_cases import CaseFilter
from crm_store.settings import StoreSettings
from tests.case_stage import DAY, HOUR, Cases, cases_of

SOON, LATE = "case_due_soon", "case_overdue"


@pytest.fixture
async def cases(store: Store) -> AsyncIterator[Cases]:
    async with cases_of(store, StoreSettings(refund_days=4)) as found:
        yield found


async def test_its_owner_is_warned_then_told_at_the_breach_each_once(cases: Cases) -> None:
    case = await cases.open()
    await cases.pass_time(3 * DAY - HOUR)
    assert await cases.told() == []
    await cases.pass_time(HOUR)
    assert await cases.told() == [(SOON, "REF-1", "Ann")]
    await cases.pass_time(DAY - HOUR)
    assert len(await cases.told()) == 1
    await cases.pass_time(HOUR)
    assert await cases.told() == [(SOON, "REF-1", "Ann"), (LATE, "REF-1", "Ann")]
    await cases.change(case, told="soon")  # what changes no deadline makes no news
    await cases.pass_time(9 * DAY)
    assert len(await cases.told()) == 2
    async with cases.house.store.read() as session:
        [event] = await audit.page(session, subject=f"case:{case}")
    assert (event.action, event.detail["owner_id"]) == ("case.overdue", cases.ann.id)


async def test_a_case_that_nobody_owns_is_told_to_its_team(cases: Cases) -> None:
    await cases.open(owner_id=None, team="returns")
    await cases.pass_time(5 * DAY)
    assert [one[2] for one in await cases.told()] == ["returns", "returns"]


async def test_nothing_is_told_of_what_was_settled_before(cases: Cases) -> None:
    case = await cases.open()
    await cases.change(case, CaseState.REJECTED)
    await cases.pass_time(9 * DAY)
    assert await cases.told() == []


async def test_another_deadline_is_news_again(cases: Cases) -> None:
    case = await cases.open()
    await cases.pass_time(4 * DAY)
    await cases.change(case, due_at=cases.house.clock() + 4 * DAY)
    await cases.pass_time(5 * DAY)
    assert [one[0] for one in await cases.told()] == [SOON, LATE, SOON, LATE]


async def test_a_server_that_stood_still_tells_what_is_true_then(cases: Cases) -> None:
    await cases.open()
    cases.house.clock.advance(30 * DAY)
    await cases.keeper.fire_due()
    assert [one[0] for one in await cases.told()] == [LATE]


async def test_while_the_goods_are_awaited_no_time_passes(cases: Cases) -> None:
    case = await cases.open(CaseKind.RETURN, due_at=cases.house.clock() + 4 * DAY)
    await cases.pass_time(2 * DAY)
    assert (await cases.change(case, CaseState.APPROVED)).stood_since == cases.house.clock()
    await cases.pass_time(40 * DAY, DAY)
    assert await cases.told() == []
    now = cases.house.clock()
    async with cases.house.store.read() as session:
        assert await service_cases.page(session, CaseFilter(is_overdue=True), now=now) == []
        told = {
            one.kind: one
            for one in await case_figures.figures(session, start=now - 90 * DAY, end=now, now=now)
        }
    assert (told["return"].overdue_now, told["return"].missed) == (0, 0)
    row = await cases.change(case, CaseState.RECEIVED)
    assert (row.due_at, row.stood_since) == (now + 2 * DAY, None)
    await cases.pass_time(2 * DAY)
    assert [one[0] for one in await cases.told()] == [SOON, LATE]


@pytest.mark.parametrize("passed", [3 * DAY, 5 * DAY])
async def test_what_was_told_before_it_stood_is_not_told_again(cases: Cases, passed: timedelta) -> None:
    case = await cases.open(CaseKind.RETURN, due_at=cases.house.clock() + 4 * DAY)
    await cases.pass_time(passed + HOUR)
    await cases.change(case, CaseState.APPROVED)
    await cases.pass_time(2 * DAY, DAY)
    await cases.change(case, CaseState.RECEIVED)
    await cases.pass_time(9 * DAY)
    assert [one[0] for one in await cases.told()] == [SOON, LATE]
    async with cases.house.store.read() as session:
        assert len(await audit.page(session, subject=f"case:{case}")) == 1


async def test_a_deadline_set_while_it_stands_counts_from_then(cases: Cases) -> None:
    case = await cases.open(CaseKind.REPAIR)
    await cases.change(case, CaseState.APPROVED)
    await cases.pass_time(10 * DAY, DAY)
    await cases.change(case, due_at=cases.house.clock() + DAY)
    await cases.pass_time(5 * DAY, DAY)
    assert (await cases.change(case, CaseState.RECEIVED)).due_at == cases.house.clock() + DAY


async def test_nobody_is_told_outside_the_hours_and_closed_days_do_not_count(store: Store) -> None:
    hours = StoreSettings(working_hours="mon-fri 09:00-18:00", refund_days=4)
    async with cases_of(store, hours) as cases:
        await cases.pass_time(3 * DAY, DAY)
        begun = cases.house.clock()
        assert begun.strftime("%a %H:%M") == "Thu 12:00"
        case = await cases.open()
        async with store.read() as session:
            assert (await service_cases.get(session, case)).due_at == begun + 6 * DAY  # past the weekend
        await cases.change(case, due_at=begun + 2 * DAY + 3 * HOUR)  # a Saturday
        await cases.pass_time(3 * DAY + 20 * HOUR)
        assert [one[0] for one in await cases.told()] == [SOON]
        await cases.pass_time(HOUR)  # Monday at nine, when somebody is there
        assert [one[0] for one in await cases.told()] == [SOON, LATE]


async def test_hours_that_change_move_the_warning_with_them(cases: Cases) -> None:
    await cases.open(due_at=cases.house.clock() + 8 * DAY)  # warned of after seven: refunds take four
    cases.house.settings = StoreSettings(refund_days=8)  # now after six
    async with cases.house.store.write() as session:
        await stored_settings.change(
            session, "refund_days", 8, base=cases.house.settings, by="admin", now=cases.house.clock()
        )
    cases.keeper = Timekeeper(cases.house.store, cases.house.clock, cases.house.settings)
    await cases.pass_time(6 * DAY)
    assert [one[0] for one in await cases.told()] == [SOON]


async def test_the_share_within_the_deadline_is_what_plain_sql_counts(cases: Cases) -> None:
    begun = cases.house.clock()
    quick, slow, given_up, unanswered = [await cases.open() for _ in range(4)]
    await cases.pass_time(DAY)
    for state in (CaseState.APPROVED, CaseState.PAID):
        await cases.change(quick, state)
    await cases.change(given_up, CaseState.CANCELLED)
    await cases.pass_time(4 * DAY)
    for state in (CaseState.APPROVED, CaseState.PAID):
        await cases.change(slow, state)
    end = cases.house.clock() + timedelta(seconds=1)
    async with cases.house.store.read() as session:
        found = await case_figures.figures(session, start=begun, end=end, now=cases.house.clock())
        kept, missed = (await session.execute(text(
            "SELECT sum(CASE WHEN closed_at <= due_at AND state <> 'cancelled' THEN 1 ELSE 0 END), "
            "sum(CASE WHEN closed_at IS NULL OR closed_at > due_at THEN 1 ELSE 0 END) FROM service_case"
        ))).one()  # fmt: skip
        later = await case_figures.figures(session, start=end, end=end + 9 * DAY, now=end + 9 * DAY)
    told = {one.kind: one for one in found}["refund"]
    assert (told.kept, told.missed, told.closed_in_time) == (kept, missed, 2) == (1, 2, 2)
    assert told.share_in_time == pytest.approx(1 / 3)
    assert {one.kind: one for one in later}["refund"].share_in_time is None  # each is decided once
    assert unanswered
