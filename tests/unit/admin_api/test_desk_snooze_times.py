"""Times to come back at, in the reader's zone."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin_api.desk.case_acts import parsed_attributes
from admin_api.desk.snooze_times import presets, typed_time
from crm_store.errors import InvalidValue

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        # Friday at noon in Berlin; Monday is three days on.
        ("2026-03-06T11:00", {"hour": "12:00", "three_hours": "14:00", "evening": "17:00",
                              "tomorrow": "08:00", "monday": "08:00"}),
        # In the evening there is no evening to come.
        ("2026-03-06T16:30", {"hour": "17:30", "three_hours": "19:30", "tomorrow": "08:00", "monday": "08:00"}),
        # On the day before the clocks go on, nine in the morning is an hour earlier in UTC.
        ("2026-03-28T08:00", {"hour": "09:00", "three_hours": "11:00", "evening": "17:00",
                              "tomorrow": "07:00", "monday": "07:00"}),
        # On a Sunday tomorrow is Monday.
        ("2026-03-08T11:00", {"hour": "12:00", "three_hours": "14:00", "evening": "17:00", "tomorrow": "08:00"}),
    ],
)  # fmt: skip
def test_presets(now: str, expected: dict[str, str]) -> None:
    found = presets(datetime.fromisoformat(now).replace(tzinfo=UTC), BERLIN)
    assert {p.key: p.at.astimezone(UTC).strftime("%H:%M") for p in found} == expected


@given(st.integers(946_684_800, 4_102_444_800).map(lambda s: datetime.fromtimestamp(s, UTC)))
def test_what_is_offered_lies_ahead_within_eight_days(now: datetime) -> None:
    for preset in presets(now, BERLIN):
        assert 0 < (preset.at - now).total_seconds() < 8 * 86_400
        assert typed_time(preset.until, BERLIN) == preset.at


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2026-03-06T12:00", "2026-03-06T11:00+00:00"), ("2026-03-06T12:00:00Z", "2026-03-06T12:00+00:00")],
)
def test_a_typed_time_is_meant_here(text: str, expected: str) -> None:
    assert typed_time(text, BERLIN) == datetime.fromisoformat(expected)


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01T00:00", "0001-01-01T00:00", "9999-12-31T23:59"])
def test_what_is_no_time(text: str) -> None:
    with pytest.raises(InvalidValue):
        typed_time(text, BERLIN)


def test_attributes_are_read_line_by_line() -> None:
    assert parsed_attributes("size: XL\n\n 颜色：红 \nlink: http://a:1") == {
        "size": "XL", "颜色": "红", "link": "http://a:1",
    }  # fmt: skip
    with pytest.raises(InvalidValue, match="just words"):
        parsed_attributes("just words")
