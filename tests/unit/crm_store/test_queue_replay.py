"""Replays of the queue: deterministic, as the queue itself orders, and nobody starves."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store import queueing
from crm_store.errors import InvalidValue
from crm_store.queue_policies import FIRST_COME, MOST_FACTOR, PRESENT, REASONS, STANDARD, Policy, parse_policy
from crm_store.queue_replay import (
    Owed,
    Turn,
    Wait,
    as_it_was,
    changes,
    compare,
    figures,
    replay,
)
from crm_store.queueing import MAX_BONUS, MINUTE, Candidate, Waiting
from crm_store.working_hours import WorkingHours, parse

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANYBODY = Candidate(1, 0, 5)
FIFO, AS_NOW = parse_policy(FIRST_COME), parse_policy(PRESENT)


def wait(
    number: int, minute: float, *, left: float | None = None, target: timedelta | None = None, **about: object
) -> Wait:
    at = NOON + minute * MINUTE
    owed = None if target is None else Owed(at, target, at + target)
    waiting = Waiting(conversation_id=number, queued_at=at, **about)  # type: ignore[arg-type]
    return Wait(number, waiting, at, None, NOON + left * MINUTE if left is not None else None, owed)


def turn(minute: float, number: int = 0, agent: Candidate = ANYBODY) -> Turn:
    return Turn(NOON + minute * MINUTE, agent, number)


UNTIL = NOON + timedelta(days=1)


@st.composite
def mornings(draw: st.DrawFn) -> tuple[list[Wait], list[Turn]]:
    """Whoever came, and when agents took."""
    waits = [
        wait(
            number,
            draw(st.integers(0, 300)),
            left=draw(st.none() | st.integers(300, 600)),
            priority=draw(st.integers(-2, 3)),
            is_repeat=draw(st.booleans()),
            value_index=draw(st.none() | st.floats(0, 100)),
            mood=draw(st.floats(-1, 1)),
            target=draw(st.none() | st.integers(1, 120).map(lambda minutes: minutes * MINUTE)),
            language=draw(st.sampled_from(("en", "zh"))),
        )
        for number in range(1, draw(st.integers(1, 12)) + 1)
    ]
    agents = (ANYBODY, Candidate(2, 0, 5, ("en",)))
    turns = [
        turn(draw(st.integers(0, 700)), number, draw(st.sampled_from(agents)))
        for number in range(1, draw(st.integers(0, 12)) + 1)
    ]
    return waits, turns


POLICIES = st.dictionaries(st.sampled_from(REASONS), st.floats(0, MOST_FACTOR)).map(
    lambda factors: Policy("some", factors)
)


@given(morning=mornings(), policy=POLICIES, seed=st.integers())
def test_it_is_the_same_in_whatever_order_it_is_given(
    morning: tuple[list[Wait], list[Turn]], policy: Policy, seed: int
) -> None:
    waits, turns = morning
    first = replay(waits, turns, policy, UNTIL)
    Random(seed).shuffle(waits)
    Random(seed).shuffle(turns)
    assert replay(waits, turns, policy, UNTIL) == first


@given(morning=mornings())
def test_the_same_policy_changes_nobody(morning: tuple[list[Wait], list[Turn]]) -> None:
    found = compare(*morning, (AS_NOW, Policy("again", dict.fromkeys(REASONS, 1.0))), UNTIL)
    assert found.changes == []
    assert found.before == found.after


@given(morning=mornings(), policy=POLICIES)
def test_a_turn_takes_one_at_most_and_nobody_before_they_came(
    morning: tuple[list[Wait], list[Turn]], policy: Policy
) -> None:
    waits, turns = morning
    found = replay(waits, turns, policy, UNTIL)
    taken = [one for one in waits if found[one.handoff_id].is_taken]
    assert len(taken) <= len(turns)
    moments = [one.at for one in turns]
    for one in taken:
        at = one.entered_at + found[one.handoff_id].wait
        assert at in moments
        assert one.left_at is None or at <= one.left_at


@given(morning=mornings())
def test_without_turns_out_of_line_it_takes_as_the_queue_does(
    morning: tuple[list[Wait], list[Turn]],
) -> None:
    """Everybody is there and nothing is due: one after another in the order of `queueing.order`."""
    waits = [
        wait(one.handoff_id, 0, priority=one.waiting.priority, mood=one.waiting.mood) for one in morning[0]
    ]
    turns = [turn(1 + n) for n in range(len(waits))]
    found = replay(waits, turns, AS_NOW, UNTIL)
    in_turn = sorted(found, key=lambda number: found[number].wait)
    assert in_turn == [
        place.waiting.conversation_id for place in queueing.order([w.waiting for w in waits], NOON)
    ]


@given(policy=POLICIES, others=st.integers(1, 20))
def test_nobody_starves_under_any_policy(policy: Policy, others: int) -> None:
    """Who has waited MOST_FACTOR * MAX_BONUS minutes longer is taken before everybody who came since."""
    patient = wait(1, 0, priority=min(queueing.PRIORITIES))
    late = MOST_FACTOR * MAX_BONUS + 1
    dear = [
        wait(2 + n, late, priority=3, is_repeat=True, value_index=100.0, mood=-1.0, target=timedelta(0))
        for n in range(others)
    ]
    found = replay([patient, *dear], [turn(late + 1)], policy, NOON + timedelta(days=30))
    assert [number for number, outcome in found.items() if outcome.is_taken] == [1]


def test_a_policy_decides_who_is_taken_and_tells_for_whom_it_changes() -> None:
    first, urgent = wait(1, 0), wait(2, 5, priority=3, target=10 * MINUTE)
    turns = [turn(10), turn(30)]
    found = compare([first, urgent], turns, (FIFO, AS_NOW), UNTIL)
    assert (found.before.kept_share, found.after.kept_share) == (0.0, 1.0)
    assert [(one.conversation_id, one.before, one.after) for one in found.changes] == [
        (1, 600.0, 1800.0),
        (2, 1500.0, 300.0),
    ]
    assert {one.reason: (one.before, one.after) for one in found.groups} == {
        "priority": (1500.0, 300.0),
        "target": (1500.0, 300.0),
        "none": (600.0, 1800.0),
    }


def test_who_left_is_not_taken_and_an_agent_takes_whom_they_can_serve() -> None:
    gone, foreign = wait(1, 0, left=5), wait(2, 1, language="zh")
    english = Candidate(2, 0, 5, ("en",))
    found = replay([gone, foreign], [turn(10, 1, english)], AS_NOW, UNTIL)
    assert [one.is_taken for one in found.values()] == [False, False]
    assert found[1].wait == 5 * MINUTE
    assert replay([foreign], [turn(10, 2, english)], AS_NOW, UNTIL)[2].is_taken  # as it really was


def test_figures_of_a_worked_example() -> None:
    waits = [wait(n, 0, target=8 * MINUTE) for n in range(1, 11)]
    turns = [turn(n) for n in range(1, 11)]
    told = figures(waits, replay(waits, turns, AS_NOW, UNTIL))
    assert (told.median, told.p90, told.longest) == (330.0, 540.0, 600.0)
    assert (told.promised, told.kept_share) == (10, 0.8)
    empty = figures([], {})
    assert (empty.waited, empty.median, empty.longest, empty.kept_share) == (0, None, None, None)


def test_overdue_counts_from_the_moment_it_is() -> None:
    early, promised = wait(1, 0), wait(2, 20, target=60 * MINUTE)
    only_overdue = parse_policy("target 0, overdue 1")
    assert replay([early, promised], [turn(70)], only_overdue, UNTIL)[1].is_taken
    assert replay([early, promised], [turn(81)], only_overdue, UNTIL)[2].is_taken


@pytest.mark.parametrize(("minute", "first"), [(24, 1), (26, 2), (34, 2), (36, 2)])
def test_a_next_reply_counts_from_when_it_is_owed_as_in_the_queue(minute: float, first: int) -> None:
    """By the queue's own order at that moment: before, while it is owed, and overdue."""
    early, served = (
        wait(1, 0),
        replace(wait(2, 20), owed=Owed(NOON + 25 * MINUTE, 10 * MINUTE, NOON + 35 * MINUTE, True)),
    )
    now = NOON + minute * MINUTE
    live = [early.waiting, served.waiting]
    if minute > 25:
        live[1] = replace(live[1], target=10 * MINUTE, is_next=True, is_overdue=minute > 35)
    assert queueing.order(live, now)[0].waiting.conversation_id == first
    assert replay([early, served], [turn(minute)], AS_NOW, UNTIL)[first].is_taken


