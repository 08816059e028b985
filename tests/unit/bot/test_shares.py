"""Shares of channels in the outbox, and who leaves a line next."""

from collections.abc import Iterable

import pytest

from bot.channels.base import Pace
from bot.pacing import Pacer
from bot.shares import AWAY_S, DOUBTS, IN_FLIGHT, STUMBLES_S, Order, Share, orders, share
from bot.turns import FRESH, LEFT, Line
from crm_store.outbox import Claimed
from tests.house import NOON


def message(number: int) -> Claimed:
    return Claimed(number, 1, 1, f"web:{number}", "bot", "text", "hi", None, None, None, "en", 1, NOON)


@pytest.mark.parametrize(
    ("pace", "limit"), [(Pace(), IN_FLIGHT), (Pace(30), IN_FLIGHT), (Pace(2), 40), (Pace(0.01), 1)]
)
def test_no_more_is_claimed_than_leaves_in_time(pace: Pace, limit: int) -> None:
    assert share(pace).limit == limit


def test_while_there_is_a_backlog_some_places_are_kept_for_fresh_answers() -> None:
    telegram = Share(100, own=set(range(100)))
    assert (telegram.places(), telegram.claimable()) == (25, 0)
    telegram.own |= set(range(200, 220))
    telegram.fresh |= set(range(200, 220))
    assert telegram.places() == 5
    telegram.settle(range(200, 220))
    assert telegram.places() == 25
    telegram.has_backlog = False
    assert telegram.places() == 0
    telegram.settle(range(40))
    assert (telegram.places(), telegram.claimable()) == (40, 40)


def test_a_channel_that_is_away_is_tried_with_one_at_a_time() -> None:
    telegram = Share(100)
    assert [telegram.failed(7) for _ in range(len(AWAY_S) + 2)] == [*AWAY_S, *[AWAY_S[-1]] * 2]
    assert (telegram.places(), telegram.claimable()) == (0, 1)
    telegram.own.add(1)
    assert telegram.claimable() == 0
    telegram.arrived()
    telegram.settle([1])
    assert telegram.claimable() == 100


def test_a_message_that_fails_while_others_arrive_waits_alone_and_ever_longer() -> None:
    telegram = Share(100)
    assert telegram.stumbled(7) is None  # the platform may be away
    telegram.failed(7)
    assert telegram.stumbled(8) is None
    assert [order.after for order in orders({"telegram": telegram}, ["telegram"])] == [7]
    telegram.failed(8)
    waits = []
    for _ in range(len(STUMBLES_S) + 1):
        telegram.arrived()
        waits.append(telegram.stumbled(7))
    assert waits == [*STUMBLES_S, STUMBLES_S[-1]]
    assert telegram.stumbled(8) is None
    assert [order.after for order in orders({"telegram": telegram}, ["telegram"])] == [0]


def test_a_few_doubts_in_a_row_are_the_platforms_fault() -> None:
    telegram = Share(100)
    assert [telegram.doubted() for _ in range(DOUBTS)] == [False] * (DOUBTS - 1) + [True]
    telegram.arrived()
    assert telegram.doubted() is False


def test_albums_count_as_their_parts() -> None:
    telegram = Share(100)
    assert telegram.claimable() == 100
    weights = [10] * 100
    count = telegram.fitting(weights)
    assert count == 10
    for number in range(count):
        telegram.take(number, 10)
    assert (telegram.load, telegram.claimable(), telegram.places()) == (100, 0, 25)
    telegram.settle(range(3))
    assert (telegram.load, telegram.claimable()) == (70, int(30 / 5.5))
    assert telegram.fitting([10] * 5) == 3
    telegram.settle(range(10))
    assert (telegram.load, telegram.extra) == (0, {})
    telegram.fitting([1] * 20)
    telegram.has_backlog = False
    telegram.take(11, 10)
    telegram.fresh.add(11)
    assert telegram.places() == 90


def test_what_is_more_than_the_whole_share_goes_alone() -> None:
    telegram = Share(4)
    assert telegram.fitting([10, 1]) == 1
    telegram.take(1, 10)
    assert (telegram.claimable(), telegram.fitting([1])) == (0, 0)
    telegram.settle([1])
    assert telegram.claimable() >= 1


QUIET = {"has_backlog": False}


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ({"a": QUIET, "b": QUIET}, [Order(("a", "b"), 100)]),
        ({"a": {}, "b": QUIET}, [Order(("a",), 100), Order(("b",), 100, is_small=True)]),
        ({"a": {"failures": 1}, "b": QUIET}, [Order(("a",), 1), Order(("b",), 100, is_small=True)]),
        ({"a": {"own": set(range(99))}, "b": QUIET}, [Order(("b",), 100, is_small=True)]),
        ({"a": {"failures": 1, "own": {1}}, "b": {}}, [Order(("b",), 100)]),
    ],
)
def test_no_channel_takes_from_another(shares: dict[str, dict[str, object]], expected: list[Order]) -> None:
    made = {name: Share(100, **values) for name, values in shares.items()}  # type: ignore[arg-type]
    assert orders(made, made) == expected
    assert orders(made, []) == []


async def test_fresh_answers_and_the_backlog_leave_in_turns() -> None:
    left: list[int] = []
    now = [0.0]

    def start(one: Claimed) -> None:
        left.append(one.id)

    line = Line(Pacer(Pace(overall_per_s=1)), start=start, turn_away=lambda *_: None, steady=lambda: now[0])

    def join(numbers: Iterable[int], side: int) -> None:
        for number in numbers:
            line.join(message(number), side)

    join(range(1, 6), LEFT)
    join(range(11, 14), FRESH)
    for _ in range(8):
        now[0] += 1.1
        line.close(left)
    assert left == [1, 11, 2, 12, 3, 13, 4, 5]
    line.send_home()
