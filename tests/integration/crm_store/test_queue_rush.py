"""R5 in short: agents reach for the queue at once until it is empty (benchmarks/queue_rush has the long form)."""

from benchmarks.queue_rush.trial import run


async def test_nobody_is_taken_twice_and_the_order_holds(store_url: str) -> None:
    found = await run(store_url, agents=16, conversations=100)
    assert (found.taken, found.double_assigned, found.not_returned) == (100, 0, 0)
    assert found.displacement <= 16


async def test_so_it_is_across_processes(postgres_url: str) -> None:
    found = await run(postgres_url, agents=6, conversations=60, workers=3)
    assert (found.taken, found.double_assigned, found.not_returned) == (60, 0, 0)
    assert found.displacement <= 6
