"""Backups of both databases: whole, verified, restored, and damaged ones refused."""

import random
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from crm_store import privacy
from crm_store.backup import backups, make_backup, seal_of, verify
from crm_store.copying import NOT_COPIED
from crm_store.engine import Store, open_store
from crm_store.errors import Conflict, StoreError, StoreUnusable
from crm_store.models.all import METADATA
from crm_store.models.customers import Customer
from crm_store.ownership import FileOwnership
from crm_store.restore import restore
from crm_store.sqlite_files import path_of
from tests.whole_store import fill

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
WORD = "QZXV8841"


async def _people(url: str, *numbers: int) -> None:
    store = open_store(url, owner=True)
    async with store.write() as session:
        for number in numbers:
            await fill(session, number, WORD)
    await store.close()


async def _everything(url: str) -> dict[str, list[tuple[object, ...]]]:
    store = open_store(url)
    async with store.read() as session:
        found = {
            table.name: sorted(tuple(row) for row in await session.execute(select(table)))
            if len(table.primary_key) == 1
            else []
            for table in METADATA.sorted_tables
            if table.name not in NOT_COPIED
        }
    await store.close()
    return found


async def test_what_was_backed_up_comes_back_and_what_came_later_is_gone(
    store_url: str, tmp_path: Path
) -> None:
    await _people(store_url, 1, 2)
    before = await _everything(store_url)
    made = await make_backup(store_url, tmp_path / "backups", now=NOW)
    assert made.rows["customer"] == 2
    assert verify(made.path) == made.rows
    await _people(store_url, 3)
    done = await restore(made.path, store_url, now=NOW)
    assert (done.rows["customer"], done.erased_again) == (2, 0)
    assert await _everything(store_url) == before


async def test_a_backup_carries_over_between_the_two_databases(
    sqlite_url: str, postgres_url: str, tmp_path: Path
) -> None:
    await _people(sqlite_url, 1, 2)
    made = await make_backup(sqlite_url, tmp_path, now=NOW)
    await restore(made.path, postgres_url, now=NOW)
    assert await _everything(postgres_url) == await _everything(sqlite_url)


async def test_rows_that_refer_to_later_ones_of_their_table_are_copied(
    postgres_url: str, tmp_path: Path
) -> None:
    store = open_store(postgres_url)
    async with store.write() as session:
        session.add(Customer(id=2, created_at=NOW, updated_at=NOW))
        await session.flush()
        session.add(Customer(id=1, merged_into_id=2, referred_by_id=2, created_at=NOW, updated_at=NOW))
    await store.close()
    before = await _everything(postgres_url)
    made = await make_backup(postgres_url, tmp_path, now=NOW)
    await restore(made.path, postgres_url, now=NOW)
    assert await _everything(postgres_url) == before


async def test_an_id_is_not_given_twice_after_a_restore(store_url: str, tmp_path: Path) -> None:
    async def add() -> int:
        store = open_store(store_url, owner=True)
        async with store.write() as session:
            customer = Customer(created_at=NOW, updated_at=NOW)
            session.add(customer)
            await session.flush()
        await store.close()
        return customer.id

    async def erase(customer_id: int) -> None:
        store = open_store(store_url, owner=True)
        async with store.write() as session:
            await privacy.erase_person(session, customer_id, now=NOW, erased_by="cli")
        await store.close()

    first = await add()
    made = await make_backup(store_url, tmp_path, now=NOW)
    last = await add()
    await erase(last)
    done = await restore(made.path, store_url, now=NOW)
    assert done.erased_again == 1
    assert await add() > last > first


async def test_the_erased_do_not_come_back(store_url: str, tmp_path: Path) -> None:
    await _people(store_url, 1, 2)
    made = await make_backup(store_url, tmp_path, now=NOW)
    store = open_store(store_url, owner=True)
    async with store.write() as session:
        await privacy.erase_person(session, 1, now=NOW, erased_by="cli")
    await store.close()
    done = await restore(made.path, store_url, now=NOW)
    assert done.erased_again == 1
    assert [row[0] for row in (await _everything(store_url))["customer"]] == [2]


async def test_tombstones_also_come_from_newer_backups(sqlite_url: str, tmp_path: Path) -> None:
    await _people(sqlite_url, 1, 2)
    old = await make_backup(sqlite_url, tmp_path / "b", now=NOW)
    store = open_store(sqlite_url, owner=True)
    async with store.write() as session:
        await privacy.erase_person(session, 1, now=NOW, erased_by="cli")
    await store.close()
    await make_backup(sqlite_url, tmp_path / "b", now=NOW + timedelta(days=1))
    elsewhere = f"sqlite:///{tmp_path}/new.db"  # the old machine is gone
    assert (await restore(old.path, elsewhere, now=NOW)).erased_again == 1
    assert f"{WORD}-1".encode() not in (tmp_path / "new.db").read_bytes()


