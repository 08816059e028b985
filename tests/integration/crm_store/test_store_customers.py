"""Customers: created, found, changed by one at a time, searched in any script, paged by id."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crm_store import customers
from crm_store.engine import Store
from crm_store.errors import Conflict, InvalidValue, NotFound
from crm_store.models.customers import Customer, Identity
from tests.query_counter import counted_queries

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


async def _add(store: Store, *each: dict[str, Any]) -> list[int]:
    async with store.write() as session:
        return [(await customers.create(session, values, now=NOW)).id for values in each]


async def test_a_customer_is_stored_clean_and_read_back(store: Store) -> None:
    values = {"name": " Ada  Lovelace ", "email": "Ada@Example.COM", "phone": "+49 (30) 123-4567", "age": 36}
    (ada,) = await _add(store, values)
    async with store.read() as session:
        found = await customers.get(session, ada)
        assert (found.name, found.email, found.phone, found.age) == (
            "Ada Lovelace",
            "ada@example.com",
            "+49301234567",
            36,
        )
        assert (found.version, found.created_at, found.attributes) == (1, NOW, {})
        with pytest.raises(NotFound, match="no customer 99"):
            await customers.get(session, 99)


async def test_an_external_id_belongs_to_one(store: Store) -> None:
    first, second = await _add(store, {"external_id": "A-1"}, {"name": "Bob"})
    async with store.write() as session:
        with pytest.raises(Conflict, match="'A-1' is taken"):
            await customers.create(session, {"external_id": "A-1"}, now=NOW)
        with pytest.raises(Conflict, match="'A-1' is taken"):
            await customers.update_fields(session, second, {"external_id": "A-1"}, now=NOW)
        # The session goes on after a refusal.
        assert (
            await customers.update_fields(session, second, {"external_id": "B-1"}, now=NOW)
        ).external_id == "B-1"
    async with store.read() as session:
        found = await customers.find_by_external_id(session, "A-1")
        assert found is not None
        assert found.id == first
        assert await customers.find_by_external_id(session, "C-1") is None


async def test_of_two_who_change_one_version_one_is_told(store: Store) -> None:
    (ada,) = await _add(store, {"name": "Ada", "age": 30})
    async with store.write() as session:
        changed = await customers.update_fields(session, ada, {"name": "Ada L."}, now=LATER, version=1)
        assert (changed.name, changed.age, changed.version, changed.updated_at) == ("Ada L.", 30, 2, LATER)
        with pytest.raises(Conflict, match=r"version 2, not 1.*read it again"):
            await customers.update_fields(session, ada, {"name": "A."}, now=LATER, version=1)
        with pytest.raises(NotFound):
            await customers.update_fields(session, 99, {"name": "A."}, now=LATER, version=1)
        cleared = await customers.update_fields(session, ada, {"age": None}, now=LATER)
        assert (cleared.age, cleared.version) == (None, 3)


async def test_a_deleted_customer_takes_their_own_along(store: Store) -> None:
    async with store.write() as session:
        customer, _ = await customers.for_identity(session, "web", "v1", now=NOW)
        await customers.remove(session, customer.id)
        assert await customers.find_by_identity(session, "web", "v1") is None
        with pytest.raises(NotFound):
            await customers.remove(session, customer.id)


async def test_a_referrer_exists_and_is_somebody_else(store: Store) -> None:
    (ada,) = await _add(store, {"name": "Ada"})
    async with store.write() as session:
        bob = await customers.create(session, {"referred_by_id": ada}, now=NOW)
        for referrer in (bob.id, 99):
            with pytest.raises(InvalidValue, match="referred"):
                await customers.update_fields(session, bob.id, {"referred_by_id": referrer}, now=NOW)


async def test_an_address_belongs_to_one_customer(store: Store) -> None:
    async with store.write() as session:
        ada, address = await customers.for_identity(
            session, "telegram", "7", now=NOW, display_name="Ada", username="ada", language="en"
        )
        same, again = await customers.for_identity(session, "telegram", "7", now=LATER)
        other, _ = await customers.for_identity(session, "web", "7", now=NOW)
        assert (same.id, again.id) == (ada.id, address.id)
        assert other.id != ada.id
        assert (ada.name, address.username, address.is_reachable) == ("Ada", "ada", True)
        found = await customers.identities(session, [ada.id, other.id, 99])
        assert {owner: [each.channel for each in rows] for owner, rows in found.items()} == {
            ada.id: ["telegram"],
            other.id: ["web"],
            99: [],
        }


async def test_two_processes_that_meet_a_person_at_once_make_one(store: Store) -> None:
    async def meet() -> int:
        async with store.write() as session:
            customer, _ = await customers.for_identity(session, "telegram", "7", now=NOW)
            return customer.id

    met = await asyncio.gather(*(meet() for _ in range(6)))
    assert len(set(met)) == 1
    async with store.read() as session:
        assert await customers.count(session) == 1


PEOPLE: list[dict[str, Any]] = [
    {"name": "Ada Lovelace", "email": "ada@example.com", "external_id": "A-1"},
    {"name": "王小明", "phone": "+86 138 0013 8000"},
    {"name": "José Ñandú", "email": "jose@example.com"},
    {"name": "100% Cotton_Shop", "external_id": "B\\2"},
]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ADA", [0]),
        ("love", [0]),
        ("a-1", [0]),
        ("@example", [0, 2]),
        ("小明", [1]),
        ("王", [1]),
        ("138 0013", [1]),
        ("+86-138", [1]),
        ("1380013", [1]),
        ("JOSÉ", [2]),
        ("ñandú", [2]),
        ("%", [3]),
        ("n_S", [3]),
        ("b\\2", [3]),
        ("visitor9", [2]),
        ("@JoseN", [2]),
        ("nobody", []),
        ("  ", [0, 1, 2, 3]),
    ],
)
async def test_search(store: Store, query: str, found: list[int]) -> None:
    ids = await _add(store, *PEOPLE)
    async with store.write() as session:
        session.add(
            Identity(
                customer_id=ids[2],
                channel="web",
                address="Visitor9",
                username="josen",
                created_at=NOW,
                last_seen_at=NOW,
            )
        )
    async with store.read() as session:
        page = await customers.page(session, query=query)
    assert [each.id for each in page.customers] == [ids[n] for n in found]


async def test_pages_cover_everybody_once_with_one_query_each(store: Store) -> None:
    ids = await _add(store, *({"name": f"Customer {n}"} for n in range(25)))
    async with store.write() as session:
        (await customers.get(session, ids[3])).merged_into_id = ids[0]
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        async with store.read() as session:
            with counted_queries(store) as sent:
                page = await customers.page(session, query="customer", after=after, limit=7)
            assert len([each for each in sent if "customer" in each]) == 1
        seen += [each.id for each in page.customers]
        after = page.next_after
    assert seen == [each for each in ids if each != ids[3]]


async def test_a_longer_list_takes_no_more_queries(store: Store) -> None:
    async def listing(limit: int) -> int:
        async with store.read() as session:
            with counted_queries(store) as sent:
                page = await customers.page(session, limit=limit)
                await customers.identities(session, [each.id for each in page.customers])
        return len([each for each in sent if "SELECT" in each and "customer" in each])

    await _add(store, *({"name": f"Customer {n}"} for n in range(40)))
    assert await listing(1) == await listing(40) == 2


async def test_who_was_merged_is_found_where_they_live_now(store: Store) -> None:
    first, second, third = await _add(store, {"external_id": "1"}, {"external_id": "2"}, {"external_id": "3"})
    async with store.write() as session:
        for shell, into in ((first, second), (second, third)):
            (await session.get_one(Customer, shell)).merged_into_id = into
    async with store.read() as session:
        found = await customers.find_by_external_id(session, "1")
        assert found is not None
        assert found.id == third
