"""The schema of a database: which revision it has, and bringing it to the one this program works with.

Alembic, which is slow to import, is loaded only where there is something to bring.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, event, inspect, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from crm_store import backfill
from crm_store.driver import connect
from crm_store.engine import parse_url
from crm_store.errors import StoreUnusable
from crm_store.sqlite_files import explain, path_of

SCRIPTS = Path(__file__).parent / "migrations"
BUSY_TIMEOUT_MS = 5000
_VERSIONS = "alembic_version"
_POSTGRES_LOCK = 0x66726F6E74  # any number, the same in every Frontdesk process

T = TypeVar("T")


def head() -> str:
    """The revision this program works with: the one that no other follows."""
    follows = _revisions()
    (found,) = follows.keys() - set(follows.values())
    return found


def _revisions() -> dict[str, str | None]:
    """Every revision this program has, and which it follows."""
    found: dict[str, str | None] = {}
    for path in sorted((SCRIPTS / "versions").glob("*.py")):
        source = path.read_text("utf-8")
        own, before = _assigned("revision", source), _assigned("down_revision", source)
        if own is not None:
            found[own] = before
    return found


def _assigned(name: str, source: str) -> str | None:
    match = re.search(rf"""^{name}\b[^=\n]*=\s*["']([^"']+)""", source, re.MULTILINE)
    return match and match[1]


async def revision_of(store_url: str) -> str | None:
    """The database's revision, None where there are no tables yet; raises as `upgrade` does."""
    return await with_connection(parse_url(store_url), current_revision)


def current_revision(connection: Connection) -> str | None:
    """The revision the database has; raises StoreUnusable where this program cannot go on from it."""
    names, known = inspect(connection).get_table_names(), _revisions()
    found: str | None = None
    if _VERSIONS in names:
        found = connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalar()  # noqa: S608 (a constant)
    if found is None:
        strangers = [name for name in names if name != _VERSIONS]
        if strangers:
            raise StoreUnusable(
                f"the database holds tables of another program ('{strangers[0]}', ...); "
                "give Frontdesk a database of its own in FRONTDESK_DATABASE_URL"
            )
    elif found not in known:
        raise StoreUnusable(
            f"the database was written by a newer Frontdesk (its schema is {found}, this program's {head()}); "
            "install that version again, or restore a backup from before"
        )
    if found is not None and (strange := set(backfill.unfinished(connection)) - known.keys()):
        raise StoreUnusable(
            f"a newer Frontdesk began to upgrade the database and was cut off (at {min(strange)}); start that version "
            "again, which goes on there, or restore the backup from before"
        )
    return found


def is_in_the_middle(connection: Connection) -> bool:
    """Whether an upgrade was cut off between two of its transactions."""
    return current_revision(connection) is not None and bool(backfill.unfinished(connection))


def apply(connection: Connection) -> None:
    """Bring the schema to `head()` in the connection's transaction."""
    if connection.dialect.name == "postgresql":  # two processes may start at once
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _POSTGRES_LOCK})
    _upgrade(connection, {})
    _check_references(connection)


def apply_stepwise(connection: Connection) -> None:
    """Bring the schema to `head()` and commit, also on the way where a revision works in batches (`backfill`)."""
    if connection.dialect.name == "postgresql":  # kept over the commits, until the connection is closed
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _POSTGRES_LOCK})
    else:
        connection.execute(text("SELECT 1"))  # Alembic leaves a transaction alone that it finds

    def commit() -> None:
        _check_references(connection)
        connection.commit()

    _upgrade(connection, {backfill.COMMIT: commit})
    commit()


def _upgrade(connection: Connection, attributes: dict[str, Any]) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.attributes.update(attributes, connection=connection)
    command.upgrade(config, "head")


def _check_references(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        dangling = connection.execute(text("PRAGMA foreign_key_check")).first()
        if dangling is not None:
            raise StoreUnusable(
                f"the upgrade would break the references of '{dangling[0]}' and was undone; report this, and go on "
                "with the version before (and with the backup from before, should it refuse the database)"
            )


async def with_connection(url: URL, work: Callable[[Connection], T], *, commits: bool = False) -> T:
    """The result of `work` on a connection made for changing the schema: in one transaction, or it `commits` itself."""
    engine = schema_engine(url)
    try:
        with clear_errors(url):
            async with engine.connect() if commits else engine.begin() as connection:
                return await connection.run_sync(work)
    finally:
        await engine.dispose()


@contextmanager
def clear_errors(url: URL) -> Iterator[None]:
    """Let the drivers' errors come out as StoreUnusable, with what to do."""
    shown = url.set(drivername=url.get_backend_name()).render_as_string()
    try:
        yield
    except DBAPIError as error:
        if url.get_backend_name() == "sqlite":
            raise explain(error, path_of(url)) from None
        raise StoreUnusable(
            f"the database at {shown} refused ({error.orig}); check it and FRONTDESK_DATABASE_URL"
        ) from None
    except ConnectionRefusedError:
        raise StoreUnusable(
            f"no database answers at {shown}; start it, or check FRONTDESK_DATABASE_URL"
        ) from None
    except _connecting_errors() as error:  # while connecting the driver's errors come as they are
        raise StoreUnusable(
            f"the database at {shown} does not let us in ({error}); start it, or check FRONTDESK_DATABASE_URL"
        ) from None


def _connecting_errors() -> tuple[type[BaseException], ...]:
    """What a database that lets nobody in raises; of asyncpg where it is in use."""
    asyncpg = sys.modules.get("asyncpg")
    return (OSError, asyncpg.PostgresError) if asyncpg else (OSError,)


def schema_engine(url: URL) -> AsyncEngine:
    """An engine for changing the schema; on SQLite it does not watch over references while it works."""
    is_sqlite = url.get_backend_name() == "sqlite"
    engine = create_async_engine(
        url,
        hide_parameters=True,  # rows are people's words, and errors are printed
        connect_args={"async_creator_fn": connect} if is_sqlite else {},
    )
    if is_sqlite:

        @event.listens_for(engine.sync_engine, "connect")
        def _configure(connection: Any, _record: Any) -> None:
            connection.isolation_level = None
            cursor = connection.cursor()
            cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
            # Making a table anew would delete the rows that refer to it, by ON DELETE CASCADE.
            cursor.execute("PRAGMA foreign_keys=OFF")
            # As the server's connection: what an upgrade drops is overwritten, what it commits stays committed
            # (a file without a write-ahead log needs EXTRA for that: the removal of its journal is the commit).
            cursor.execute("PRAGMA secure_delete=ON")
            cursor.execute("PRAGMA synchronous=EXTRA")
            cursor.close()

        @event.listens_for(engine.sync_engine, "begin")
        def _begin(connection: Any) -> None:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
