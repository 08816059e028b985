"""The form of a calendar: what the settings hold goes through it and back, and each fault is told at its field."""

from datetime import date, timedelta

import pytest

from admin_api.desk.hours_form import Calendar, checked, shown, typed, zones
from crm_store.hours_text import (
    LONGEST_HOLIDAYS,
    LONGEST_NAME,
    LONGEST_WEEK,
    MOST_HOLIDAYS,
    MOST_SPANS,
    clock_text,
    week_text,
)
from crm_store.settings import StoreSettings
from crm_store.stored_settings import overridden
from crm_store.working_hours import DAYS, parse

HOURS = [
    "",
    "mon-fri 09:00-17:00",
    "mon-thu 09:00-12:30 13:30-18:00; fri 09:00-15:00; sun 10:00-14:00",
    "mon-sun 22:00-06:00",
    "mon-sun 00:00-24:00",
    "sat 18:00-24:00; sun 00:00-02:00",
]


def sent(calendar: Calendar) -> dict[str, list[str]]:
    """What a browser sends of the form as it is drawn: with a row left empty at the end of each list."""
    fields: dict[str, list[str]] = {"zone": [calendar.zone], "hours": [calendar.kind]}
    fields["own_holidays"] = ["yes" if calendar.own_holidays else "no"]
    for day, rows in zip(DAYS, calendar.days, strict=True):
        for name, column in (("from", 0), ("to", 1)):
            fields[f"{day}_{name}"] = [*(row[column] for row in rows), ""]
    fields["holiday_date"] = [*(day for day, _ in calendar.holidays), ""]
    fields["holiday_name"] = [*(name for _, name in calendar.holidays), ""]
    return fields


@pytest.mark.parametrize("hours", HOURS)
@pytest.mark.parametrize("holidays", ["", "2026-12-25 Christmas Day, 2026-12-26"])
def test_a_calendar_goes_through_the_form_unchanged(hours: str, holidays: str) -> None:
    written, wrong = checked(typed(sent(shown(hours, "Europe/Berlin", holidays))), is_team=False)
    assert wrong == {}
    assert (written.hours, written.zone, written.holidays) == (hours, "Europe/Berlin", holidays)


def test_a_team_may_keep_what_everybody_has_or_have_none_of_it() -> None:
    written, _ = checked(typed(sent(shown(None, None, None))), is_team=True)
    assert (written.hours, written.zone, written.holidays) == (None, None, None)
    written, _ = checked(typed(sent(shown("", "Asia/Shanghai", ""))), is_team=True)
    assert (written.hours, written.zone, written.holidays) == ("", "Asia/Shanghai", "")


def week(**spans: list[tuple[str, str]]) -> dict[str, list[str]]:
    """The form with these spans by day."""
    fields = {"zone": ["UTC"], "hours": ["week"]}
    for day, rows in spans.items():
        fields[f"{day}_from"], fields[f"{day}_to"] = [row[0] for row in rows], [row[1] for row in rows]
    return fields


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        (week(mon=[("09:00", "")]), {"mon": "half"}),
        (week(mon=[("09:00", "17:00")], tue=[("9 am", "17:00")]), {"tue": "time"}),
        (week(mon=[("09:00", "25:00")]), {"mon": "time"}),
        (week(mon=[("09:00", "09:00")]), {"mon": "empty"}),
        (week(mon=[("09:00", "12:00"), ("11:00", "17:00")]), {"mon": "overlap"}),
        (week(mon=[("22:00", "06:00")], tue=[("05:00", "09:00")]), {"tue": "overlap"}),
        (week(mon=[("05:00", "09:00")], sun=[("22:00", "06:00")]), {"mon": "overlap"}),
        (week(), {"week": "no_span"}),
        (week(sat=[(f"{n:02}:00", f"{n:02}:30") for n in range(MOST_SPANS + 1)]), {"sat": "many_spans"}),
        ({"zone": ["Mars/Base"]}, {"zone": "zone"}),
        ({"zone": [""]}, {"zone": "zone"}),
        ({"zone": ["UTC"], "holiday_date": ["May Day"], "holiday_name": [""]}, {"holidays": "date"}),
        ({"zone": ["UTC"], "holiday_date": [""], "holiday_name": ["May Day"]}, {"holidays": "date"}),
        ({"zone": ["UTC"], "holiday_date": ["2026-05-01"] * 2}, {"holidays": "twice"}),
        ({"zone": ["UTC"], "holiday_date": ["2026-05-01"], "holiday_name": ["a, b"]}, {"holidays": "name"}),
    ],
)
def test_each_fault_is_told_at_its_field(fields: dict[str, list[str]], wrong: dict[str, str]) -> None:
    assert checked(typed(fields), is_team=False)[1] == wrong


def test_spans_are_ordered_and_times_of_a_day_that_is_not_meant_are_let_be() -> None:
    written, _ = checked(typed(week(mon=[("13:00", "17:00"), ("09:00", "12:00")])), is_team=False)
    assert written.hours == "mon 09:00-12:00 13:00-17:00"
    written, wrong = checked(typed(week(mon=[("09:00", "")]) | {"hours": ["always"]}), is_team=False)
    assert (written.hours, wrong) == ("", {})


def test_text_of_a_week_is_read_as_the_same_week() -> None:
    for hours in HOURS[1:]:
        assert week_text(parse(hours, "UTC", "").week) == hours


def test_the_zone_in_force_is_among_the_choices_whatever_it_is_called() -> None:
    assert zones("")[0] == "UTC"
    assert {"Europe/Berlin", "Asia/Shanghai"} <= set(zones(""))
    assert "CET" in zones("CET")
    assert not any(name.startswith(("posix/", "right/")) for name in zones(""))


def fullest() -> dict[str, list[str]]:
    """The form with the most that it takes: no two days alike, every holiday with the longest name."""
    spans = {
        day: [
            (clock_text(140 * n + shift), clock_text(140 * n + 60 + shift))
            for n in reversed(range(MOST_SPANS))
        ]
        for shift, day in enumerate(DAYS)
    }
    free = [(date(2026, 1, 1) + timedelta(days=n)).isoformat() for n in range(MOST_HOLIDAYS)]
    return week(**spans) | {"holiday_date": free, "holiday_name": ["x" * LONGEST_NAME] * MOST_HOLIDAYS}


def test_the_settings_take_whatever_the_form_takes() -> None:
    written, wrong = checked(typed(fullest()), is_team=False)
    assert wrong == {}
    hours, holidays = written.hours or "", written.holidays or ""
    assert len(hours) <= LONGEST_WEEK
    assert LONGEST_HOLIDAYS - len(", ") == len(holidays)
    base = StoreSettings(_env_file=None)
    for name, value in (("working_hours", hours), ("holidays", holidays)):
        assert getattr(overridden(base, name, value), name) == value
    for name, value in (("team_hours", hours), ("team_holidays", holidays)):
        assert getattr(overridden(base, name, {"night": value}), name) == {"night": value}
    more = fullest()
    more["holiday_date"].append("2027-01-01")
    assert checked(typed(more), is_team=False)[1] == {"holidays": "many"}
