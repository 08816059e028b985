"""The clock of a case: days with people count, and waiting for the customer does not."""

from datetime import UTC, datetime, timedelta

import pytest

from crm_store.case_clock import due_after, resumed, warn_at
from crm_store.working_hours import ALWAYS, WorkingHours, parse

MONDAY = datetime(2026, 3, 2, 9, 30, 27, tzinfo=UTC)
WEEKDAYS = parse("mon-fri 09:00-18:00", "UTC", "2026-03-05")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize("days", [1, 7, 14, 30, 366])
def test_where_somebody_is_always_there_days_are_days(days: int) -> None:
    assert due_after(MONDAY, days, ALWAYS) == MONDAY + days * DAY


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        (MONDAY, 1, "2026-03-03T09:30:27"),
        (MONDAY, 3, "2026-03-06T09:30:27"),  # past a holiday
        (MONDAY, 4, "2026-03-09T09:30:27"),  # and a weekend
        (
            MONDAY + 10 * HOUR,
            1,
            "2026-03-04T09:00:00",
        ),  # asked after closing: it counts from the next morning
        (MONDAY + 5 * DAY, 1, "2026-03-10T09:00:00"),  # on a Saturday
    ],
)
def test_days_without_people_do_not_count(start: datetime, days: int, due: str) -> None:
    assert due_after(start, days, WEEKDAYS) == datetime.fromisoformat(due).replace(tzinfo=UTC)


def test_a_day_that_closes_earlier_ends_it_when_people_are_next_there() -> None:
    hours = parse("mon 09:00-18:00; tue 09:00-12:00; wed 10:00-11:00", "UTC", "")
    assert due_after(MONDAY + 6 * HOUR, 1, hours) == datetime(2026, 3, 4, 10, tzinfo=UTC)


def test_the_time_of_day_is_that_of_the_place_also_past_a_change_of_its_clocks() -> None:
    berlin = parse("mon-sun 09:00-18:00", "Europe/Berlin", "")
    assert due_after(datetime(2026, 3, 27, 9, tzinfo=UTC), 3, berlin) == datetime(2026, 3, 30, 8, tzinfo=UTC)


def test_the_warning_comes_with_a_quarter_of_the_period_left() -> None:
    assert warn_at(MONDAY, MONDAY + 8 * DAY, 8, ALWAYS) == MONDAY + 6 * DAY
    assert warn_at(MONDAY, MONDAY + 4 * DAY, 8, ALWAYS) == MONDAY + 3 * DAY  # set shorter by hand
    assert warn_at(MONDAY, MONDAY + 80 * DAY, 8, ALWAYS) == MONDAY + 78 * DAY  # it stood, or was lengthened
    due = due_after(MONDAY, 4, WEEKDAYS)
    warned = warn_at(MONDAY, due, 4, WEEKDAYS)
    assert warned is not None
    assert WEEKDAYS.open_time(warned, due) == 9 * HOUR  # of four open days one is left


@pytest.mark.parametrize("days", [399, 401, 900, 60_000])
@pytest.mark.parametrize("hours", [ALWAYS, WEEKDAYS])
def test_the_warning_of_a_deadline_however_far_off_comes_as_long_before(
    days: int, hours: WorkingHours
) -> None:
    due = hours.opens_at(MONDAY + days * DAY)
    assert due is not None
    warned = warn_at(MONDAY, due, 8, hours)
    assert warned is not None
    assert hours.open_time(warned, due) == hours.open_time(MONDAY, due_after(MONDAY, 8, hours)) / 4


def test_where_people_come_seldom_the_warning_comes_long_before() -> None:
    hours = parse("mon 09:00-10:00", "UTC", "")
    due = MONDAY.replace(hour=10, minute=0, second=0) + 7 * 400 * DAY
    warned = warn_at(MONDAY, due, 366, hours)
    assert warned is not None
    assert hours.open_time(warned, due) == hours.open_time(MONDAY, due_after(MONDAY, 366, hours)) / 4


def test_what_stood_has_as_much_time_left_as_before() -> None:
    assert resumed(MONDAY, MONDAY + 3 * DAY, MONDAY + 40 * DAY, ALWAYS) == MONDAY + 43 * DAY
    assert resumed(MONDAY, MONDAY - DAY, MONDAY + DAY, ALWAYS) == MONDAY - DAY  # late before it stood
    # Half a Monday was left; what came on Saturday is due half a Monday later.
    half = resumed(MONDAY, MONDAY + 4 * HOUR, MONDAY + 5 * DAY, WEEKDAYS)
    assert half == datetime(2026, 3, 9, 13, tzinfo=UTC)
