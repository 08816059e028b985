"""Working hours: spans, zones, summer time, holidays."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_store.errors import InvalidValue
from crm_store.settings import StoreSettings
from crm_store.working_hours import WorkingHours, parse

SHOP = parse("mon-fri 09:00-12:30 13:30-18:00; sat 10:00-14:00", "Europe/Berlin", "2026-12-25")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(("moment", "is_open", "opens"), [
    ("2026-11-23T08:00", True, "2026-11-23T08:00"),  # a Monday, nine in Berlin
    ("2026-11-23T07:59", False, "2026-11-23T08:00"),
    ("2026-11-23T11:30", False, "2026-11-23T12:30"),  # lunch
    ("2026-11-23T16:59", True, "2026-11-23T16:59"),
    ("2026-11-21T13:00", False, "2026-11-23T08:00"),  # Saturday afternoon
    ("2026-12-24T17:00", False, "2026-12-26T09:00"),  # the 25th is a holiday, the 26th a Saturday
    ("2026-07-06T07:00", True, "2026-07-06T07:00"),  # summer time: nine is seven in UTC
])  # fmt: skip
def test_open_or_not(moment: str, is_open: bool, opens: str) -> None:
    assert (SHOP.is_open(at(moment)), SHOP.opens_at(at(moment))) == (is_open, at(opens))


def test_only_open_time_counts() -> None:
    friday_half_past_five = at("2026-11-20T16:30")
    assert SHOP.after(friday_half_past_five, timedelta(minutes=30)) == at("2026-11-20T17:00")
    assert SHOP.after(friday_half_past_five, timedelta(minutes=31)) == at("2026-11-21T09:01")
    assert SHOP.after(friday_half_past_five, timedelta(hours=5)) == at("2026-11-23T08:30")
    assert SHOP.open_time(friday_half_past_five, at("2026-11-23T08:30")) == timedelta(hours=5)
    assert SHOP.open_time(at("2026-11-22T00:00"), at("2026-11-22T23:00")) == timedelta()


def test_the_night_the_clocks_change() -> None:
    night = parse("sun 00:00-06:00", "Europe/Berlin", "")
    assert night.open_time(at("2026-03-28T12:00"), at("2026-03-29T12:00")) == timedelta(hours=5)
    assert night.open_time(at("2026-10-24T12:00"), at("2026-10-25T12:00")) == timedelta(hours=7)


def test_always_and_never() -> None:
    always = parse("", "UTC", "")
    now = at("2026-11-21T03:00")
    assert (always.is_open(now), always.opens_at(now)) == (True, now)
    assert always.after(now, timedelta(days=3)) == now + timedelta(days=3)
    assert always.open_time(now, now + timedelta(hours=7)) == timedelta(hours=7)
    with_holiday = parse("", "UTC", "2026-11-21")
    assert with_holiday.opens_at(now) == at("2026-11-22T00:00")
    never = WorkingHours(SHOP.zone, ((),) * 7)
    assert (never.is_open(now), never.opens_at(now), never.after(now, timedelta(hours=1))) == (
        False,
        None,
        None,
    )


def test_round_the_clock_and_over_the_weekend() -> None:
    round_the_clock = parse("fri-mon 00:00-24:00", "Asia/Shanghai", "")
    assert round_the_clock.is_open(at("2026-11-22T12:00"))
    assert round_the_clock.opens_at(at("2026-11-24T00:00")) == at("2026-11-26T16:00")


@pytest.mark.parametrize(("hours", "zone", "holidays", "told"), [
    ("9-17", "UTC", "", "names no working hours; write it like"),
    ("mon 9-17", "UTC", "", "'9-17' is no span of time"),
    ("mon 09:00-09:00", "UTC", "", "is no span of time"),
    ("mon 09:00-25:00", "UTC", "", "is no span of time"),
    ("mon 09:61-10:00", "UTC", "", "is no span of time"),
    ("mon 22:00-06:00; tue 05:00-12:00", "UTC", "", "overlap"),
    ("sun 22:00-06:00; mon 05:00-12:00", "UTC", "", "overlap"),
    ("mo 09:00-10:00", "UTC", "", "names no working hours"),
    ("mun 09:00-10:00", "UTC", "", "'mun' names no days; use mon, tue"),
    ("mon 09:00-12:00 11:00-13:00", "UTC", "", "overlap"),
    ("mon-tue 09:00-12:00; tue 11:00-13:00", "UTC", "", "overlap"),
    ("", "Mars/Base", "", "there is no time zone 'Mars/Base'"),
    ("", "../etc", "", "there is no time zone"),
    ("", "UTC", "25.12.2026", "'25.12.2026' is no date"),
])  # fmt: skip
def test_what_cannot_be_read_says_how_to_write_it(hours: str, zone: str, holidays: str, told: str) -> None:
    with pytest.raises(InvalidValue, match=told.replace(".", r"\.")):
        parse(hours, zone, holidays)


@given(
    start=st.integers(0, 365 * 24 * 60).map(
        lambda minute: at("2026-01-01T00:00") + timedelta(minutes=minute)
    ),
    minutes=st.integers(1, 10_000),
)
@settings(max_examples=60)
def test_after_and_open_time_are_each_others_inverse(start: datetime, minutes: int) -> None:
    length = timedelta(minutes=minutes)
    end = SHOP.after(start, length)
    assert end is not None
    assert SHOP.open_time(start, end) == length
    assert SHOP.is_open(end - timedelta(microseconds=1))


def test_a_shift_over_midnight_belongs_to_the_day_it_begins_on() -> None:
    night = parse("mon-fri 22:00-06:00", "Europe/Berlin", "2026-11-24")
    assert night.is_open(at("2026-11-23T21:00"))  # Monday, ten in the evening
    assert night.is_open(at("2026-11-24T04:59"))  # on into the holiday
    assert not night.is_open(at("2026-11-24T21:30"))  # which has no shift of its own
    assert night.opens_at(at("2026-11-24T05:00")) == at("2026-11-25T21:00")
    assert night.open_time(at("2026-11-27T20:00"), at("2026-11-30T20:00")) == timedelta(hours=8)
    assert night.after(at("2026-11-27T22:00"), timedelta(hours=8)) == at("2026-11-30T22:00")


def test_round_the_clock_in_shifts_is_always_open() -> None:
    shifts = parse("mon-sun 06:00-14:00 14:00-22:00 22:00-06:00", "UTC", "")
    assert shifts.open_time(at("2026-11-02T03:00"), at("2026-11-09T03:00")) == timedelta(days=7)


def test_a_calendar_is_read_once() -> None:
    assert parse("mon 09:00-17:00", "UTC", "") is parse("mon 09:00-17:00", "UTC", "")


def test_teams_keep_their_own_hours() -> None:
    rules = StoreSettings(working_hours="mon-fri 09:00-17:00", team_hours={"night": "mon-sun 22:00-06:00"})
    at_night = at("2026-11-23T23:00")
    assert [rules.hours_of(team).is_open(at_night) for team in (None, "day", "night")] == [False, False, True]
    with pytest.raises(ValueError, match="team 'late'"):
        StoreSettings(team_hours={"late": "22-6"})


def test_teams_keep_their_own_time_zone_and_holidays() -> None:
    rules = StoreSettings(
        working_hours="mon-fri 09:00-17:00",
        time_zone="Europe/Berlin",
        holidays="2026-11-24",
        team_time_zones={"east": "Asia/Shanghai"},
        team_holidays={"east": "2026-11-25", "never": ""},
    )
    berlin, shanghai = at("2026-11-23T10:00"), at("2026-11-23T02:00")  # eleven in Berlin, ten in Shanghai
    teams = (None, "east", "never", "other")
    assert [rules.hours_of(team).is_open(berlin) for team in teams] == [True, False, True, True]
    assert [rules.hours_of(team).is_open(shanghai) for team in teams] == [False, True, False, False]
    a_day, two_days = timedelta(days=1), timedelta(days=2)
    assert [rules.hours_of(team).is_open(berlin + a_day) for team in teams] == [False, False, True, False]
    assert [rules.hours_of("east").is_open(shanghai + later) for later in (a_day, two_days)] == [True, False]
    assert rules.teams_apart == ("east", "never")


@pytest.mark.parametrize("wrong", [
    {"team_time_zones": {"east": "Mars/Base"}}, {"team_time_zones": {"east": ""}}, {"team_holidays": {"east": "May"}},
])  # fmt: skip
def test_what_is_wrong_with_a_teams_calendar_is_told_with_its_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="team 'east': "):
        StoreSettings(**wrong)
