"""Migrations: they make what the models say, on both databases, after a backup, all or nothing."""

import asyncio
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text

from crm_store import migrate, revisions, schema
from crm_store.engine import open_store, parse_url
from crm_store.errors import StoreUnusable
from crm_store.models.all import METADATA
from crm_store.models.customers import Customer
from crm_store.schema import with_connection
from tests.postgres_server import PostgresServer

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


async def test_migrations_make_what_the_models_say(store_url: str) -> None:
    assert await with_connection(parse_url(store_url), revisions.differences) == []
    assert await migrate.check() == []


def test_the_first_revision_is_the_one_drafted_from_the_models() -> None:
    written = revisions.INITIAL.read_text(encoding="utf-8")
    for table in METADATA.sorted_tables:
        assert f"def _make_{table.name}()" in written


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE customer DROP COLUMN address",
        "ALTER TABLE customer ADD COLUMN surplus INTEGER",
        "DROP INDEX ix_message_unsent",
        "DROP INDEX uq_conversation_open; CREATE UNIQUE INDEX uq_conversation_open ON conversation (identity_id)",
        "DROP TABLE key_value; CREATE TABLE key_value ("
        "key VARCHAR(64) NOT NULL, value TEXT, CONSTRAINT pk_key_value PRIMARY KEY (key))",
    ],
)
async def test_a_difference_from_the_models_is_told(sqlite_url: str, change: str) -> None:
    with closing(sqlite3.connect(parse_url(sqlite_url).database or "")) as connection:
        connection.executescript(change)
    assert await with_connection(parse_url(sqlite_url), revisions.differences) != []


async def test_down_and_up_again(store_url: str) -> None:
    def down(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(schema.SCRIPTS))
        config.attributes["connection"] = connection
        command.downgrade(config, "base")

    await with_connection(parse_url(store_url), down)
    done = await migrate.upgrade(store_url, backup_folder="unused", now=NOW)
    assert (done.from_revision, done.to_revision, done.backup) == (None, schema.head(), None)
    again = await migrate.upgrade(store_url, backup_folder="unused", now=NOW)
    assert not again.changed


async def test_a_new_file_is_made_without_a_backup(tmp_path: Path) -> None:
    done = await migrate.upgrade(f"sqlite:///{tmp_path}/new.db", backup_folder=tmp_path / "b", now=NOW)
    assert done.changed
    assert done.backup is None
    assert not (tmp_path / "b").exists()


async def test_an_upgrade_backs_the_file_up_first_and_loses_nothing(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _add_customer(sqlite_url)
    _next_revision(tmp_path, monkeypatch, "op.add_column('customer', sa.Column('nickname', sa.Text()))")
    done = await migrate.upgrade(sqlite_url, backup_folder=tmp_path / "backups", now=NOW)
    assert done.backup is not None
    assert done.backup.rows["customer"] == 1
    assert (done.from_revision, done.to_revision) == ("0001", "0002")
    assert await _scalar(sqlite_url, "SELECT count(*) FROM customer WHERE nickname IS NULL") == 1


async def test_making_a_table_anew_keeps_the_rows_that_refer_to_it(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _add_customer(sqlite_url)
    steps = "with op.batch_alter_table('customer', recreate='always') as b: b.drop_column('address')"
    _next_revision(tmp_path, monkeypatch, steps)
    await migrate.upgrade(sqlite_url, backup_folder=tmp_path / "backups", now=NOW)
    assert await _scalar(sqlite_url, "SELECT count(*) FROM identity") == 1


@pytest.mark.parametrize("failure", ["raise RuntimeError('power cut')", "op.execute('DELETE FROM customer')"])
async def test_an_upgrade_that_fails_or_breaks_references_is_undone(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    await _add_customer(sqlite_url)
    steps = f"op.add_column('customer', sa.Column('nickname', sa.Text())); {failure}"
    _next_revision(tmp_path, monkeypatch, steps)
    with pytest.raises((RuntimeError, StoreUnusable)):
        await migrate.upgrade(sqlite_url, backup_folder=tmp_path / "backups", now=NOW)
    assert await schema.revision_of(sqlite_url) == "0001"
    assert await _scalar(sqlite_url, "SELECT count(*) FROM customer") == 1


async def test_a_database_newer_than_the_program_is_refused(store_url: str) -> None:
    await _run(store_url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StoreUnusable, match=r"newer Frontdesk .*9999.*install that version"):
        await migrate.upgrade(store_url, backup_folder="unused", now=NOW)


async def test_another_programs_database_is_refused(store_url: str) -> None:
    await _run(store_url, "DROP TABLE alembic_version")
    with pytest.raises(StoreUnusable, match="another program"):
        await migrate.upgrade(store_url, backup_folder="unused", now=NOW)


async def test_two_programs_starting_at_once_migrate_once(postgres_server: PostgresServer) -> None:
    name = postgres_server.create(template="template0")
    url = postgres_server.database(name)
    done = await asyncio.gather(*(migrate.upgrade(url, backup_folder="unused", now=NOW) for _ in range(4)))
    assert {each.to_revision for each in done} == {schema.head()}
    postgres_server.drop(name)


async def _add_customer(url: str) -> None:
    store = open_store(url, owner=True)
    async with store.write() as session:
        session.add(Customer(id=1, name="Ada", address="1 Road", created_at=NOW, updated_at=NOW))
        await session.flush()
        await session.execute(
            text(
                "INSERT INTO identity (customer_id, channel, address, is_reachable, created_at, last_seen_at) "
                "VALUES (1, 'web', 'a', 1, '2026-11-20 09:00:00', '2026-11-20 09:00:00')"
            )
        )
    await store.close()


async def _run(url: str, statement: str) -> None:
    await with_connection(parse_url(url), lambda connection: connection.execute(text(statement)))


async def _scalar(url: str, statement: str) -> object:
    return await with_connection(
        parse_url(url), lambda connection: connection.execute(text(statement)).scalar()
    )


def _next_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, steps: str) -> None:
    """Let the program have a second revision that takes these steps."""
    scripts = tmp_path / "scripts"
    (scripts / "versions").mkdir(parents=True)
    for name in ("env.py", "versions/0001_initial.py"):
        (scripts / name).write_text((schema.SCRIPTS / name).read_text())
    (scripts / "versions" / "0002_next.py").write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n"
        f'revision = "0002"\ndown_revision = "0001"\ndef upgrade():\n    {steps}\n'
    )
    monkeypatch.setattr(schema, "SCRIPTS", scripts)
