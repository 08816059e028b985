"""R5 in short: agents reach for the queue at once until it is empty (benchmarks/queue_rush.py has the long form)."""

from benchmarks import queue_rush


async def test_nobody_is_taken_twice_and_the_order_holds(store_url: str) -> None:
    found = await queue_rush.run(store_url, agents=16, conversations=100)
    assert (found.taken, found.double_assigned, found.not_returned) == (100, 0, 0)
    assert found.displacement <= 16
