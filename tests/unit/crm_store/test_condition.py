"""What is out of order: said once when it begins and once when it ends, however often it fails between."""

from structlog.testing import capture_logs

from crm_store.condition import REMIND_AFTER_S, Condition, Trouble


class Seconds:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_trouble_is_told_with_its_part_and_how_long_it_lasts() -> None:
    seconds = Seconds()
    condition = Condition(seconds)
    condition.fails("database", "locked")
    seconds.now += 2.5
    condition.fails("telegram", "away")
    condition.fails("database", "full")
    assert condition.troubles == [Trouble("database", "full", 2.5), Trouble("telegram", "away", 0.0)]
    condition.works("database")
    assert condition.troubles == [Trouble("telegram", "away", 0.0)]
    assert condition.is_out_of_order("telegram")
    assert not condition.is_out_of_order("database")


def test_a_success_between_failures_is_not_their_end() -> None:
    seconds = Seconds()
    condition = Condition(seconds)
    condition.fails("database", "full")
    seconds.now += 1
    condition.works("database", calm_s=2)
    assert condition.is_out_of_order("database")
    condition.fails("database", "full")
    seconds.now += 2
    condition.works("database", calm_s=2)
    assert condition.troubles == []


def test_the_log_is_not_flooded() -> None:
    seconds = Seconds()
    condition = Condition(seconds)
    with capture_logs() as logs:
        for _ in range(1000):
            condition.fails("telegram", "away")
            seconds.now += 1.8
        for _ in range(10):
            condition.works("telegram")
    assert [entry["event"] for entry in logs] == [
        "out of order", *["still out of order"] * int(1800 // REMIND_AFTER_S - 1), "in order again",
    ]  # fmt: skip
    assert logs[-1]["failures"] == 1000
