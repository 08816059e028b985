"""The steps of an end share one deadline."""

from bot.stopping import Deadline


class Steady:
    """A steady clock that is moved by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_what_one_step_used_the_next_has_not() -> None:
    steady = Steady()
    end = Deadline(3.5, steady)
    assert end.left(2.0) == 2.0
    steady.now += 2.0
    assert end.left(2.0) == 1.5
    assert end.left(2.0, kept=1.0) == 0.5
    steady.now += 2.0
    assert end.left(2.0) == 0.0


def test_what_is_kept_for_the_last_step_is_no_other_steps() -> None:
    end = Deadline(1.0, Steady())
    assert end.left(5.0, kept=1.0) == 0.0
    assert end.left(5.0) == 1.0
