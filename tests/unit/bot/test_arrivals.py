"""What waits is taken in its order, and no sender has a part in two batches at once."""

from bot.arrivals import BATCH_SIZE, Arrivals, Batch
from bot.channels.base import Inbound, Kind


def said(address: str, number: int, *, platform_id: str | None = None, kind: Kind = Kind.TEXT) -> Inbound:
    return Inbound("terminal", str(number), "terminal", address, kind, platform_id=platform_id)


def shown(batch: Batch) -> list[str]:
    return [f"{inbound.address}{inbound.update_id}" for inbound, _ in batch]


async def test_who_is_under_way_waits_and_the_others_do_not() -> None:
    arrivals = Arrivals()
    arrivals.add([said("a", 1), said("b", 2)])
    first = arrivals.take()
    arrivals.add([said("a", 3), said("c", 4), said("b", 5), said("a", 6), said("c", 7)])
    second = arrivals.take()
    assert (shown(first), shown(second)) == (["a1", "b2"], ["c4", "c7"])
    assert (arrivals.take(), len(arrivals), arrivals.came.is_set()) == ([], 3, False)
    arrivals.ended(second)
    assert arrivals.came.is_set()
    assert arrivals.take() == []
    arrivals.ended(first)
    assert arrivals.came.is_set()
    assert shown(arrivals.take()) == ["a3", "b5", "a6"]


async def test_it_is_idle_once_nothing_waits_and_nothing_is_under_way() -> None:
    arrivals = Arrivals()
    assert arrivals.idle.is_set()
    done = arrivals.add([said("a", 1)])
    arrivals.add([said("a", 2), said("b", 3)])
    first = arrivals.take()
    assert not arrivals.idle.is_set()
    for _, receipt in first[:2]:
        receipt.settle_one()
    assert done.done()
    arrivals.add([said("b", 4)])
    arrivals.ended(first)
    assert not arrivals.idle.is_set()
    arrivals.ended(arrivals.take())
    assert arrivals.idle.is_set()


async def test_a_batch_is_about_no_message_twice_and_of_bounded_size() -> None:
    arrivals = Arrivals()
    arrivals.add(
        [
            said("a", 1, platform_id="m"),
            said("b", 2, platform_id="m"),
            said("a", 3, platform_id="m", kind=Kind.EDITED),
            said("a", 4, platform_id="n"),
        ]
    )
    first = arrivals.take()
    assert shown(first) == ["a1", "b2"]
    arrivals.ended(first)
    second = arrivals.take()
    assert shown(second) == ["a3", "a4"]
    arrivals.ended(second)
    arrivals.add([said("a", number) for number in range(BATCH_SIZE + 1)])
    assert len(arrivals.take()) == BATCH_SIZE
