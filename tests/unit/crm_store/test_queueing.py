"""The order of the queue and the choice of an agent."""

from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.queue_policies import parse_policy
from crm_store.queueing import (
    MAX_BONUS,
    MINUTE,
    PRIORITIES,
    Candidate,
    Reason,
    Waiting,
    choose,
    explained,
    order,
    points_at,
    ranked_at,
    reasons,
    skill_needed,
)

NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def waiting(number: int, minutes: float, **more: object) -> Waiting:
    return Waiting(number, NOW - timedelta(minutes=minutes), **more)  # type: ignore[arg-type]


def ids(queue: list[Waiting]) -> list[int]:
    return [place.waiting.conversation_id for place in order(queue, NOW)]


def test_who_waited_longest_is_next() -> None:
    assert ids([waiting(1, 5), waiting(2, 30), waiting(3, 12)]) == [2, 3, 1]


def test_who_came_first_is_next_among_equals() -> None:
    assert ids([waiting(2, 5), waiting(1, 5)]) == [1, 2]


def test_an_urgent_case_passes_those_who_have_waited_a_little_longer_and_says_so() -> None:
    places = order([waiting(1, 20), waiting(2, 2, priority=3)], NOW)
    assert [place.waiting.conversation_id for place in places] == [2, 1]
    assert places[0].why == (Reason("waiting", 2, 2), Reason("priority", 45, 3))
    assert places[0].position == 1


def test_the_points_are_the_sum_of_the_reasons() -> None:
    one = waiting(
        1, 10, priority=1, is_repeat=True, value_index=50.0, mood=-0.6, target=timedelta(minutes=15)
    )
    (place,) = order([one], NOW)
    assert [(why.reason, why.points) for why in place.why] == [
        ("waiting", 10), ("target", 45), ("priority", 15), ("mood", 6), ("repeat", 5), ("value", 5),
    ]  # fmt: skip
    assert place.points == sum(why.points for why in place.why) == 86


def test_it_is_said_whether_a_first_or_a_next_reply_is_promised() -> None:
    first = waiting(1, 3, target=timedelta(minutes=1), is_overdue=True)
    assert [(why.reason, why.points) for why in reasons(first)] == [("overdue", 30), ("target", 59)]
    assert [(why.reason, why.points) for why in reasons(replace(first, is_next=True))] == [
        ("overdue_next", 30), ("target_next", 59),
    ]  # fmt: skip


@pytest.mark.parametrize("is_next", [False, True])
def test_a_policy_weighs_a_promise_alike_whichever_reply_it_is_of(is_next: bool) -> None:
    one = waiting(1, 3, target=timedelta(minutes=1), is_overdue=True, is_next=is_next)
    weighed = parse_policy("overdue 2, target 0.5").weighed(reasons(one))
    assert [why.points for why in weighed] == [60, 30]
    assert parse_policy("first_come").weighed(reasons(one)) == ()


def test_what_tells_nothing_is_no_reason() -> None:
    assert reasons(waiting(1, 3, mood=0.8, value_index=0.0, target=timedelta(hours=8))) == ()


WAITERS = st.builds(
    Waiting,
    conversation_id=st.integers(1, 10**9),
    queued_at=st.integers(0, 10**12).map(lambda n: NOW - timedelta(microseconds=n)),
    priority=st.integers(-5, 5),
    is_repeat=st.booleans(),
    value_index=st.none() | st.floats(-10, 110),
    mood=st.floats(-1, 1),
    target=st.none() | st.integers(0, 10_000).map(lambda n: timedelta(minutes=n)),
    is_overdue=st.booleans(),
    is_next=st.booleans(),
)


@given(WAITERS, WAITERS, st.integers(-(10**12), 10**13))
def test_the_stored_order_is_the_order_by_points_at_any_time(
    one: Waiting, other: Waiting, later: int
) -> None:
    now = NOW + timedelta(microseconds=later)

    def exact(each: Waiting) -> timedelta:
        return (now - each.queued_at) + sum(why.points for why in reasons(each)) * timedelta(minutes=1)

    keys = [ranked_at(each.queued_at, reasons(each)) for each in (one, other)]
    assert (keys[0] < keys[1]) == (exact(one) > exact(other))
    assert points_at(keys[0], now) == exact(one) / timedelta(minutes=1)


@given(st.lists(WAITERS, max_size=20, unique_by=lambda each: each.conversation_id), st.integers(0, 10**13))
def test_nobody_changes_places_by_waiting_on(queue: list[Waiting], later: int) -> None:
    now = NOW + timedelta(microseconds=later)
    then = [place.waiting.conversation_id for place in order(queue, now)]
    assert then == [place.waiting.conversation_id for place in order(queue, NOW)]
    points = [place.points for place in order(queue, now)]
    assert points == sorted(points, reverse=True)


