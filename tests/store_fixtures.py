"""Stores to test on: SQLite alone, PostgreSQL alone, or each test on both.

`store` runs a test twice. Every database is a copy of a template whose schema came from the migrations. Under
pytest-xdist each worker has its own server.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from crm_store.engine import Store, open_store, parse_url
from crm_store.schema import apply, with_connection
from tests.postgres_server import TEMPLATE, PostgresImpossible, PostgresServer, start_server


async def make_schema(url: str) -> None:
    """Lay the tables into an empty database, as a start of the program does."""
    await with_connection(parse_url(url), apply)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A running PostgreSQL with a template of the schema; a failure, never a skip, where there is none."""
    try:
        server = start_server()
    except PostgresImpossible as error:
        pytest.fail(str(error), pytrace=False)
    try:
        server.sql(f'CREATE DATABASE "{TEMPLATE}"')
        server.run(make_schema(server.database(TEMPLATE)))
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the schema and no rows."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    _apart(make_schema(f"sqlite:///{path}"))
    return path


def _apart(work: Coroutine[Any, Any, None]) -> None:
    # In a thread of its own: the test's event loop may already stand in this one.
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """The URL of a fresh SQLite store."""
    path = tmp_path / "frontdesk.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of a fresh PostgreSQL store."""
    name = postgres_server.create()
    yield postgres_server.database(name)
    postgres_server.drop(name)


@pytest.fixture(params=["sqlite", "postgres"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The URL of a fresh store, once per kind of database."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """A fresh open store, once per kind of database."""
    opened = open_store(store_url, owner=True)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite_store(sqlite_url: str) -> AsyncIterator[Store]:
    """A fresh open SQLite store."""
    opened = open_store(sqlite_url, owner=True)
    yield opened
    await opened.close()


@pytest.fixture
async def postgres_store(postgres_url: str) -> AsyncIterator[Store]:
    """A fresh open PostgreSQL store."""
    opened = open_store(postgres_url)
    yield opened
    await opened.close()
