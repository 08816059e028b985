"""A bot that is killed, or asked to stop, at random moments under load: nothing lost, nothing twice, order kept.

The long forms are `python -m benchmarks.kill9 --cycles 10000` and `python -m benchmarks.sigterm --times 100`.
"""

from collections.abc import Iterator

import pytest

from benchmarks import kill9, sigterm
from benchmarks.kills import askers
from benchmarks.kills.command import trials
from tests.postgres_server import PostgresImpossible, start_server

SEED = 20261121
KILLS_ON_SQLITE, KILLS_ON_POSTGRES, LONG_LIVES, STOPS = 150, 50, 8, 8


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


@pytest.mark.timeout(600)
def test_kills_amid_whole_stories(monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer lives and fewer questions, so that hand-overs, replies, edits and stars are all done and killed in."""
    monkeypatch.setattr(askers, "PER_SECOND", 30)
    found = trials(LONG_LIVES, None, is_postgres=False, seed=SEED, word="kill", life_s=2.5)
    assert found.is_sound, found  # so few kills say nothing about an average
    assert found.most_extras_of_a_chat_in_a_life <= 1
    assert found.handoffs > 0
    assert found.stars > 0


@pytest.mark.timeout(900)
def test_kills_on_postgresql(postgres_url: str) -> None:
    found = trials(KILLS_ON_POSTGRES, postgres_url, is_postgres=True, seed=SEED, word="kill")
    assert kill9.is_held(found), found


@pytest.mark.timeout(600)
def test_stops_under_load() -> None:
    found = trials(STOPS, None, is_postgres=False, seed=SEED, word="stop")
    assert sigterm.is_held(found), found
