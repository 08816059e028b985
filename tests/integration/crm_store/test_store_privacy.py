"""A person's rights: everything exported, everything erased, on disk too; no profiling; deletion by age."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crm_store import privacy
from crm_store.engine import Store
from crm_store.errors import NotFound
from crm_store.models.all import METADATA
from crm_store.models.conversations import Conversation
from crm_store.models.customers import Customer
from crm_store.models.ratings import Rating
from crm_store.models.scores import CustomerScore
from crm_store.models.staff import AuditEntry
from crm_store.personal_data import IMPERSONAL, PERSONAL, SPECIAL
from crm_store.sqlite_files import path_of
from tests.whole_store import NOW, fill

CANARY, NEIGHBOUR = "QZXV8841", "PLMK2276"
SPECIAL_ROWS = {"parked_update", "stored_file"}
LATER = datetime(2026, 11, 21, tzinfo=UTC)


async def _two_people(store: Store) -> None:
    async with store.write() as session:
        await fill(session, 1, CANARY)
        await fill(session, 2, NEIGHBOUR)


async def _counts(store: Store) -> dict[str, int]:
    async with store.read() as session:
        return {
            table.name: await session.scalar(select(func.count()).select_from(table)) or 0
            for table in METADATA.sorted_tables
        }


async def test_export_holds_a_row_of_every_personal_table_and_nobody_elses(store: Store) -> None:
    await _two_people(store)
    async with store.read() as session:
        exported = await privacy.export_person(session, 1, now=NOW)
    written = json.dumps(exported)
    assert {name for name, rows in exported["tables"].items() if rows} == PERSONAL.keys() | SPECIAL_ROWS
    assert NEIGHBOUR not in written
    assert "secret_hash" not in written


async def test_erasing_leaves_no_row_and_no_word_of_the_person(store: Store) -> None:
    await _two_people(store)
    async with store.write() as session:
        erased = await privacy.erase_person(session, 1, now=LATER, erased_by="cli")
    assert erased.customer_ids == (1,)
    assert erased.rows == dict.fromkeys([*PERSONAL, *SPECIAL_ROWS], 1)
    assert erased.files == ("other-1",)
    left = await _counts(store)
    assert {name: left[name] for name in PERSONAL} == dict.fromkeys(PERSONAL, 1)
    async with store.read() as session:
        assert (await session.scalars(select(AuditEntry.detail).order_by(AuditEntry.id))).all() == [
            {},
            {"name": NEIGHBOUR},
        ]
        assert (await privacy.tombstones(session))[1] == LATER
        with pytest.raises(NotFound, match="no customer 1"):
            await privacy.export_person(session, 1, now=NOW)


async def test_after_scrubbing_the_words_are_in_no_file(sqlite_store: Store) -> None:
    await _two_people(sqlite_store)
    path = path_of(sqlite_store.url)
    files = [path, Path(f"{path}-wal")]
    assert any(CANARY.encode() in file.read_bytes() for file in files)
    async with sqlite_store.write() as session:
        await privacy.erase_person(session, 1, now=LATER, erased_by="cli")
    await privacy.scrub(sqlite_store)
    for file in [*files, Path(f"{path}-shm")]:
        assert CANARY.encode() not in file.read_bytes()
    assert NEIGHBOUR.encode() in path.read_bytes()


async def test_scrubbing_works_on_postgres(postgres_store: Store) -> None:
    await _two_people(postgres_store)
    async with postgres_store.write() as session:
        await privacy.erase_person(session, 1, now=LATER, erased_by="cli")
    await privacy.scrub(postgres_store)
    assert (await _counts(postgres_store))["customer"] == 1


async def test_a_person_merged_out_of_several_records_is_erased_whole(store: Store) -> None:
    async with store.write() as session:
        for number, into in ((3, None), (2, 3), (1, 2), (9, None)):
            session.add(Customer(id=number, merged_into_id=into, name=CANARY, created_at=NOW, updated_at=NOW))
            await session.flush()
        erased = await privacy.erase_person(session, 2, now=LATER, erased_by="cli")
    assert erased.customer_ids == (1, 2, 3)
    assert (await _counts(store))["customer"] == 1


async def test_who_comes_back_with_a_backup_is_erased_again_and_nobody_else(store: Store) -> None:
    await _two_people(store)
    async with store.write() as session:
        assert await privacy.erase_again(session, {1: NOW, 77: NOW}, erased_by="restore") == 2
        assert await privacy.erase_again(session, {1: NOW, 77: NOW}, erased_by="restore") == 0
        assert (await session.scalars(select(Customer.id))).all() == [2]
        assert {1: NOW, 77: NOW}.items() <= (await privacy.tombstones(session)).items()


async def test_who_objects_to_profiling_loses_their_scores_at_once(store: Store) -> None:
    await _two_people(store)
    async with store.write() as session:
        await privacy.allow_profiling(session, 1, allowed=False, now=LATER)
        assert (await session.scalars(select(CustomerScore.customer_id))).all() == [2]
        customer = await session.get_one(Customer, 1)
        assert (customer.profiling_allowed, customer.updated_at) == (False, LATER)
        await privacy.allow_profiling(session, 1, allowed=True, now=LATER)
        assert (await session.get_one(Customer, 1)).profiling_allowed


async def test_old_resolved_conversations_go_and_their_ratings_stay_as_numbers(store: Store) -> None:
    await _two_people(store)
    async with store.write() as session:
        (await session.get_one(Conversation, 2)).resolved_at = NOW + timedelta(days=1)
        await session.flush()
        assert await privacy.delete_resolved(session, before=NOW) == 0
        assert await privacy.delete_resolved(session, before=NOW + timedelta(hours=1)) == 1
        assert (await session.scalars(select(Conversation.id))).all() == [2]
        kept = (await session.scalars(select(Rating).where(Rating.customer_id == 1))).one()
        assert (kept.score, kept.conversation_id, kept.request_id) == (50.0, None, None)
    counts = await _counts(store)
    assert {name: counts[name] for name in ("message", "message_edit", "timer", "gap", "customer")} == {
        "message": 1,
        "message_edit": 1,
        "timer": 1,
        "gap": 1,
        "customer": 2,
    }


def test_every_table_has_a_rule_and_no_rule_is_stale() -> None:
    ruled = [*PERSONAL, *SPECIAL, *IMPERSONAL]
    assert sorted(ruled) == sorted(table.name for table in METADATA.sorted_tables)


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=lambda table: table.name)
def test_a_table_that_refers_to_a_person_is_personal(table: object) -> None:
    name = table.name  # type: ignore[attr-defined]
    for key in table.foreign_keys:  # type: ignore[attr-defined]
        if key.column.table.name in PERSONAL:
            assert name in PERSONAL
            if key.column.table.name == "customer" and name != "customer":
                assert key.parent.name in {link.column for link in PERSONAL[name]} or name == "message"