def test_what_was_not_changed_is_as_it_was() -> None:
    one = wait(1, 0)
    stored = as_it_was([Wait(1, one.waiting, one.entered_at, NOON + 4 * MINUTE, None)], UNTIL)
    assert (stored[1].wait, stored[1].is_taken) == (4 * MINUTE, True)
    assert changes([one], stored, stored) == []


@pytest.mark.parametrize(
    "text", ["speed 2", "priority", "priority -1", "priority 11", "priority nan", "mood x"]
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="first_come"):
        parse_policy(text)


def test_policies_are_written_as_factors() -> None:
    assert parse_policy("priority 2, mood 0").factors == {"priority": 2.0, "mood": 0.0}
    assert parse_policy("").name == PRESENT
    assert FIFO.factor("value") == 0.0


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", STANDARD),
        ("present", STANDARD),
        ("priority 1, mood 1.0", STANDARD),
        (FIRST_COME, FIRST_COME),
        (", ".join(f"{reason} 0" for reason in REASONS), FIRST_COME),
        ("mood 0,  priority 2.50", "priority 2.5, mood 0"),
    ],
)
def test_policies_that_weigh_alike_are_written_alike(text: str, written: str) -> None:
    found = parse_policy(text)
    assert found.written() == written
    assert parse_policy(written).written() == written


