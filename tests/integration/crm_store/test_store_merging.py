"""Two records of one person: proposed with reasons, merged in either direction, and apart again as they were."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from crm_store import customers, duplicates, merging, orders
from crm_store.duplicates import Proposal
from crm_store.engine import Store
from crm_store.errors import Conflict, InvalidValue, NotFound, StoreError
from crm_store.models.all import METADATA
from crm_store.models.conversations import Message
from crm_store.models.customers import Customer, Identity
from crm_store.orders import OrderDraft
from tests.whole_store import fill

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


async def _people(store: Store, *each: dict[str, Any]) -> list[int]:
    async with store.write() as session:
        return [(await customers.create(session, values, now=NOW)).id for values in each]


async def _merge(store: Store, kept: int, merged: int) -> merging.Merged:
    async with store.write() as session:
        return await merging.merge(session, kept_id=kept, merged_id=merged, now=LATER, merged_by="agent:1")


async def _undo(store: Store, merge_id: int) -> None:
    async with store.write() as session:
        await merging.undo(session, merge_id, now=LATER)


async def _rows(store: Store) -> dict[str, list[tuple[Any, ...]]]:
    """Everything but the merges and what every change touches."""
    async with store.read() as session:
        found = {}
        for table in METADATA.sorted_tables:
            columns = [each for each in table.columns if each.name not in ("version", "updated_at")]
            rows = await session.execute(select(*columns).order_by(*table.primary_key.columns))
            found[table.name] = [tuple(row) for row in rows]
    found.pop("customer_merge")
    return found


@pytest.mark.parametrize(("kept", "merged"), [(1, 2), (2, 1)])
async def test_all_that_is_theirs_moves_and_comes_back(store: Store, kept: int, merged: int) -> None:
    async with store.write() as session:
        await fill(session, 1, "one")
        await fill(session, 2, "two")
        await session.execute(METADATA.tables["customer_merge"].delete())
        await orders.recount(session)
    before = await _rows(store)
    done = await _merge(store, kept, merged)
    moving = {table.name for table in METADATA.sorted_tables if "customer_id" in table.c} - {
        "customer_score",
        "erasure",
    }
    assert set(done.rows) == moving
    async with store.read() as session:
        for name in moving:
            owners = await session.scalars(select(METADATA.tables[name].c.customer_id))
            assert set(owners) == {kept}, name
        whole = await customers.get(session, kept)
        assert (whole.order_count, whole.order_amount) == (0, Decimal("25.00"))
        shell = await customers.get(session, merged)
        assert (shell.merged_into_id, shell.order_amount) == (kept, Decimal(0))
    await _undo(store, done.merge_id)
    assert await _rows(store) == before


async def test_a_filled_field_is_given_back_unless_it_was_changed(store: Store) -> None:
    kept, merged = await _people(
        store,
        {"name": "Ada", "attributes": {"tier": "gold"}},
        {
            "name": "A. L.",
            "email": "ada@example.com",
            "phone": "030 123",
            "external_id": "A-1",
            "attributes": {"x": 1},
        },
    )
    done = await _merge(store, kept, merged)
    async with store.write() as session:
        ada = await customers.get(session, kept)
        assert (ada.name, ada.email, ada.external_id) == ("Ada", "ada@example.com", "A-1")
        assert ada.attributes == {"tier": "gold", "x": 1}
        await customers.update_fields(session, kept, {"phone": "030 999"}, now=LATER)
    await _undo(store, done.merge_id)
    async with store.read() as session:
        ada, other = await customers.get(session, kept), await customers.get(session, merged)
        assert (ada.email, ada.phone, ada.external_id, ada.attributes) == (
            None,
            "030999",
            None,
            {"tier": "gold"},
        )
        assert (other.email, other.phone, other.external_id) == ("ada@example.com", "030123", "A-1")


async def test_what_came_after_the_merge_stays_with_the_kept_record(store: Store) -> None:
    kept, merged = await _people(store, {"name": "Ada"}, {"name": "A."})
    async with store.write() as session:
        session.add(
            Identity(customer_id=merged, channel="web", address="1", created_at=NOW, last_seen_at=NOW)
        )
    done = await _merge(store, kept, merged)
    async with store.write() as session:
        await orders.record(session, merged, OrderDraft("7", Decimal(5), NOW), now=LATER)
        session.add(Identity(customer_id=kept, channel="web", address="2", created_at=NOW, last_seen_at=NOW))
    await _undo(store, done.merge_id)
    async with store.read() as session:
        found = await customers.identities(session, [kept, merged])
        assert {owner: [each.address for each in rows] for owner, rows in found.items()} == {
            kept: ["2"],
            merged: ["1"],
        }
        assert (await customers.get(session, kept)).order_amount == 5


async def test_an_objection_to_profiling_holds_for_the_whole_person_and_stays(store: Store) -> None:
    kept, merged = await _people(store, {}, {"profiling_allowed": False})
    done = await _merge(store, kept, merged)
    await _undo(store, done.merge_id)
    async with store.read() as session:
        assert not (await customers.get(session, kept)).profiling_allowed


async def test_refused_merges(store: Store) -> None:
    one, two, three = await _people(store, {}, {}, {})
    done = await _merge(store, one, two)
    refusals: list[tuple[int, int, type[StoreError], str]] = [
        (one, one, InvalidValue, "themselves"),
        (two, one, Conflict, f"part of customer {one} already"),  # a circle
        (three, two, Conflict, f"part of customer {one} already"),
        (one, 99, NotFound, "no customer 99"),
    ]
    for kept, merged, kind, told in refusals:
        with pytest.raises(kind, match=told):
            await _merge(store, kept, merged)
    above = await _merge(store, three, one)
    with pytest.raises(Conflict, match="undo that merge first"):
        await _undo(store, done.merge_id)
    await _undo(store, above.merge_id)
    await _undo(store, done.merge_id)
    with pytest.raises(Conflict, match="undone already"):
        await _undo(store, done.merge_id)
    with pytest.raises(NotFound, match="no merge 99"):
        await _undo(store, 99)
    async with store.read() as session:
        assert set(await session.scalars(select(Customer.merged_into_id))) == {None}
        assert [each.id for each in await merging.merges_of(session, one)] == [above.merge_id, done.merge_id]


async def test_two_merges_at_once_make_no_circle(store: Store) -> None:
    one, two = await _people(store, {}, {})
    done = await asyncio.gather(_merge(store, one, two), _merge(store, two, one), return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == ["Conflict", "Merged"]


async def test_a_referral_of_the_other_record_does_not_become_one_of_oneself(store: Store) -> None:
    (one,) = await _people(store, {})
    two, three = await _people(store, {"referred_by_id": one}, {"referred_by_id": one})
    await _merge(store, two, one)
    async with store.read() as session:
        assert (await customers.get(session, two)).referred_by_id == one
        assert (await customers.get(session, three)).referred_by_id == two


async def test_messages_follow_in_any_number(store: Store) -> None:
    one, two = await _people(store, {}, {})
    async with store.write() as session:
        await fill(session, 50, "x")
        conversation = {"conversation_id": 50, "customer_id": two, "author": "customer", "created_at": NOW}
        numbers = range(1000, 2201)
        rows = [
            {"id": number, "attempts": 0, "is_note": False, "kind": "text", "text": ""} | conversation
            for number in numbers
        ]
        await session.execute(METADATA.tables["message"].insert(), rows)
    done = await _merge(store, one, two)
    assert done.rows["message"] == 1201
    async with store.read() as session:
        assert set(await session.scalars(select(Message.customer_id).where(Message.id >= 1000))) == {one}


async def test_duplicates_are_proposed_with_their_reasons(store: Store) -> None:
    ada, ada2, bob, bob2, carl, shell, _other = await _people(
        store,
        {"email": "ada@example.com", "phone": "030 123", "name": "Ada", "address": "1 Road"},
        {"email": "ada@example.com", "phone": "030-123", "name": "ADA", "address": "1 road"},
        {"name": "Bob", "phone": "040 999"},
        {"name": "Bob"},  # a name alone says nothing
        {"phone": "040999"},
        {"email": "ada@example.com"},
        {"name": "Dora"},
    )
    async with store.write() as session:
        (await customers.get(session, shell)).merged_into_id = ada
        for owner, channel, username in ((bob, "telegram", "bobby"), (bob2, "web", "Bobby")):
            values = {"created_at": NOW, "last_seen_at": NOW}
            session.add(
                Identity(customer_id=owner, channel=channel, address="a", username=username, **values)
            )
    everything = [
        Proposal(ada, ada2, ("same e-mail", "same phone", "same name and address")),
        Proposal(bob, carl, ("same phone",)),
        Proposal(bob, bob2, ("same user name",)),
    ]
    async with store.read() as session:
        assert await duplicates.proposals(session) == everything
        assert await duplicates.proposals(session, limit=1) == everything[:1]
        assert await duplicates.proposals(session, customer_id=carl) == everything[1:2]
        assert await duplicates.proposals(session, customer_id=ada) == everything[:1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("0049 30 1234567", "+49 (30) 123-4567"),
        ("+49 (0)30 1234567", "0049301234567"),
        ("(0086) 10 8888 1234", "+86 10-8888-1234"),
        ("+49 (0) 30 1234567", "+49 30 1234567"),
    ],
)
async def test_a_number_dialled_from_abroad_is_the_same_with_a_plus(
    store: Store, one: str, other: str
) -> None:
    first, second, _other = await _people(store, {"phone": one}, {"phone": other}, {"phone": "030 7654321"})
    async with store.read() as session:
        long = "00" + str((await customers.get(session, second)).phone).removeprefix("+")
        found = await duplicates.proposals(session)
        pages = [await customers.page(session, query=each) for each in (one, other, long)]
    assert found == [Proposal(first, second, ("same phone",))]
    for page in pages:
        assert [each.id for each in page.customers] == [first, second]
