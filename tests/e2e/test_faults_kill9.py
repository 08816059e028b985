"""A bot that is killed, or asked to stop, at random moments under load: nothing lost, nothing twice, order kept.

The long forms are `python -m benchmarks.kill9 --cycles 10000` and `python -m benchmarks.sigterm --times 100`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict

import pytest

from benchmarks import kill9, sigterm
from benchmarks.bars import Bar, missed
from benchmarks.kills import askers
from benchmarks.kills.command import Figures, trials
from tests.postgres_server import PostgresImpossible, start_server

SEED = 20261121
KILLS_ON_SQLITE, KILLS_ON_POSTGRES, LONG_LIVES, STOPS = 212, 80, 8, 8
"""Three hundred kills in all."""


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    try:
        server = start_server()
    except PostgresImpossible as error:
        pytest.fail(str(error), pytrace=False)
    server.sql('CREATE DATABASE "kill9"')
    yield server.database("kill9")
    server.stop()


def held(found: Figures, bars: Sequence[Bar]) -> None:
    """Every bar holds; what is told of one that does not begins with it, and has all figures."""
    broken = missed(asdict(found), bars)
    assert not broken, f"{broken}\nof {found}"


@pytest.mark.timeout(900)
def test_kills_beside_sqlite() -> None:
    found = trials(KILLS_ON_SQLITE, None, is_postgres=False, seed=SEED, word="kill")
    held(found, kill9.BARS)
    assert found.cycles == KILLS_ON_SQLITE


@pytest.mark.timeout(600)
def test_kills_amid_whole_stories(monkeypatch: pytest.MonkeyPatch) -> None:
    """Longer lives and fewer questions, so that hand-overs, replies, edits and stars are all done and killed in."""
    monkeypatch.setattr(askers, "PER_SECOND", 30)
    stars = 0
    for again in range(4):  # on a busy machine few stories come to their end in so many lives
        found = trials(LONG_LIVES, None, is_postgres=False, seed=SEED + again, word="kill", life_s=2.5)
        # so few kills say nothing about an average
        held(found, [bar for bar in kill9.BARS if bar.name != "extra_per_cycle"])
        stars += found.stars
        if stars:
            break
    assert stars, found


@pytest.mark.timeout(900)
def test_kills_on_postgresql(postgres_url: str) -> None:
    held(trials(KILLS_ON_POSTGRES, postgres_url, is_postgres=True, seed=SEED, word="kill"), kill9.BARS)


@pytest.mark.timeout(600)
def test_stops_under_load() -> None:
    held(trials(STOPS, None, is_postgres=False, seed=SEED, word="stop"), sigterm.BARS)
