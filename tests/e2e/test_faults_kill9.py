"""A bot that is killed, or asked to stop, at random moments under load: nothing lost, nothing twice, order kept.

The long forms are `python -m benchmarks.kill9 --cycles 10000` and `python -m benchmarks.sigterm --times 100`.
"""

from collections.abc import Iterator

import pytest

from benchmarks import kill9, sigterm
from benchmarks.kills.command import trials
from tests.postgres_server import PostgresImpossible, start_server

SEED = 20261121
KILLS_ON_SQLITE, KILLS_ON_POSTGRES, STOPS = 150, 50, 8


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    try:
        server = start_server()
    except PostgresImpossible as error:
        pytest.fail(str(error), pytrace=False)
    server.sql('CREATE DATABASE "kill9"')
    yield server.database("kill9")
    server.stop()


@pytest.mark.timeout(900)
def test_kills_beside_sqlite() -> None:
    found = trials(KILLS_ON_SQLITE, None, is_postgres=False, seed=SEED, word="kill")
    assert kill9.is_held(found), found
    assert found.cycles == KILLS_ON_SQLITE
    assert found.handoffs > 0


@pytest.mark.timeout(900)
def test_kills_on_postgresql(postgres_url: str) -> None:
    found = trials(KILLS_ON_POSTGRES, postgres_url, is_postgres=True, seed=SEED, word="kill")
    assert kill9.is_held(found), found


@pytest.mark.timeout(600)
def test_stops_under_load() -> None:
    found = trials(STOPS, None, is_postgres=False, seed=SEED, word="stop")
    assert sigterm.is_held(found), found