@given(WAITERS, WAITERS, st.integers(1, 10**9))
def test_nobody_starves_whoever_waited_the_bonuses_longer_goes_first(
    newcomer: Waiting, patient: Waiting, microseconds: int
) -> None:
    """Whatever comes later than MAX_BONUS minutes after somebody stands behind them: only so many can pass them."""
    late = patient.queued_at + timedelta(minutes=MAX_BONUS, microseconds=microseconds)
    latecomer = replace(newcomer, queued_at=late, conversation_id=patient.conversation_id + 1)
    assert ids([latecomer, patient])[0] == patient.conversation_id


@pytest.mark.parametrize("is_next", [False, True])
def test_the_bound_is_what_all_reasons_together_come_to(is_next: bool) -> None:
    most = waiting(1, 0, priority=max(PRIORITIES), is_repeat=True, value_index=100.0, mood=-1.0,
                   target=timedelta(), is_overdue=True, is_next=is_next)  # fmt: skip
    least = waiting(2, 0, priority=min(PRIORITIES))
    spread = [sum(why.points for why in reasons(each)) for each in (most, least)]
    assert spread[0] - spread[1] == MAX_BONUS


def test_what_was_stored_is_explained_as_it_was_weighed() -> None:
    one = waiting(1, 7, priority=-1, is_repeat=True)
    (place,) = order([one], NOW)
    stored = [asdict(why) for why in reasons(one)]
    assert explained(NOW - one.queued_at, stored) == place.why


@given(
    st.lists(st.tuples(st.integers(0, 500), st.sampled_from(list(PRIORITIES)), st.booleans()), max_size=30)
)
def test_everybody_has_one_place_whatever_order_they_are_given_in(rows: list[tuple[int, int, bool]]) -> None:
    queue = [waiting(n, m, priority=p, is_repeat=r) for n, (m, p, r) in enumerate(rows)]
    places = order(queue, NOW)
    assert [place.position for place in places] == list(range(1, len(rows) + 1))
    assert ids(queue) == ids(queue[::-1])
    assert sorted(ids(queue)) == list(range(len(rows)))


def agent(number: int, load: int = 0, **more: object) -> Candidate:
    return Candidate(number, load, more.pop("capacity", 5), **more)  # type: ignore[arg-type]


CONTRARY = (
    ("overdue", "overdue_next"),
    ("overdue", "target_next"),
    ("target", "target_next"),
    ("target", "overdue_next"),
    ("skill", "skill_open"),
)
"""Of these only one can be true at a time: one reply is owed, and a skill keeps others out or does not."""


@given(
    WAITERS,
    st.none() | st.just("returns"),
    st.none() | st.integers(-60, 60).map(lambda n: NOW + timedelta(minutes=n)),
    st.none() | st.integers(-60, 60).map(lambda n: NOW + timedelta(minutes=n)),
)
def test_reasons_that_stand_beside_each_other_can_all_be_true(
    one: Waiting, skill: str | None, until: datetime | None, kept_until: datetime | None
) -> None:
    stored = [asdict(why) for why in reasons(one)]
    told = [*explained(NOW - one.queued_at, stored), *skill_needed(skill, until, NOW, kept_until=kept_until)]
    named = [why.reason for why in told]
    assert len(set(named)) == len(named)
    assert not [pair for pair in CONTRARY if set(pair) <= set(named)]
    if kept_until is not None and kept_until > NOW:
        assert not {"skill", "skill_open"} & set(named), "it is kept for one person, whatever they know"
    assert sum(why.points for why in told) == int((NOW - one.queued_at) // MINUTE) + sum(
        why.points for why in reasons(one)
    )


def test_the_least_busy_agent_is_chosen() -> None:
    choice = choose(waiting(1, 1), [agent(1, 3), agent(2, 1), agent(3, 2)])
    assert choice is not None
    assert choice.agent_id == 2
    assert choice.why == ("holds 1 of 5",)


def test_the_agent_of_last_time_comes_before_the_least_busy() -> None:
    choice = choose(waiting(1, 1, last_agent_id=1), [agent(1, 4), agent(2, 0)])
    assert choice is not None
    assert choice.agent_id == 1
    assert "knows this customer" in choice.why[0]


def test_nobody_over_capacity_or_without_the_language_or_skill_is_chosen() -> None:
    full = agent(1, 5)
    speaks_english = agent(2, languages=("en",))
    cannot = agent(3, skills=("returns",))
    chinese = waiting(1, 1, language="zh", skill="payments")
    assert choose(chinese, [full, speaks_english, cannot]) is None
    choice = choose(
        chinese, [full, speaks_english, cannot, agent(4, 4, languages=("zh",), skills=("payments",))]
    )
    assert choice is not None
    assert choice.agent_id == 4
    assert choice.why == ("holds 4 of 5", "speaks zh", "has the skill payments")


def test_among_equals_the_one_who_was_idle_longest_is_chosen() -> None:
    early, late = NOW - timedelta(hours=1), NOW
    choice = choose(waiting(1, 1), [agent(1, idle_since=late), agent(2, idle_since=early)])
    assert choice is not None
    assert choice.agent_id == 2
