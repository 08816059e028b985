"""An upgrade that changes many rows in batches: cut off anywhere, it goes on where it was, to the same end."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Connection, Engine

from crm_store import migrate, schema
from crm_store.backup import backups
from crm_store.engine import open_store, parse_url
from crm_store.errors import StoreUnusable
from crm_store.models.customers import Customer
from crm_store.ownership import FileOwnership
from crm_store.schema import with_connection
from crm_store.sqlite_files import path_of

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ROWS = 95
_HEADS = (
    "import sqlalchemy as sa\nfrom alembic import op\nfrom crm_store.backfill import in_batches\n"
    'revision = "{0}"\ndown_revision = "{1}"\n'
)
_REVISIONS = {
    ("0002", "0001"): "def upgrade():\n    op.add_column('customer', sa.Column('filled', sa.Integer()))\n",
    ("0003", "0002"): (
        "def upgrade():\n    in_batches('0003', 'customer', _fill, at_once=10)\n\n"
        "def _fill(connection, after, last):\n"
        "    statement = 'UPDATE customer SET filled = coalesce(filled, 0) + id WHERE id > :after AND id <= :last'\n"
        "    connection.execute(sa.text(statement), {'after': after, 'last': last})\n"
    ),
    ("0004", "0003"): (
        "def upgrade():\n    with op.batch_alter_table('customer') as table:\n"
        "        table.alter_column('filled', existing_type=sa.Integer(), nullable=False)\n"
    ),
}


class KilledError(Exception):
    """Stands for a kill: nothing after it is done."""


@pytest.fixture
async def filled_url(store_url: str) -> str:
    """A store at the first revision with some customers, whose ids have gaps."""
    store = open_store(store_url, owner=True)
    async with store.write() as session:
        session.add_all(Customer(id=3 * n, created_at=NOW, updated_at=NOW) for n in range(1, ROWS + 1))
    await store.close()
    return store_url


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program's next version, with three revisions more."""
    scripts = tmp_path / "scripts"
    (scripts / "versions").mkdir(parents=True)
    for name in ("env.py", "versions/0001_initial.py"):
        (scripts / name).write_text((schema.SCRIPTS / name).read_text())
    for (own, before), steps in _REVISIONS.items():
        (scripts / "versions" / f"{own}.py").write_text(_HEADS.format(own, before) + steps)
    monkeypatch.setattr(schema, "SCRIPTS", scripts)
    return scripts


async def _cut_off(url: str, backups: Path, commits: int) -> bool:
    """Upgrade, and be killed instead of this commit; whether it came to that."""
    seen = 0

    def count(_connection: Connection) -> None:
        nonlocal seen
        seen += 1
        if seen == commits:
            raise KilledError

    event.listen(Engine, "commit", count)
    try:
        await migrate.upgrade(url, backup_folder=backups, now=NOW)
    except KilledError:
        return True
    finally:
        event.remove(Engine, "commit", count)
    return False


async def _row(url: str, statement: str) -> tuple[object, ...]:
    return await with_connection(
        parse_url(url), lambda connection: tuple(connection.execute(text(statement)).one())
    )


async def _is_upgraded(url: str) -> bool:
    wrong = "SELECT count(*), sum(CASE WHEN filled = id THEN 0 ELSE 1 END) FROM customer"
    left = "SELECT count(*) FROM key_value WHERE key LIKE 'backfill%'"
    return (await _row(url, wrong), await _row(url, left)) == ((ROWS, 0), (0,))


async def test_cut_off_at_every_commit_it_still_comes_to_the_same_end(
    filled_url: str, next_version: Path, tmp_path: Path
) -> None:
    cuts = 0
    while await _cut_off(filled_url, tmp_path / "b", 5):  # each start gets a little further
        cuts += 1
        assert cuts < 50
    assert cuts > ROWS / 10 / 4
    assert await schema.revision_of(filled_url) == "0004"
    assert await _is_upgraded(filled_url)


async def test_a_backup_is_made_before_and_none_of_the_middle(
    filled_url: str, next_version: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "b"
    assert await _cut_off(filled_url, folder, 8)
    first = backups(folder)
    assert len(first) == (1 if filled_url.startswith("sqlite") else 0)
    done = await migrate.upgrade(filled_url, backup_folder=folder, now=NOW)
    assert (done.from_revision, done.to_revision, done.backup) == ("0002", "0004", None)
    assert backups(folder) == first


async def test_only_a_few_backups_are_kept_of_an_upgrade_that_never_ends(
    filled_url: str, next_version: Path, tmp_path: Path
) -> None:
    (next_version / "versions" / "0002.py").write_text(
        _HEADS.format("0002", "0001") + "def upgrade():\n    1 / 0\n"
    )
    for _ in range(6):
        with pytest.raises(ZeroDivisionError):
            await migrate.upgrade(filled_url, backup_folder=tmp_path / "b", now=NOW)
    assert len(backups(tmp_path / "b")) == (3 if filled_url.startswith("sqlite") else 0)


async def test_an_upgrade_cut_off_in_the_middle_is_not_started_on_by_the_version_before(
    filled_url: str, next_version: Path, tmp_path: Path
) -> None:
    assert await _cut_off(filled_url, tmp_path / "b", 8)
    for name in ("0003.py", "0004.py"):  # a version between the two
        (next_version / "versions" / name).unlink()
    with pytest.raises(
        StoreUnusable, match=r"newer Frontdesk began to upgrade .*cut off.*start that version"
    ):
        await migrate.upgrade(filled_url, backup_folder=tmp_path / "b", now=NOW)


async def test_in_another_transaction_batches_are_not_committed(filled_url: str, next_version: Path) -> None:
    def stopped(connection: Connection) -> None:
        schema.apply(connection)
        raise KilledError

    with pytest.raises(KilledError):
        await with_connection(parse_url(filled_url), stopped)
    assert await schema.revision_of(filled_url) == "0001"
    await with_connection(parse_url(filled_url), schema.apply)
    assert await _is_upgraded(filled_url)


async def test_a_file_is_not_upgraded_under_a_running_server(
    sqlite_url: str, next_version: Path, tmp_path: Path
) -> None:
    server = FileOwnership(path_of(sqlite_url))
    server.acquire()
    with pytest.raises(StoreUnusable, match=r"another Frontdesk server .*stop it first"):
        await migrate.upgrade(sqlite_url, backup_folder=tmp_path / "b", now=NOW)
    assert await schema.revision_of(sqlite_url) == "0001"
    done = await migrate.upgrade(sqlite_url, backup_folder=tmp_path / "b", now=NOW, is_owner=True)
    assert done.to_revision == "0004"
    server.release()
