"""Why nobody takes somebody who waits: only what is certain."""

import pytest

from crm_store.lines import Need, Staff
from crm_store.queueing import Candidate
from crm_store.unserved import Why, why

ANN = Candidate(1, 0, 1)
BUSY = Candidate(1, 1, 1)
CHINESE = Candidate(2, 0, 1, ("zh",))
CHINESE_AT_WORK = Candidate(2, 1, 3, ("zh",))
ENGLISH = Candidate(3, 0, 1, ("en",))
ENGLISH_AT_WORK = Candidate(3, 1, 3, ("en",))
RETURNS = Candidate(4, 0, 1, (), ("returns",))
CASES: dict[str, tuple[list[Candidate], set[int], Need, Why]] = {
    "who is busy is there, and somebody at work who is not online has room": (
        [BUSY, ENGLISH_AT_WORK],
        {1},
        Need("en"),
        Why.NOT_KNOWN,
    ),
    "somebody is free": ([ANN, CHINESE], {1, 2}, Need("en"), Why.NOT_KNOWN),
    "nobody says that they are there": ([CHINESE], set(), Need("en"), Why.NOT_KNOWN),
    "there is no staff": ([], set(), Need("en"), Why.NOT_KNOWN),
    "who is there speaks another language": ([CHINESE, ENGLISH], {2}, Need("en"), Why.LANGUAGE),
    "nobody at all speaks it": ([CHINESE], {2}, Need("en"), Why.LANGUAGE),
    "who speaks it is at work, though not online": (
        [CHINESE, ENGLISH_AT_WORK],
        {2},
        Need("en"),
        Why.NOT_KNOWN,
    ),
    "who is there serves another team": ([RETURNS], {4}, Need("en", "billing"), Why.SKILL),
    "who is there lacks the skill": ([ANN], {1}, Need("en", None, "returns"), Why.SKILL),
    "neither language nor team": ([CHINESE, RETURNS], {2}, Need("en", "billing"), Why.LANGUAGE),
    "all who are there are full": ([BUSY, ENGLISH], {1}, Need("en"), Why.BUSY),
    "one of them has room": ([BUSY, CHINESE_AT_WORK], {1, 2}, Need("zh"), Why.NOT_KNOWN),
    "who has room does not speak it": ([BUSY, CHINESE], {1, 2}, Need("en"), Why.BUSY),
    "it is kept for one of them": ([BUSY], {1}, Need("en", kept_for=1), Why.NOT_KNOWN),
}


@pytest.mark.parametrize("case", CASES)
def test_only_what_is_certain(case: str) -> None:
    agents, there, need, expected = CASES[case]
    assert why(Staff(agents, frozenset(there)), need) is expected


@pytest.mark.parametrize(
    ("agents", "there", "need", "expected"),
    [
        ([CHINESE, ENGLISH], 2, Need("en"), Why.NOT_KNOWN),
        ([CHINESE, ENGLISH], 2, Need("fr"), Why.LANGUAGE),
        ([RETURNS, Candidate(3, 0, 1, (), ("billing",))], 4, Need("en", "billing"), Why.NOT_KNOWN),
        ([BUSY, ENGLISH], 1, Need("en"), Why.NOT_KNOWN),
        ([BUSY, Candidate(3, 1, 1)], 1, Need("en"), Why.BUSY),
    ],
)
def test_who_never_says_where_they_are_may_be_there(
    agents: list[Candidate], there: int, need: Need, expected: Why
) -> None:
    """The third never does, and is certain not to be there where they could not take it anyway."""
    assert why(Staff(agents, frozenset({there}), frozenset({3})), need) is expected
