"""Response targets: who is promised what, and when the clocks run and stand still."""

from datetime import UTC, datetime, timedelta

import pytest

from crm_store.errors import InvalidValue
from crm_store.lifecycle import Change, Status, next_status
from crm_store.targets import UNDONE, Clock, Kind, Moved, clocks, parse_targets
from crm_store.working_hours import ALWAYS, parse

MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
RULES = (
    "first 30m, next 1h, resolution 2d; priority 2: first 10m; segment Big spenders: first 15m, resolution 1d"
)


@pytest.mark.parametrize(("priority", "segment", "first", "resolution"), [
    (0, None, 30, 2880), (1, "Loyal", 30, 2880), (2, None, 10, 2880), (3, "Loyal", 10, 2880),
    (0, "Big spenders", 15, 1440), (3, "big SPENDERS", 10, 1440),
])  # fmt: skip
def test_the_shortest_that_applies_is_promised(
    priority: int, segment: str | None, first: int, resolution: int
) -> None:
    told = parse_targets(RULES).of(priority, segment)
    assert told == {Kind.FIRST: first * MINUTE, Kind.NEXT: HOUR, Kind.RESOLUTION: resolution * MINUTE}


def test_nothing_is_promised_where_nothing_is_said() -> None:
    assert parse_targets("").of(3, "Loyal") == {}
    assert parse_targets("priority 1: next 5m").of(0, None) == {}


@pytest.mark.parametrize(("rules", "told"), [
    ("soon", "'soon' is no target; write it like"),
    ("first 0m", "'first 0m' is no target"),
    ("first 30", "'first 30' is no target"),
    ("priority 9: first 3m", "'priority 9' names no priority"),
    ("customers: first 3m", "'customers' names no priority"),
])  # fmt: skip
def test_what_cannot_be_read_says_how_to_write_it(rules: str, told: str) -> None:
    with pytest.raises(InvalidValue, match=told):
        parse_targets(rules)


def tale(
    *steps: tuple[float, Change], said: tuple[float, ...] = (), undone: float | None = None
) -> list[Clock]:
    """The clocks after these changes and words, each so many minutes after the Monday's nine."""
    at, moves = Status.BOT, []
    for minutes, change in steps:
        after = next_status(at, change)
        reason = UNDONE if minutes == undone else None
        moves.append(Moved(change, at, after, MONDAY + minutes * MINUTE, reason))
        at = after
    return clocks(moves, [MONDAY + minutes * MINUTE for minutes in said])


def spent(clock: Clock, minutes: float = 1000) -> float:
    return clock.spent(ALWAYS, MONDAY + minutes * MINUTE) / MINUTE


def test_the_first_reply_counts_from_the_queue_to_the_reply() -> None:
    first, resolution = tale((0, Change.HANDOFF), (5, Change.TAKE), (12, Change.REPLY))
    assert (first.kind, spent(first), first.ended_at) == (Kind.FIRST, 12, MONDAY + 12 * MINUTE)
    assert (resolution.kind, spent(resolution), resolution.ended_at) == (Kind.RESOLUTION, 12, None)


def test_the_customer_who_is_waited_for_stops_the_clock() -> None:
    _, resolution, following = tale(
        (0, Change.HANDOFF), (2, Change.TAKE), (10, Change.REPLY),
        (500, Change.CUSTOMER_SAYS), (507, Change.REPLY), (900, Change.RESOLVE),
    )  # fmt: skip
    assert (following.kind, spent(following)) == (Kind.NEXT, 7)
    assert (spent(resolution), resolution.ended_at) == (17, MONDAY + 900 * MINUTE)


def test_a_release_does_not_begin_the_first_reply_anew() -> None:
    first, _ = tale((0, Change.HANDOFF), (2, Change.TAKE), (20, Change.RELEASE), (30, Change.TAKE))
    assert spent(first, 40) == 40


def test_a_snooze_stands_still() -> None:
    first, resolution = tale((0, Change.HANDOFF), (5, Change.SNOOZE), (100, Change.WAKE))
    assert (spent(first, 110), spent(resolution, 110)) == (15, 15)


def test_a_reply_that_was_taken_back_was_none() -> None:
    first, _ = tale((0, Change.HANDOFF), (1, Change.TAKE), (5, Change.REPLY), (6, Change.TAKE_BACK))
    assert (first.ended_at, spent(first, 30)) == (None, 30)


def test_who_no_longer_wants_to_wait_is_owed_nothing() -> None:
    assert all(clock.is_void for clock in tale((0, Change.HANDOFF), (5, Change.CANCEL)))


