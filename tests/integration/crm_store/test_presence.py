"""Several processes on one PostgreSQL: who lives, who leads, what is heard, and what the dead were sending."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Connection, text

from bot.recovery import Recovery
from crm_store import interrupted, outbox, presence
from crm_store.engine import Store
from crm_store.outbox import Claimed, Sent, Unsent
from crm_store.presence import leader, while_leading
from crm_store.signals import Topic
from tests.house import NOON
from tests.outbox_rows import eventually, fill, row
from tests.several_processes import cut_all, hurry, presence_of, process

Joined = Callable[[], Awaitable[Store]]

_CUT_ONE = text(
    "SELECT pg_terminate_backend(pid, 10000) FROM pg_locks WHERE locktype = 'advisory' AND objid = :number"
)


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


@pytest.fixture
async def joined(postgres_url: str) -> AsyncIterator[Joined]:
    """Makes one process more, each with a store of its own."""
    async with AsyncExitStack() as stack:

        async def join() -> Store:
            return await stack.enter_async_context(process(postgres_url))

        yield join


async def lead(store: Store) -> None:
    store.presence.seek("talk")
    async with asyncio.timeout(60):
        await store.presence.until_leads("talk")


async def test_one_leads_and_the_next_takes_over_when_it_ends(joined: Joined, postgres_url: str) -> None:
    second = await joined()
    async with process(postgres_url) as first:
        await lead(first)
        second.presence.seek("talk")
        await second.presence.ask_now()
        assert (first.presence.leads("talk"), second.presence.leads("talk")) == (True, False)
        assert first.presence.leads("something else") is False
        async with second.reader.connect() as connection:
            assert await leader(connection, "talk") is not None
            assert await leader(connection, "something else") is None
    await lead(second)


async def test_who_falls_silent_stops_before_another_takes_over(
    joined: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped, other = await joined(), await joined()
    await lead(stopped)
    other.presence.seek("talk")
    both = False

    async def no_answer(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(stopped.presence, "_ask", no_answer)
    async with asyncio.timeout(60):
        while not other.presence.leads("talk"):
            both |= stopped.presence.leads("talk") and other.presence.leads("talk")
            await asyncio.sleep(0.01)
    assert both is False
    assert stopped.presence.leads("talk") is False
    assert stopped.presence.is_here is False


async def test_a_cut_line_is_healed_and_its_listeners_look_again(
    joined: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(presence, "CONNECT_AGAIN_S", 1.0)  # so that something can happen in between
    one, other = await joined(), await joined()
    await lead(one)
    heard: list[list[int] | None] = []
    presence_of(other).hear(heard.append)
    listener = other.signals.listen(Topic.QUEUE)
    await cut_all(one)
    await eventually(lambda: _is(other, False))
    async with one.write() as session:  # told while nobody listens
        await session.execute(
            text("SELECT pg_notify('frontdesk', 'queue'), pg_notify('frontdesk_news', '7')")
        )
    assert await listener.wait(10)
    await eventually(lambda: _is(other, True))
    assert heard == [None]  # 'look yourself': the news came meanwhile
    async with asyncio.timeout(60):
        while not (one.presence.leads("talk") or other.presence.leads("talk")):
            await asyncio.sleep(0.01)
    await presence_of(one).tell(range(1200))
    await eventually(lambda: _has(heard, 1200))


async def _is(store: Store, here: bool) -> bool:
    return store.presence.is_here is here


async def _has(heard: list[list[int] | None], count: int) -> bool:
    return sorted(number for some in heard if some for number in some) == list(range(count))


async def test_who_takes_over_from_one_whose_line_was_cut_waits_a_heartbeat(
    joined: Joined, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server forgets a cut line at once; whose it was learns of that with their next heartbeat."""
    for name in ("HEARTBEAT_S", "TRUST_S", "FORGOTTEN_S"):
        monkeypatch.setattr(presence, name, 60.0)  # no heartbeat but those here
    first = await joined()
    first.presence.seek("talk")
    await first.presence.ask_now()
    other = await joined()
    other.presence.seek("talk")
    await other.presence.ask_now()
    assert (first.presence.leads("talk"), other.presence.leads("talk")) == (True, False)
    async with first.writer.begin() as connection:
        await connection.execute(_CUT_ONE, {"number": first.presence.number})
    await presence_of(other)._beat()
    assert not other.presence.leads("talk"), "the first still believes that it leads"
    await presence_of(other)._beat()
    assert other.presence.leads("talk")


