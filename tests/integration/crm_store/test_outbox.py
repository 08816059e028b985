"""The outbox: lanes, claims, what becomes of a message, and what a crash leaves behind."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from crm_store import interrupted, outbox
from crm_store.engine import Store
from crm_store.models.customers import Identity
from crm_store.outbox import LEASE, LONGEST_WAIT, Claimed, Sent, Unsent
from tests.house import NOON
from tests.outbox_rows import fill, row

CHANNELS = ("web", "telegram")


async def claim(
    store: Store, *, limit: int = 10, now: object = NOON, channels: tuple[str, ...] = CHANNELS
) -> list[Claimed]:
    return await store.transact(lambda c, _t: outbox.claim(c, channels, now=now, limit=limit))  # type: ignore[arg-type]


async def settle(store: Store, *ended: Sent | Unsent) -> None:
    sent = [one for one in ended if isinstance(one, Sent)]
    unsent = [one for one in ended if isinstance(one, Unsent)]
    await store.transact(lambda c, _t: outbox.settle(c, sent, unsent, now=NOON))


async def test_a_lane_gives_one_at_a_time_and_in_order(store: Store) -> None:
    first, second, other = await fill(store, ("a", {}), ("a", {}), ("b", {}))
    assert [m.id for m in await claim(store)] == [first, other]
    assert await claim(store) == []
    await settle(store, Sent(first, "77"))
    (next_one,) = await claim(store)
    assert (next_one.id, next_one.lane, next_one.attempts) == (second, "web:a", 1)
    done = await row(store, first)
    assert (done.delivery, done.platform_id, done.next_try_at, done.error) == ("sent", "77", None, None)


async def test_only_channels_that_are_served_are_claimed(store: Store) -> None:
    (number,) = await fill(store, ("a", {}))
    assert await claim(store, channels=("telegram",)) == []
    assert await claim(store, channels=()) == []
    assert [m.id for m in await claim(store, channels=("web",))] == [number]


@pytest.mark.parametrize(
    ("retry_in", "is_due"),
    [
        (None, True),
        (timedelta(seconds=-1), True),
        (timedelta(seconds=5), False),
        (timedelta(hours=23), False),  # the platform may have asked for it
        (LONGEST_WAIT + timedelta(hours=23), True),  # a clock that was days ahead wrote it
    ],
)
async def test_a_postponed_message_waits_for_its_time_and_holds_its_lane(
    store: Store, retry_in: timedelta | None, is_due: bool
) -> None:
    first, _ = await fill(store, ("a", {"next_try_at": NOON + retry_in if retry_in else None}), ("a", {}))
    assert [m.id for m in await claim(store)] == ([first] if is_due else [])


@pytest.mark.parametrize("state", ["dead", "ambiguous"])
async def test_what_is_given_up_holds_nobody_up(store: Store, state: str) -> None:
    first, second = await fill(store, ("a", {}), ("a", {}))
    await claim(store)
    await settle(store, Unsent(first, state, "refused\x00 by the platform", 1))
    assert [m.id for m in await claim(store)] == [second]
    assert (await row(store, first)).error == "refused by the platform"


async def test_a_doubt_is_remembered_by_the_row(store: Store) -> None:
    (number,) = await fill(store, ("a", {}))
    await claim(store)
    await settle(store, Unsent(number, "pending", "no answer", 1, retry_at=NOON, doubted_at=NOON))
    (again,) = await claim(store)
    assert (again.doubted_at, again.attempts) == (NOON, 2)


async def test_who_blocked_us_is_marked(store: Store) -> None:
    (number,) = await fill(store, ("a", {}))
    await claim(store)
    await settle(store, Unsent(number, "dead", "blocked", 1, unreachable=("web", "a")))
    async with store.read() as session:
        assert await session.scalar(select(Identity.is_reachable)) is False


@pytest.mark.parametrize(
    ("columns", "everything", "later", "state"),
    [
        ({}, True, timedelta(), "pending"),
        ({}, False, timedelta(), "sending"),
        ({}, False, LEASE, "pending"),
        ({"intent": {"once": True}}, True, timedelta(), "ambiguous"),
        ({"attempts": interrupted.MANY_ATTEMPTS}, True, timedelta(), "pending"),
        ({"attempts": interrupted.MANY_ATTEMPTS}, True, interrupted.GIVE_UP_AFTER + LEASE, "dead"),
        ({}, True, interrupted.GIVE_UP_AFTER + LEASE, "pending"),
    ],
)
async def test_what_a_crash_interrupted(
    store: Store, columns: dict[str, object], everything: bool, later: timedelta, state: str
) -> None:
    (number,) = await fill(store, ("a", columns))
    await claim(store)
    await store.transact(lambda c, _t: interrupted.recover(c, now=NOON + later, everything=everything))
    assert (await row(store, number)).delivery == state


async def test_who_is_cut_off_again_and_again_rests_and_is_not_lost(store: Store) -> None:
    """A process that keeps ending cuts off every message; the one that ends it must let the others out."""
    suspect, other = await fill(store, ("a", {"attempts": interrupted.MANY_ATTEMPTS}), ("b", {}))
    await claim(store)
    await store.transact(lambda c, _t: interrupted.recover(c, now=NOON, everything=True))
    assert [m.id for m in await claim(store)] == [other]
    rested = NOON + interrupted.REST
    assert [m.id for m in await claim(store, now=rested)] == [suspect]


async def test_ones_own_sendings_are_not_recovered_whatever_the_clock_says(store: Store) -> None:
    (number,) = await fill(store, ("a", {}))
    await claim(store)
    later = NOON + timedelta(days=1)
    found = await store.transact(
        lambda c, _t: interrupted.recover(c, now=later, everything=False, besides={number})
    )
    assert found == 0
    assert (await row(store, number)).delivery == "sending"


@pytest.mark.parametrize(
    ("is_small", "is_after", "index"),
    [
        (False, False, "message USING INDEX ix_message_pending"),
        (False, True, "message USING INDEX ix_message_pending"),
        (True, False, "message USING INDEX ix_message_unsent (lane>"),
    ],
)
async def test_a_claim_goes_by_the_order_or_looks_for_few_lanes_among_many(
    sqlite_store: Store, is_small: bool, is_after: bool, index: str
) -> None:
    def plan(connection: object, _topics: object) -> str:
        query = outbox._due(("web",), is_small, is_after)._build(True).compile(dialect=connection.dialect)  # type: ignore[attr-defined]
        values = [None] * len(query.positiontup)
        rows = connection.exec_driver_sql("EXPLAIN QUERY PLAN " + str(query), tuple(values))  # type: ignore[attr-defined]
        return " ".join(str(found[3]) for found in rows)

    assert index in await sqlite_store.transact(plan)


@pytest.mark.parametrize("is_small", [False, True])
async def test_a_claim_takes_the_oldest_of_its_channels_alone(store: Store, is_small: bool) -> None:
    lanes = ("web:a", "webhook:a", "we:a", "web;:a", "telegram:1", "web:b")
    rows: list[tuple[str, dict[str, object]]] = [(f"{n}", {"lane": lane}) for n, lane in enumerate(lanes)]
    numbers = await fill(store, *rows)
    found = await store.transact(
        lambda c, _t: outbox.claim(c, ("web",), now=NOON, limit=10, is_small=is_small)
    )
    assert [one.id for one in found] == [numbers[0], numbers[5]]


async def test_a_claim_may_begin_after_a_message_and_comes_round(store: Store) -> None:
    numbers = await fill(store, *((str(n), {}) for n in range(3)))

    async def next_after(number: int) -> list[int]:
        found = await store.transact(lambda c, _t: outbox.claim(c, CHANNELS, now=NOON, limit=1, after=number))
        return [one.id for one in found]

    assert await next_after(numbers[1]) == [numbers[2]]
    assert await next_after(numbers[1]) == [numbers[0]]
    assert await next_after(numbers[1]) == [numbers[1]]
    assert await next_after(numbers[1]) == []


async def test_two_claimers_never_get_the_same(postgres_store: Store) -> None:
    await fill(postgres_store, *((str(n), {}) for n in range(30)))
    engine = postgres_store.writer
    async with engine.begin() as one, engine.begin() as other:
        mine = await one.run_sync(lambda c: outbox.claim(c, CHANNELS, now=NOON, limit=20))
        theirs = await other.run_sync(lambda c: outbox.claim(c, CHANNELS, now=NOON, limit=20))
    assert len(mine) == 20
    assert len(theirs) == 10
    assert not {m.id for m in mine} & {m.id for m in theirs}


async def test_a_failing_transaction_leaves_nothing_and_the_next_one_works(store: Store) -> None:
    (number,) = await fill(store, ("a", {}))

    def work(connection: object, _topics: object) -> None:
        outbox.claim(connection, CHANNELS, now=NOON)  # type: ignore[arg-type]
        raise LookupError

    with pytest.raises(LookupError):
        await store.transact(work)  # type: ignore[arg-type]
    assert (await row(store, number)).delivery == "pending"
    assert await store.transact(lambda c, _t: c.execute(text("SELECT 1")).scalar()) == 1
