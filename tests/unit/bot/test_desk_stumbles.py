"""Who goes behind the others in the staff group after a failure, and for how long."""

from datetime import timedelta

from bot.channels.telegram.desk.stumbles import ALONE_S, BEHIND, PAUSES_S, Stumbles


def seconds(waits: tuple[timedelta, timedelta]) -> tuple[float, float]:
    return waits[0].total_seconds(), (waits[1] - BEHIND).total_seconds()


def test_a_group_that_is_away_is_tried_every_few_seconds_and_with_everybody_in_turn() -> None:
    stumbles = Stumbles()
    found = [seconds(stumbles.failed([number % 3], is_doubtful=False)) for number in range(60)]
    assert found[:4] == [(pause, pause) for pause in PAUSES_S]
    assert set(found[4:]) == {(PAUSES_S[-1], PAUSES_S[-1])}
    assert stumbles.behind == {0, 1, 2}
    stumbles.arrived(3)
    assert not stumbles.behind


def test_who_fails_while_others_arrive_waits_ever_longer_and_the_group_does_not() -> None:
    stumbles, found = Stumbles(), []
    for _ in range(len(ALONE_S) + 1):
        found.append(seconds(stumbles.failed([1], is_doubtful=False)))
        stumbles.arrived(2)
    assert found == [(PAUSES_S[0], alone) for alone in (*ALONE_S, ALONE_S[-1])]
    stumbles.arrived(1)
    assert seconds(stumbles.failed([1], is_doubtful=False)) == (PAUSES_S[0], ALONE_S[0])
