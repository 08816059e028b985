"""Customer files into the store and out again: all or nothing, nothing lost on the way round."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from crm_store import customer_files, customers
from crm_store.customer_files import ImportReport, Problem, parse
from crm_store.engine import Store
from crm_store.errors import InvalidValue
from crm_store.models.customers import Customer

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
FILE = """external_id,name,email,age,attributes
A-1,Ada Lovelace,ada@example.com,36,"{""tier"":""gold""}"
A-2,王小明,,,
,Walk-in,,,
""".encode()


async def _import(store: Store, data: bytes) -> ImportReport:
    async with store.write() as session:
        return await customer_files.import_rows(session, parse(data), now=NOW, legal_basis="contract")


async def _everybody(store: Store) -> list[dict[str, Any]]:
    async with store.read() as session:
        rows = await session.scalars(select(Customer).order_by(Customer.id))
        return [{name: getattr(each, name) for name in customer_files.COLUMNS} for each in rows]


async def test_known_external_ids_change_and_the_rest_is_new(store: Store) -> None:
    assert await _import(store, FILE) == ImportReport(created=3)
    async with store.read() as session:
        ada = await customers.find_by_external_id(session, "A-1")
        assert ada is not None
        assert ada.attributes == {"legal_basis": "contract", "tier": "gold"}
    changed = b"external_id,name,email\nA-1,Ada King,\nA-2,\xe7\x8e\x8b\xe5\xb0\x8f\xe6\x98\x8e,\n"
    assert await _import(store, changed) == ImportReport(changed=1, unchanged=1)
    ada_now = (await _everybody(store))[0]
    assert (ada_now["name"], ada_now["email"], ada_now["age"]) == ("Ada King", "ada@example.com", 36)


async def test_one_bad_row_and_nothing_is_imported(store: Store) -> None:
    report = await _import(store, FILE + b"A-9,Eve,not an address,,\n")
    assert report.problems == (
        Problem(5, "'email' is not an e-mail address; write it like name@example.com"),
    )
    assert await _everybody(store) == []


async def test_an_import_says_its_legal_basis(store: Store) -> None:
    async with store.write() as session:
        with pytest.raises(InvalidValue, match="legal basis"):
            await customer_files.import_rows(session, parse(FILE), now=NOW, legal_basis=" ")


async def test_an_import_does_not_take_an_objection_back(store: Store) -> None:
    head = b"external_id,profiling_allowed\n"
    await _import(store, head + b"A-1,no\n")
    assert await _import(store, head + b"A-1,yes\n") == ImportReport(unchanged=1)
    assert not (await _everybody(store))[0]["profiling_allowed"]


async def test_a_merged_customers_number_leads_to_the_record_they_live_in(store: Store) -> None:
    await _import(store, b"external_id,name\nA-1,Ada\nA-2,A.\n")
    async with store.write() as session:
        kept, merged = (await session.scalars(select(Customer).order_by(Customer.id))).all()
        merged.merged_into_id = kept.id
    assert await _import(store, b"external_id,name\nA-2,Ada L.\n") == ImportReport(changed=1)
    assert [(row["external_id"], row["name"]) for row in await _everybody(store)] == [
        ("A-1", "Ada L."),
        ("A-2", "A."),
    ]


async def test_an_export_reads_back_as_it_was(store: Store) -> None:
    values: list[dict[str, Any]] = [
        {"external_id": "=1+1", "name": "@SUM(A1)", "phone": "+49 30 123", "address": '-5\tRoad, "B"\nTown'},
        {
            "external_id": "'quoted",
            "name": "'=x",
            "attributes": {"a": 1, "b": "é,"},
            "profiling_allowed": False,
        },
        {"external_id": "3", "age": 0, "language": "zh", "gender": "f", "email": "a@b.example"},
    ]
    async with store.write() as session:
        for each in values:
            await customers.create(session, each, now=NOW)
    before = await _everybody(store)
    async with store.write() as session:
        text = "".join(await customer_files.export_lines(session))
        for customer in (await session.scalars(select(Customer))).all():
            await customers.remove(session, customer.id)
    assert (await _import(store, text.encode())).problems == ()
    after = await _everybody(store)
    for row in after:
        row["attributes"].pop("legal_basis")
    assert after == before
