"""The order of the queue and the choice of an agent."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from crm_store.queueing import MAX_BONUS, PRIORITIES, Candidate, Waiting, choose, order

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
    assert places[0].why == ("waiting 2 min (+2)", "priority +3 (+45)")
    assert places[0].position == 1


def test_the_points_are_the_sum_of_the_reasons() -> None:
    (place,) = order([waiting(1, 10, priority=1, is_repeat=True, value_index=50.0)], NOW)
    assert place.points == 10 + 15 + 5 + 5
    assert len(place.why) == 4


@given(
    st.integers(1, 10_000),
    st.sampled_from(list(PRIORITIES)),
    st.booleans(),
    st.none() | st.floats(0, 100),
)
def test_nobody_starves_whoever_waited_the_bonuses_longer_goes_first(
    minutes: int, priority: int, repeat: bool, value: float | None
) -> None:
    newcomer = waiting(1, minutes, priority=priority, is_repeat=repeat, value_index=value)
    oldest = waiting(2, minutes + MAX_BONUS + 1, priority=min(PRIORITIES))
    assert ids([newcomer, oldest])[0] == 2


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
