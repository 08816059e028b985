"""Reception: repeats, order, poisoned updates, customers at two addresses, an absent store, races between processes."""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from bot import reception as reception_module
from bot.channels.base import Inbound, Kind
from bot.reception import Reception
from bot.thinking import think
from crm_store.engine import Store
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Customer, Identity
from crm_store.models.plumbing import ParkedUpdate, SeenUpdate
from crm_store.settings import StoreSettings
from tests.house import BUSINESS, another_reception, open_house


def said(number: int, text: str = "where is my parcel", *, address: str = "me", **columns: Any) -> Inbound:
    return Inbound("terminal", str(number), "terminal", address, Kind.TEXT, text, **columns)


async def count(store: Store, what: Any, *conditions: Any) -> int:
    async with store.read() as session:
        return int(await session.scalar(select(func.count()).select_from(what).where(*conditions)) or 0)


async def test_repeats_change_nothing_in_one_batch_or_later(store: Store) -> None:
    async with open_house(store) as house:
        await house.reception.receive([said(1), said(1), said(2)])
        await house.reception.receive([said(2), said(1)])
        await house.settle()
        assert len(house.postbox.taken) == 2
    assert await count(store, SeenUpdate) == 2
    assert await count(store, Message, Message.author == "customer") == 2


async def test_a_customers_messages_keep_their_order_through_batches(store: Store) -> None:
    texts = [f"question {n}" for n in range(40)]
    async with open_house(store) as house:
        calls = [house.reception.receive([said(n, text)]) for n, text in enumerate(texts)]
        await asyncio.gather(*calls)
        await house.settle()
    async with store.read() as session:
        query = select(Message.text).where(Message.author == "customer").order_by(Message.id)
        assert list(await session.scalars(query)) == texts
    assert await count(store, Conversation) == 1


async def test_a_poisoned_update_is_parked_and_holds_up_nobody(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def think_or_break(batch: Any, inbound: Inbound, *rest: Any) -> None:
        think(batch, inbound, *rest)
        if inbound.text == "poison":
            raise LookupError("cannot \x00 be understood")

    monkeypatch.setattr(reception_module, "think", think_or_break)
    poison = said(2, "poison", attachment={"bytes": b"\x00", "name": "a\x00b"}, display_name="Zo\x00e")
    async with open_house(store) as house:
        await house.reception.receive([said(1), poison, said(3)])
        await house.settle()
        assert len(house.postbox.taken) == 2
    async with store.read() as session:
        parked = (await session.scalars(select(ParkedUpdate))).one()
    assert (parked.update_id, parked.error) == ("2", "LookupError: cannot  be understood")
    assert parked.body["display_name"] == "Zoe"
    assert parked.body["attachment"] == {"bytes": "(bytes)", "name": "ab"}
    assert await count(store, SeenUpdate) == 3


@pytest.mark.parametrize("text", ["a\x00b", "half \ud83d a pair", "\x00", "x" * 5000, "𝕏" * 4096])
async def test_any_text_is_taken(store: Store, text: str) -> None:
    async with open_house(store) as house:
        await house.reception.receive([said(1, text, display_name="Ann\x00 \udfff", username="\x00")])
        await house.settle()
        assert house.postbox.taken
    assert await count(store, ParkedUpdate) == 0


async def test_one_customer_at_two_addresses_in_one_batch(store: Store) -> None:
    async with open_house(store) as house:
        await house.reception.receive([said(1, address="a"), said(2, address="b")])
        async with store.write() as session:
            first = await session.scalar(select(func.min(Identity.customer_id)))
            assert first is not None
            for identity in await session.scalars(select(Identity)):
                identity.customer_id = first
        await house.reception.receive([said(3, address="b"), said(4, address="a")])
        await house.settle()
        assert [post.address for post in house.postbox.taken].count("a") == 2
    assert await count(store, Conversation) == 2


async def test_a_store_that_is_away_is_waited_for_and_nothing_is_parked(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reception_module, "RETRY_AFTER_S", (0.01,))
    transact, failures = Store.transact, iter([True, True, True])

    async def sometimes(self: Store, work: Any) -> Any:
        if next(failures, False):
            raise OperationalError("BEGIN", {}, Exception("database is locked"))
        return await transact(self, work)

    async with open_house(store) as house:
        monkeypatch.setattr(Store, "transact", sometimes)
        await house.reception.receive([said(1)])
        await house.settle()
        assert len(house.postbox.taken) == 1
    assert await count(store, ParkedUpdate) == 0


async def test_the_same_new_customer_in_two_processes_at_once(postgres_store: Store) -> None:
    async with open_house(postgres_store) as house, another_reception(house) as other:
        for n in range(0, 40, 4):
            here = house.reception.receive([said(n, address=f"n{n}"), said(n + 1, address=f"n{n}")])
            there = other.receive([said(n + 1, address=f"n{n}"), said(n + 2, address=f"n{n}")])
            await asyncio.gather(here, there)
        await house.settle()
        assert len(house.postbox.taken) == 30
    assert await count(postgres_store, Customer) == 10
    assert await count(postgres_store, Conversation) == 10
    assert await count(postgres_store, Message, Message.author == "customer") == 30
    assert await count(postgres_store, ParkedUpdate) == 0


async def test_what_is_being_committed_is_finished_when_it_is_cancelled(store: Store) -> None:
    async with open_house(store) as house:
        other = Reception(store, house.knowledge, house.clock, StoreSettings(), business_name=BUSINESS)
        running = asyncio.create_task(other.run())
        calling = asyncio.create_task(other.receive([said(1)]))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await asyncio.wait_for(calling, 5)
    assert await count(store, SeenUpdate) == 1


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    moves=st.lists(st.tuples(st.integers(1, 12), st.sampled_from("abc")), min_size=1, max_size=25),
    cuts=st.lists(st.integers(1, 6), min_size=1, max_size=8),
)
async def test_however_updates_are_repeated_and_cut_into_batches_each_counts_once(
    sqlite_url: str, moves: list[tuple[int, str]], cuts: list[int]
) -> None:
    from crm_store.engine import open_store

    store = open_store(sqlite_url, owner=True)
    try:
        already = await count(store, SeenUpdate)
        async with open_house(store) as house:
            base = 1000 * (already + 1)
            inbounds = [
                said(base + number * 10 + ord(address) - 97, address=address) for number, address in moves
            ]
            at, size = 0, iter(cuts * len(inbounds))
            while at < len(inbounds):
                step = next(size)
                await house.reception.receive(inbounds[at : at + step])
                at += step
            await house.settle()
            assert len(house.postbox.taken) == len(set(moves))
        assert await count(store, SeenUpdate) == already + len(set(moves))
    finally:
        await store.close()