async def test_a_backup_is_taken_while_others_write(sqlite_store: Store, tmp_path: Path) -> None:
    async with sqlite_store.write() as session:
        session.add(Customer(id=1, created_at=NOW, updated_at=NOW))
        await session.flush()
        made = await make_backup(str(sqlite_store.url), tmp_path, now=NOW)
    assert made.rows["customer"] == 0  # the writer had not committed


async def test_only_so_many_are_kept_and_nothing_else_is_touched(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "backup-notes.db").write_text("mine")
    upgrade = await make_backup(sqlite_url, tmp_path, now=NOW, label="before-upgrade")
    made = [
        await make_backup(sqlite_url, tmp_path, now=NOW + timedelta(hours=n), keep=2) for n in (0, 1, 1, 2)
    ]
    assert backups(tmp_path, "backup") == [made[3].path, made[2].path]
    assert made[3].removed == (made[1].path,)
    kept = {made[2].path, made[3].path, upgrade.path}
    assert set(tmp_path.iterdir()) == {*kept, *map(seal_of, kept), tmp_path / "backup-notes.db"} | {
        path for path in tmp_path.iterdir() if path.name.startswith("frontdesk.db")
    }


async def test_a_damaged_backup_is_refused_and_the_store_untouched(sqlite_url: str, tmp_path: Path) -> None:
    await _people(sqlite_url, 1)
    made = await make_backup(sqlite_url, tmp_path / "b", now=NOW)
    whole, before = made.path.read_bytes(), await _everything(sqlite_url)
    for seed in range(200):
        made.path.write_bytes(whole)
        _damage(made.path, random.Random(seed))
        with pytest.raises(StoreUnusable, match="damaged"):
            verify(made.path)
    with pytest.raises(StoreUnusable, match="damaged"):
        await restore(made.path, sqlite_url, now=NOW)
    assert await _everything(sqlite_url) == before


def _damage(path: Path, chance: random.Random) -> None:
    data = bytearray(path.read_bytes())
    if chance.random() < 0.5:
        data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    else:
        del data[chance.randrange(len(data)) :]
    path.write_bytes(data)


async def test_what_is_no_backup_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    made = await make_backup(sqlite_url, tmp_path / "b", now=NOW)
    with pytest.raises(StoreUnusable, match="is not a file"):
        await restore(tmp_path / "nothing.db", sqlite_url, now=NOW)
    seal_of(made.path).unlink()
    with pytest.raises(StoreUnusable, match=r"no checksum.*sha256sum"):
        await restore(made.path, sqlite_url, now=NOW)


async def test_a_backup_of_a_newer_program_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    made = await make_backup(sqlite_url, tmp_path / "b", now=NOW)
    target = tmp_path / "other.db"
    with pytest.raises(StoreUnusable, match="newer Frontdesk"):
        await restore(made.path, f"sqlite:///{target}", now=NOW)
    assert not target.exists()


async def test_nothing_is_restored_under_a_running_server(sqlite_store: Store, tmp_path: Path) -> None:
    made = await make_backup(str(sqlite_store.url), tmp_path / "b", now=NOW)
    server = FileOwnership(path_of(sqlite_store.url))
    server.acquire()
    with pytest.raises(StoreUnusable, match="another Frontdesk server"):
        await restore(made.path, str(sqlite_store.url), now=NOW)
    server.release()


async def test_nothing_is_restored_while_somebody_is_connected(postgres_store: Store, tmp_path: Path) -> None:
    url = postgres_store.url.render_as_string(hide_password=False)
    made = await make_backup(url, tmp_path, now=NOW)
    async with postgres_store.read() as session:
        await session.execute(text("SELECT 1"))
        with pytest.raises(Conflict, match="still connected"):
            await restore(made.path, url, now=NOW)


async def test_a_damaged_store_is_replaced_and_kept_aside(sqlite_url: str, tmp_path: Path) -> None:
    await _people(sqlite_url, 1)
    made = await make_backup(sqlite_url, tmp_path / "b", now=NOW)
    path = tmp_path / "frontdesk.db"
    path.write_bytes(b"what a crash left" * 1000)
    done = await restore(made.path, sqlite_url, now=NOW)
    assert done.replaced is not None
    assert done.replaced.read_bytes() == b"what a crash left" * 1000
    store = open_store(sqlite_url)
    async with store.read() as session:
        assert await session.scalar(select(func.count()).select_from(Customer)) == 1
    await store.close()


async def test_a_backup_that_cannot_be_written_leaves_nothing(sqlite_url: str, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file, not a folder")
    with pytest.raises(StoreError, match="cannot be written"):
        await make_backup(sqlite_url, tmp_path / "taken", now=NOW)
    with pytest.raises(StoreError, match="is not a file"):
        await make_backup(f"sqlite:///{tmp_path}/nothing.db", tmp_path / "b", now=NOW)
    assert list((tmp_path / "b").iterdir()) == []