def test_the_present_policy_is_the_one_given() -> None:
    assert parse_policy("present", present=FIFO).written() == FIRST_COME
    assert parse_policy("standard", present=FIFO).written() == STANDARD


@given(st.dictionaries(st.sampled_from(REASONS), st.floats(0, MOST_FACTOR)))
def test_under_every_policy_whoever_waited_long_enough_goes_first(factors: dict[str, float]) -> None:
    policy = Policy("any", factors)
    first = Waiting(1, NOON, priority=-2)
    favoured = Waiting(
        2,
        NOON + (MOST_FACTOR * MAX_BONUS + 1) * MINUTE,
        priority=3,
        is_repeat=True,
        value_index=100.0,
        mood=-1.0,
        target=timedelta(0),
        is_overdue=True,
    )
    keys = [
        queueing.ranked_at(one.queued_at, policy.weighed(queueing.reasons(one))) for one in (first, favoured)
    ]
    assert keys[0] < keys[1]


DAY_TEAM, NIGHT_TEAM = parse("mon-sun 09:00-18:00", "UTC", ""), parse("mon-sun 18:00-09:00", "UTC", "")


def within(hours: WorkingHours, one: Wait) -> Wait:
    """The same, of people who keep these hours."""
    since = one.waiting.queued_at
    counted_from = UNTIL - hours.open_time(since, UNTIL)
    return replace(one, waiting=replace(one.waiting, counted_from=counted_from), hours=hours)


def test_a_night_counts_for_nobody_whose_people_were_away() -> None:
    """Asked ten minutes before they went; in the morning what is urgent goes first, as it does in the queue."""
    late, early = wait(1, 350), wait(2, 60 * 21, priority=1)
    turns = [turn(60 * 21 + 1), turn(60 * 21 + 3)]
    assert taken_first([late, early], turns) == 1
    waits = [within(DAY_TEAM, one) for one in (late, early)]
    assert taken_first(waits, turns) == 2
    outcomes = replay(waits, turns, AS_NOW, UNTIL)
    assert {number: one.wait for number, one in outcomes.items()} == {1: 13 * MINUTE, 2: MINUTE}
    assert [one.ended_at for one in outcomes.values()] == [each.at for each in reversed(turns)]


@pytest.mark.parametrize(("minute", "first"), [(390, 1), (410, 1), (430, 2), (60 * 20, 2)])
def test_at_each_turn_as_long_as_each_has_waited_by_then(minute: float, first: int) -> None:
    """One was waited for by day, for an hour; for the other the night begins at 18:00, which is minute 360."""
    waits = [within(DAY_TEAM, wait(1, 300)), within(NIGHT_TEAM, wait(2, 350))]
    assert taken_first(waits, [turn(minute)]) == first


def taken_first(waits: list[Wait], turns: list[Turn]) -> int:
    outcomes = replay(waits, turns, AS_NOW, UNTIL)
    return min((one.ended_at, number) for number, one in outcomes.items() if one.is_taken)[1]
