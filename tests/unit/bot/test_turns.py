"""How many messages a line lets out: few while few wait, more the more there are."""

from datetime import UTC, datetime

import pytest

from bot.channels.base import Pace
from bot.pacing import Pacer
from bot.turns import FRESH, OPEN_AT_LEAST, Line, Recent
from crm_store.outbox import Claimed


def message(number: int) -> Claimed:
    return Claimed(
        number, 1, 1, f"telegram:{number}", "bot", "text", "hi", None, None, None, "en", 1, datetime.now(UTC)
    )


@pytest.mark.parametrize(
    ("came_at", "asked_at", "expected"),
    [
        ([], 5.0, 0),
        ([5.0, 5.1, 5.2], 5.3, 3),
        ([5.0] * 10, 6.5, 5),  # half of the last second was counted before
        ([5.0] * 10, 7.0, 0),
        ([5.0] * 10 + [6.0] * 4, 6.5, 9),
        ([5.0] * 10, 500.0, 0),
    ],
)
def test_recent_counts_about_one_second(came_at: list[float], asked_at: float, expected: float) -> None:
    recent = Recent()
    for at in came_at:
        recent.add(at)
    assert recent.count(asked_at) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("waiting", "let_out", "after_two_more"),
    # of 80 nine are out: an eighth of the 71 who wait is less than that
    [(3, 3, 3), (20, OPEN_AT_LEAST, OPEN_AT_LEAST + 2), (80, 9, 10), (1000, 111, 113)],
)
async def test_a_line_lets_out_an_eighth_of_those_who_wait(
    waiting: int, let_out: int, after_two_more: int
) -> None:
    started: list[int] = []
    line = Line(
        Pacer(Pace()),
        start=lambda one: started.append(one.id),
        turn_away=lambda _one, _delay: None,
        steady=lambda: 100.0,
    )
    for number in range(waiting):
        line.join(message(number), FRESH)
    assert started == list(range(let_out))
    line.close(started[:2])
    assert len(started) == after_two_more