async def test_work_is_done_only_while_it_is_led(joined: Joined) -> None:
    one, other = await joined(), await joined()
    at_work: list[str] = []

    async def work(name: str) -> None:
        assert not at_work
        at_work.append(name)
        try:
            await asyncio.Event().wait()
        finally:
            at_work.remove(name)

    tasks = [
        asyncio.create_task(while_leading(store.presence, "talk", partial(work, name)))
        for name, store in (("one", one), ("other", other))
    ]
    for _ in range(3):
        await eventually(lambda: _is_busy(at_work))
        await cut_all(one)
        await eventually(lambda: _is_idle(at_work))
        assert not any(task.done() for task in tasks), "one would have begun beside the other"
    assert [task.done() for task in tasks] == [False, False]
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def _is_busy(at_work: list[str]) -> bool:
    return len(at_work) == 1


async def _is_idle(at_work: list[str]) -> bool:
    return not at_work


async def claim(store: Store) -> list[int]:
    number = store.presence.number

    def work(connection: Connection, _topics: set[Topic]) -> list[Claimed]:
        return outbox.claim(connection, ["web"], now=NOON, process=number)

    return [message.id for message in await store.transact(work)]


async def test_what_the_dead_were_sending_is_put_back_and_what_the_living_send_is_not(
    joined: Joined, postgres_url: str
) -> None:
    mine, other = await joined(), await joined()
    (theirs,) = await fill(mine, ("a", {}))
    assert await claim(other) == [theirs]
    async with process(postgres_url) as dying:
        left, not_twice = await fill(mine, ("b", {}), ("c", {"intent": {"once": True}}))
        assert await claim(dying) == [left, not_twice]
        await other.presence.ask_now()
    recovery = Recovery(mine, is_only_server=False, among=mine.presence)
    recovered: list[str | None] = []

    async def look() -> bool:
        await recovery.look_if_due(NOON + timedelta(days=1), ())
        recovered[:] = [(await row(mine, number)).delivery for number in (theirs, left, not_twice)]
        return recovered[1] == "pending"

    await eventually(look)
    assert recovered == ["sending", "pending", "ambiguous"]


@pytest.mark.parametrize(
    ("later", "state"), [(timedelta(seconds=1), "sending"), (timedelta(seconds=20), "pending")]
)
async def test_a_claim_of_our_own_that_we_do_not_know(joined: Joined, later: timedelta, state: str) -> None:
    mine = await joined()
    known, unknown = await fill(mine, ("a", {}), ("b", {}))
    await claim(mine)
    number = mine.presence.number
    await mine.transact(
        lambda c, _t: interrupted.recover(
            c, now=NOON + later, everything=False, besides={known}, process=number
        )
    )
    assert [(await row(mine, n)).delivery for n in (known, unknown)] == ["sending", state]


async def test_who_wakes_up_late_settles_only_what_is_still_theirs(store: Store) -> None:
    sent, failed, again = await fill(store, ("a", {}), ("b", {}), ("c", {}))

    async def claim_all() -> None:
        await store.transact(lambda c, _t: outbox.claim(c, ["web"], now=NOON))

    await claim_all()
    await store.transact(lambda c, _t: interrupted.recover(c, now=NOON, everything=True))
    marks = [Sent(sent, "1", claim=1)]
    await store.transact(lambda c, _t: outbox.settle(c, marks, (), now=NOON))
    assert (await row(store, sent)).delivery == "sent"  # it spares the customer a second one
    await claim_all()  # others send the rest
    late = [Unsent(failed, "dead", "refused", 1, claim=1)]
    await store.transact(lambda c, _t: outbox.settle(c, [Sent(again, "9", claim=1)], late, now=NOON))
    assert [(await row(store, n)).delivery for n in (failed, again)] == ["sending", "sending"]
    await store.transact(lambda c, _t: outbox.settle(c, [Sent(again, "9", claim=2)], (), now=NOON))
    assert (await row(store, again)).delivery == "sent"
