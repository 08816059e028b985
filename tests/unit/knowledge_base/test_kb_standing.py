"""An article answers alone until people say that it does not help."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.standing import FLOOR, listed_only, standing_of


@pytest.mark.parametrize(
    ("helped", "not_helped", "alone"),
    [
        (0, 0, True),
        (0, 1, True),
        (0, 2, False),
        (2, 2, True),
        (20, 12, True),
        (10, 10, False),
        (500, 450, True),
    ],
)
def test_the_right_to_answer_alone(helped: int, not_helped: int, alone: bool) -> None:
    assert standing_of(helped, not_helped).answers_alone is alone


@given(st.integers(0, 200), st.integers(0, 200))
def test_a_yes_never_harms_and_a_no_never_helps(helped: int, not_helped: int) -> None:
    here = standing_of(helped, not_helped).lowest
    assert standing_of(helped + 1, not_helped).lowest > here > standing_of(helped, not_helped + 1).lowest


@given(st.integers(0, 1000), st.integers(0, 1))
def test_who_got_one_no_at_most_answers(helped: int, not_helped: int) -> None:
    assert standing_of(helped, not_helped).lowest >= FLOOR
    assert listed_only([(("a", "en"), helped, not_helped)]) == frozenset()


def test_the_names_of_those_that_are_only_listed() -> None:
    taps = [(("good", "en"), 9, 2), (("bad", "en"), 0, 3), (("bad", "zh"), 8, 3)]
    assert listed_only(taps) == {("bad", "en")}
