"""The judge of the kill trials: it sees what is lost, doubled and out of order, and who is to blame for a repeat."""

import pytest

from benchmarks.kills.lanes import Row, compare
from benchmarks.kills.verdict import DUPLICATED, LOST, OUT_OF_ORDER, Verdict
from benchmarks.kills.witness import Arrival
from tests.botapi.world import Post

CHAT = 5
ROWS = (Row(1, "one", "sent", False), Row(2, "two", "sent", False), Row(3, "three", "sent", True))


def arrival(row: int, life: int = 0, *, named: bool = True, doubtful: bool = False) -> Arrival:
    words = {one.id: one.text for one in ROWS}
    buttons = (f"{row}:0",) if named else ()
    return Arrival(Post(CHAT, 1, {}, True, 0.0), words.get(row, "strange"), buttons, life, doubtful)


def verdict_on(*arrivals: Arrival, rows: tuple[Row, ...] = ROWS) -> Verdict:
    verdict = Verdict()
    compare(verdict, CHAT, rows, arrivals)
    return verdict


def kinds(verdict: Verdict) -> list[str]:
    return sorted(kind for kind, _ in verdict.breaks)


@pytest.mark.parametrize("named", [True, False])
def test_all_in_order_is_nothing(named: bool) -> None:
    verdict = verdict_on(*(arrival(n, named=named) for n in (1, 2, 3)))
    assert (verdict.breaks, verdict.extra, verdict.given_up) == ([], 0, 0)


@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ((1, 3), [LOST]),
        ((2, 1, 3), [OUT_OF_ORDER]),
        ((1, 2, 3, 9), [DUPLICATED]),
        ((), [LOST, LOST, LOST]),
    ],
)
def test_breaks_are_seen(named: bool, rows: tuple[int, ...], found: list[str]) -> None:
    assert kinds(verdict_on(*(arrival(n, named=named) for n in rows))) == found


def test_a_repeat_is_blamed_on_the_kill_before_it() -> None:
    verdict = verdict_on(arrival(1, 4), arrival(1, 6), arrival(1, 7), arrival(2, 7), arrival(3, 7))
    assert verdict.by_kill == {(4, "chat 5"): 1, (6, "chat 5"): 1}
    assert not verdict.breaks


def test_a_repeat_is_blamed_on_the_fault_that_left_it_in_doubt() -> None:
    verdict = verdict_on(arrival(1, 4, doubtful=True), arrival(1, 6), arrival(2, 6), arrival(3, 6))
    assert (verdict.after_faults, verdict.extra, verdict.breaks) == (1, 0, [])


def test_a_repeat_without_either_is_a_break() -> None:
    verdict = verdict_on(arrival(1), arrival(1), arrival(2), arrival(3))
    assert (verdict.unexplained, kinds(verdict)) == (1, [DUPLICATED])


def test_what_must_not_come_twice_is_a_break_whoever_is_to_blame() -> None:
    verdict = verdict_on(arrival(1), arrival(2), arrival(3), arrival(3, 1))
    assert kinds(verdict) == [DUPLICATED]


def test_what_stayed_in_doubt_is_given_up_and_what_is_still_waiting_is_lost() -> None:
    rows = (
        Row(1, "one", "ambiguous", False),
        Row(2, "two", "pending", False),
        Row(3, "three", "dead", False),
    )
    verdict = verdict_on(rows=rows)
    assert (verdict.given_up, kinds(verdict)) == (1, [LOST, LOST])


def test_a_repeat_in_the_same_life_is_excused_only_where_the_answer_came_too_late() -> None:
    late, once_more = arrival(1, 4), arrival(1, 4)
    rest = (arrival(2, 4), arrival(3, 4))
    assert verdict_on(late, once_more, *rest).unexplained == 1
    late.answer.is_late = True
    assert (verdict_on(late, once_more, *rest).after_faults, verdict_on(late, once_more, *rest).breaks) == (
        1,
        [],
    )
    assert verdict_on(late, arrival(1, 5), *rest).extra == 1  # that one is the kill's
