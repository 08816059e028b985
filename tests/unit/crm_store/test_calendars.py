"""How long somebody has waited by the calendars, and that ranks made of it order as the waits do."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.calendars import OPEN, Calendars
from crm_store.queueing import MAX_BONUS, MINUTE, Waiting, order, points_of, ranked_at, reasons

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
OFFICE = Calendars(
    "mon-fri 09:00-12:30 13:30-18:00",
    "Europe/Berlin",
    "2026-03-04",
    {"night": "mon-sun 22:00-06:00"},
    {"east": "Asia/Shanghai"},
    {"east": ""},
)
TEAMS = st.sampled_from([None, "night", "east", "unnamed"])
MOMENTS = st.integers(0, 60 * 24 * 60 * 60).map(lambda n: MONDAY + timedelta(seconds=n))


def test_only_minutes_in_which_people_are_there_count() -> None:
    begun = MONDAY + timedelta(hours=16, minutes=50)  # ten minutes before they go
    tuesday = MONDAY + timedelta(days=1, hours=8, minutes=5)
    assert OFFICE.waited(None, begun, tuesday) == 15 * MINUTE
    assert OFFICE.waited("night", begun, tuesday) == timedelta(hours=8)
    assert OFFICE.waited("unnamed", begun, tuesday) == 15 * MINUTE
    assert OPEN.waited(None, begun, tuesday) == tuesday - begun


@given(TEAMS, MOMENTS, MOMENTS)
def test_at_the_moment_it_is_reckoned_the_wait_is_what_people_were_there_for(
    team: str | None, since: datetime, as_of: datetime
) -> None:
    begins_at = OFFICE.counted_from(team, since, as_of)
    if since <= as_of:
        assert as_of - begins_at == OFFICE.waited(team, since, as_of)
    assert OPEN.counted_from(team, since, as_of) == since


@given(TEAMS, MOMENTS, MOMENTS, MOMENTS, MOMENTS)
def test_by_one_calendar_what_lies_between_two_is_the_same_whenever_they_are_reckoned(
    team: str | None, one: datetime, other: datetime, as_of: datetime, later: datetime
) -> None:
    apart = {
        OFFICE.counted_from(team, one, at) - OFFICE.counted_from(team, other, at) for at in (as_of, later)
    }
    assert len(apart) == 1


WAITERS = st.builds(
    Waiting,
    conversation_id=st.integers(1, 10**9),
    queued_at=MOMENTS,
    priority=st.integers(-2, 3),
    is_repeat=st.booleans(),
    value_index=st.none() | st.floats(0, 100),
    mood=st.floats(-1, 1),
    target=st.none() | st.integers(0, 500).map(lambda n: timedelta(minutes=n)),
    is_overdue=st.booleans(),
    skill=TEAMS,
)


def _counted(one: Waiting, as_of: datetime) -> Waiting:
    return replace(one, counted_from=OFFICE.counted_from(one.skill, one.queued_at, as_of))


@given(st.lists(WAITERS, max_size=12, unique_by=lambda each: each.conversation_id), st.integers(0, 10**5))
def test_the_order_is_that_of_the_points_as_they_are_told(queue: list[Waiting], seconds: int) -> None:
    """Whatever calendars they wait by."""
    now = max((one.queued_at for one in queue), default=MONDAY) + timedelta(seconds=seconds)
    places = order([_counted(one, now) for one in queue], now)
    for place in places:
        waited = OFFICE.waited(place.waiting.skill, place.waiting.queued_at, now)
        assert place.points == pytest.approx(points_of(waited, reasons(place.waiting)))
        assert place.why[0].points == waited // MINUTE
    points = [place.points for place in places]
    assert points == sorted(points, reverse=True)


@given(WAITERS, WAITERS, MOMENTS, MOMENTS)
def test_who_waited_the_bonuses_longer_goes_first_of_one_calendar_always_and_of_two_as_reckoned(
    newcomer: Waiting, patient: Waiting, as_of: datetime, later: datetime
) -> None:
    now = max(newcomer.queued_at, patient.queued_at, as_of)
    spans = [OFFICE.waited(one.skill, one.queued_at, now) for one in (patient, newcomer)]
    if spans[0] <= spans[1] + MAX_BONUS * MINUTE:
        return
    moments = {now, max(now, later)} if newcomer.skill == patient.skill else {now}
    for at in moments:
        first, second = (ranked_at(_counted(one, at).begins_at, reasons(one)) for one in (patient, newcomer))
        assert first < second