@pytest.mark.parametrize(
    "before", [(), ((3, Change.TAKE),), ((3, Change.TAKE), (4, Change.REPLY), (5, Change.TAKE_BACK))]
)
def test_what_is_closed_without_a_word_was_not_served(before: tuple[tuple[float, Change], ...]) -> None:
    assert all(one.is_void for one in tale((0, Change.HANDOFF), *before, (9, Change.RESOLVE)))


def test_who_was_served_and_is_closed_was_promised_it_and_got_it() -> None:
    steps = ((0, Change.HANDOFF), (3, Change.TAKE), (4, Change.REPLY), (9, Change.RESOLVE))
    assert not any(one.is_void for one in tale(*steps))
    assert all(one.is_void for one in tale(*steps, (20, Change.REOPEN), (30, Change.RESOLVE))[2:])


def test_reopening_is_a_promise_of_its_own() -> None:
    found = tale(
        (0, Change.HANDOFF), (1, Change.TAKE), (2, Change.REPLY), (3, Change.RESOLVE), (600, Change.REOPEN)
    )
    assert [(clock.kind, clock.started_at) for clock in found[2:]] == [
        (Kind.FIRST, MONDAY + 600 * MINUTE), (Kind.RESOLUTION, MONDAY + 600 * MINUTE),
    ]  # fmt: skip


def test_nights_do_not_count() -> None:
    shop = parse("mon-fri 09:00-17:00", "UTC", "")
    first, _ = tale((7 * 60 + 50, Change.HANDOFF))
    assert first.reaches(30 * MINUTE, shop) == MONDAY + timedelta(days=1, minutes=20)
    assert first.spent(shop, MONDAY + timedelta(days=1, minutes=5)) == 15 * MINUTE


def test_a_length_that_was_used_up_before_the_clock_stood_still_is_reached_then() -> None:
    _, resolution, _ = tale(
        (0, Change.HANDOFF), (1, Change.TAKE), (40, Change.REPLY), (90, Change.CUSTOMER_SAYS)
    )
    assert resolution.reaches(30 * MINUTE, ALWAYS) == MONDAY + 30 * MINUTE
    assert resolution.reaches(50 * MINUTE, ALWAYS) == MONDAY + 100 * MINUTE


def test_what_is_said_to_who_holds_it_wants_a_reply_too() -> None:
    """Handed on, or given back, while the customer was waited for: no change of holder tells that they wrote."""
    for meanwhile in ((Change.TRANSFER,), (Change.RELEASE,), (Change.SNOOZE, Change.WAKE)):
        steps = [(0, Change.HANDOFF), (1, Change.TAKE), (2, Change.REPLY)]
        steps += [(10 + n, change) for n, change in enumerate(meanwhile)]
        found = tale(*steps, said=(30, 31))
        assert [(one.kind, one.started_at) for one in found if one.ended_at is None] == [
            (Kind.RESOLUTION, MONDAY), (Kind.NEXT, MONDAY + 30 * MINUTE),
        ]  # fmt: skip


def test_before_the_first_reply_only_that_is_owed() -> None:
    assert [one.kind for one in tale((0, Change.HANDOFF), (5, Change.TAKE), said=(0, 3, 8))] == [
        Kind.FIRST, Kind.RESOLUTION,
    ]  # fmt: skip


@pytest.mark.parametrize("act", [(Change.SNOOZE, Change.WAKE), (Change.RESOLVE, Change.REOPEN)])
def test_an_act_on_many_that_was_undone_never_was(act: tuple[Change, Change]) -> None:
    answered = [(0, Change.HANDOFF), (1, Change.TAKE), (2, Change.REPLY), (10, Change.CUSTOMER_SAYS)]
    moves = [(20, act[0]), (25, act[1]), (25, Change.TAKE), (30, Change.TRANSFER), (40, Change.RELEASE)]
    *_, following = tale(*answered, *moves, undone=25)
    assert (following.kind, following.ended_at, spent(following, 50)) == (Kind.NEXT, None, 40)


@pytest.mark.parametrize("back", [(Change.HANDOFF, Change.TRANSFER), (Change.TAKE, Change.RELEASE)])
def test_what_was_handed_on_from_the_bot_and_undone_was_never_promised(back: tuple[Change, Change]) -> None:
    moves = [(20, back[0]), (25, back[1]), (25, Change.CANCEL)]
    assert tale(*moves, undone=25) == []
    assert [one.started_at for one in tale(*moves, (40, Change.HANDOFF), undone=25)] == [
        MONDAY + 40 * MINUTE
    ] * 2


def test_a_reply_taken_back_once_it_was_handed_on_was_none() -> None:
    first, _ = tale(
        (0, Change.HANDOFF), (1, Change.TAKE), (5, Change.REPLY), (6, Change.TRANSFER), (7, Change.TAKE_BACK)
    )
    assert (first.ended_at, spent(first, 30)) == (None, 30)
