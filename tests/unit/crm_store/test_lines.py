"""Who competes with whom: places in the lines of those who could take a customer, and how long a place takes."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.lines import Need, Paces, Staff, Standing, Waited, paces, places
from crm_store.queueing import Candidate

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
EN, ZH, NIGHT, REPAIR = Need(), Need("zh"), Need("en", "night"), Need("en", None, "repair")


def agent(number: int, languages: tuple[str, ...] = (), skills: tuple[str, ...] = ()) -> Candidate:
    return Candidate(number, 0, 5, languages, skills)


def staff(*agents: Candidate, there: Sequence[int] | None = None) -> Staff:
    """These, of whom all are there unless it is said."""
    return Staff(agents, frozenset(one.agent_id for one in agents) if there is None else frozenset(there))


def stand(queue: Sequence[Need], found: Staff) -> list[int]:
    """The places of these in their order."""
    return list(places(list(enumerate(queue)), found).values())


ANN, BO, CID = agent(1, ("en",)), agent(2, ("zh",)), agent(3)


@pytest.mark.parametrize(
    ("queue", "who", "expected"),
    [
        ((EN, ZH, EN), staff(), [1, 2, 3]),
        ((EN, ZH, EN), staff(CID), [1, 2, 3]),
        ((ZH, ZH, EN, ZH, EN), staff(ANN, BO), [1, 2, 1, 3, 2]),
        ((ZH, ZH, EN, ZH, EN), staff(ANN, BO, CID), [1, 2, 1, 3, 2]),
        ((ZH, ZH, EN), staff(ANN, BO, CID, there=[CID.agent_id]), [1, 2, 3]),
        ((ZH, ZH, EN), staff(ANN, BO, there=[BO.agent_id]), [1, 2, 1]),
        ((EN, EN, Need("fr")), staff(ANN, BO), [1, 2, 3]),
        ((EN, NIGHT, EN, NIGHT), staff(agent(1, (), ("day",)), agent(2, (), ("night",))), [1, 2, 2, 4]),
        ((EN, EN, REPAIR), staff(agent(1), agent(2, (), ("repair",))), [1, 2, 3]),
        ((REPAIR, REPAIR, EN), staff(agent(1), agent(2, (), ("repair",))), [1, 2, 1]),
        ((Need(kept_for=1), EN, Need(kept_for=1)), staff(CID, agent(1)), [1, 1, 3]),
    ],
)
def test_the_place_is_that_in_the_line_where_it_is_lowest(
    queue: tuple[Need, ...], who: Staff, expected: list[int]
) -> None:
    assert stand(queue, who) == expected


NEEDS = st.builds(
    Need,
    language=st.sampled_from(("en", "zh")),
    team=st.sampled_from((None, "day", "night")),
    skill=st.sampled_from((None, "repair")),
    kept_for=st.sampled_from((None, None, 1, 2)),
)
LANGUAGES = st.sampled_from(((), ("en",), ("zh",), ("en", "zh")))
SKILLS = st.sampled_from(((), ("day",), ("night",), ("night", "repair")))
AGENTS = st.lists(st.tuples(LANGUAGES, SKILLS), max_size=5)


@given(queue=st.lists(NEEDS, max_size=12), agents=AGENTS, there=st.sets(st.integers(1, 5)))
def test_places_are_those_of_the_sentence_that_explains_them(
    queue: list[Need], agents: list[tuple[tuple[str, ...], tuple[str, ...]]], there: set[int]
) -> None:
    """One by one: so many ahead, and they themselves, whom an agent who would serve them could take; the fewest."""
    who = Staff([agent(n, *knows) for n, knows in enumerate(agents, start=1)], there)
    able = [who.able(need) for need in queue]
    for n, place in enumerate(stand(queue, who)):
        servers = able[n] & there or able[n]
        lines = [sum(one in each for each in able[: n + 1]) for one in servers]
        assert place == min(lines, default=n + 1)


@given(queue=st.lists(NEEDS, max_size=12), agents=AGENTS, there=st.sets(st.integers(1, 4)))
def test_one_more_at_work_makes_no_place_worse_that_somebody_there_serves(
    queue: list[Need], agents: list[tuple[tuple[str, ...], tuple[str, ...]]], there: set[int]
) -> None:
    known = [agent(n, *knows) for n, knows in enumerate(agents, start=1)]
    before, after = Staff(known, there), Staff(known, there | {5})
    for need, then, now in zip(queue, stand(queue, before), stand(queue, after), strict=True):
        assert now <= then or not before.able(need) & there


def pace(waits: Sequence[Waited], least: int) -> timedelta | None:
    """Where everybody serves everybody."""
    return paces(waits, staff(), least).of(EN)


def waits(*spans: tuple[float, float | None], taken: bool = True) -> list[Waited]:
    """From so many minutes after noon until so many after it."""
    return [
        Waited(
            NOW + came * MINUTE,
            None if left is None else NOW + left * MINUTE,
            (left - came) * MINUTE if taken and left is not None else None,
        )
        for came, left in spans
    ]


def test_a_place_takes_what_it_took_those_who_began_at_one() -> None:
    """Ten come at once and one is taken every three minutes: who is the fourth may expect twelve."""
    rush = waits(*((n / 1000, 3 * n) for n in range(1, 11)))
    found = pace(rush, least=5)
    assert found is not None
    assert abs(found - 3 * MINUTE) < timedelta(seconds=1)
    alone = waits(*((100 * n, 100 * n + 7) for n in range(5)))
    assert pace(alone, least=5) == 7 * MINUTE


def test_who_gave_up_or_waits_still_was_before_the_others_but_tells_no_pace() -> None:
    there = [*waits((0, None)), *waits((0.5, 50), taken=False)]
    served = waits(*((10 * n, 10 * n + 6) for n in range(1, 5)))
    assert pace([*served, *there], least=4) == 2 * MINUTE
    assert pace([*served, *there], least=5) is None
    assert pace([], least=5) is None


def test_who_found_somebody_free_tells_nothing_of_the_wait_of_those_who_do_not() -> None:
    quiet = waits(*((20 * n, 20 * n + 0.1) for n in range(30)))
    assert pace(quiet, least=5) is None
    busy = waits(*((1000 + 20 * n, 1000 + 20 * n + 12) for n in range(5)))
    assert pace([*quiet, *busy], least=5) == 12 * MINUTE


def test_each_has_the_pace_of_those_who_serve_them() -> None:
    """Ann takes one every two minutes, Bo one every ten; who waits for the one is not in the way of the other."""
    many = [
        Waited(one.came_at, one.left_at, one.spent, need)
        for need, each in ((EN, 2), (ZH, 10))
        for one in waits(*((n / 1000, each * n) for n in range(1, 11)))
    ]
    found = paces(many, staff(ANN, BO), 5)
    told = [found.of(need) for need in (EN, ZH, NIGHT, Need("fr"))]
    assert [one and round(one / MINUTE) for one in told] == [2, 10, 2, None]
    together = paces(many, staff(CID), 5).of(EN)
    assert together is not None
    assert together == paces(many, staff(), 5).of(ZH)


def test_what_the_next_to_come_may_expect_is_the_longest_where_it_depends_on_who_comes() -> None:
    who = staff(ANN, BO)
    known = Paces(who, {frozenset({1}): 2 * MINUTE, frozenset({2}): 10 * MINUTE})
    standing = Standing([(7, EN), (8, ZH), (9, EN)], known, who)
    assert standing.told() == {7: (1, 2 * MINUTE), 8: (1, 10 * MINUTE), 9: (2, 4 * MINUTE)}
    assert standing.of_the_next() == 20 * MINUTE
    assert Standing([], known, who).of_the_next() == 2 * MINUTE
    assert Standing([(7, EN)], Paces(who), who).of_the_next() is None
