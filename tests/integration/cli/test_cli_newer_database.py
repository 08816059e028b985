"""An older program on a newer database: every verb refuses, says what to do, and changes nothing."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from crm_store.engine import parse_url
from crm_store.schema import with_connection
from tests.commandline import CommandLine

NEWER = "UPDATE alembic_version SET version_num = '9999'"
CUT_OFF = "INSERT INTO key_value (key, value) VALUES ('backfill:9999', '5000')"
TOLD = {
    NEWER: ("was written by a newer Frontdesk (its schema is 9999", "install that version again"),
    CUT_OFF: (
        "a newer Frontdesk began to upgrade the database and was cut off (at 9999)",
        "start that version",
    ),
}
VERBS = (
    ("run",),
    ("bot",),
    ("api",),
    ("score",),
    ("doctor",),
    ("db", "upgrade"),
    ("db", "scrub"),
    ("kb", "list"),
    ("kb", "import", "kb.csv"),
    ("customers", "list"),
    ("staff", "code", "admin"),
    ("keys", "list"),
    ("parked", "list"),
    ("ask", "where is my order?"),
    ("chat",),
)


@pytest.mark.parametrize("change", [NEWER, CUT_OFF], ids=["newer", "cut off"])
@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_verb_refuses_and_changes_nothing(
    frontdesk: CommandLine, verb: tuple[str, ...], change: str
) -> None:
    path = Path(frontdesk.settings["database_url"].removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(change)
        connection.commit()
    frontdesk.file("kb.csv", "text,article,answer\nhow do I pay,pay,By card.\n")
    before = path.read_bytes()
    done = frontdesk(*verb, stdin="")
    assert done.status == 1
    for part in TOLD[change]:
        assert part in " ".join((done.out + done.err).split())
    assert path.read_bytes() == before
    assert not (frontdesk.folder / "backups").exists()


@pytest.mark.parametrize("verb", [("run",), ("bot",), ("kb", "list")], ids=" ".join)
def test_the_same_on_postgres(frontdesk: CommandLine, newer_postgres: str, verb: tuple[str, ...]) -> None:
    done = frontdesk(*verb, database_url=newer_postgres)
    assert done.status == 1
    assert "install that version again" in " ".join((done.out + done.err).split())


@pytest.fixture
def newer_postgres(postgres_url: str) -> str:
    """A PostgreSQL store that a newer version has upgraded."""
    asyncio.run(with_connection(parse_url(postgres_url), lambda connection: connection.execute(text(NEWER))))
    return postgres_url
