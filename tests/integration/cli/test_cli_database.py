"""`frontdesk db`, and databases that cannot be used: a clear line, nothing changed."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from crm_store import schema
from tests.commandline import CommandLine

ARTICLES = "text,article,answer\nhow do I pay,pay,By card.\n"


def keys_of(frontdesk: CommandLine) -> list[str]:
    return [row["key"] for row in frontdesk("kb", "list", "--json").json]


@pytest.fixture
def filled(frontdesk: CommandLine) -> CommandLine:
    assert frontdesk("kb", "import", frontdesk.file("kb.csv", ARTICLES)).status == 0
    return frontdesk


def test_an_upgrade_makes_a_private_database(frontdesk: CommandLine, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.db"
    first = frontdesk("db", "upgrade", "--json", database_url=url)
    assert (first.status, first.json["from_revision"], first.json["to_revision"]) == (0, None, schema.head())
    assert (tmp_path / "new.db").stat().st_mode & 0o077 == 0, "others may not read what customers say"
    assert frontdesk("db", "upgrade", database_url=url).out == f"The schema is at {schema.head()} already.\n"


def test_a_backup_brings_back_what_was(filled: CommandLine) -> None:
    made = filled("db", "backup", "--json").json
    assert made["rows"]["article"] == 1
    assert Path(made["path"]).stat().st_mode & 0o077 == 0
    filled(
        "kb",
        "import",
        filled.file("more.csv", "text,article,answer\nwhere are you,where,Here.\n"),
        "--replace",
    )
    assert keys_of(filled) == ["where"]
    done = filled("db", "restore", made["path"], "--yes", "--json")
    assert (done.status, done.json["erased_again"], done.json["rows"]["article"]) == (0, 0, 1)
    assert Path(done.json["replaced"]).is_file()
    assert keys_of(filled) == ["pay"]


def test_restoring_asks_first(filled: CommandLine) -> None:
    path = filled("db", "backup", "--json").json["path"]
    assert filled("db", "restore", path, stdin="n\n").status == 1
    done = filled("db", "restore", path, stdin="y\n")
    assert (done.status, f"Restored from {path}." in done.out) == (0, True)


def test_the_question_shows_no_password(frontdesk: CommandLine) -> None:
    url = "postgresql://me:geheim@127.0.0.1:1/shop"
    done = frontdesk("db", "restore", "some.db", stdin="n\n", database_url=url)
    assert done.status == 1
    assert "127.0.0.1:1/shop by some.db?" in done.err
    assert "geheim" not in done.out + done.err


@pytest.mark.parametrize(
    ("name", "told"), [("none.db", "none.db is not a file"), ("kb.csv", "kb.csv has no checksum beside it")]
)
def test_what_is_no_backup(filled: CommandLine, name: str, told: str) -> None:
    done = filled("db", "restore", name, "--yes")
    assert (done.status, done.out) == (1, "")
    assert f"frontdesk: {told}" in done.err
    assert keys_of(filled) == ["pay"]


def test_a_damaged_backup(filled: CommandLine) -> None:
    path = Path(filled("db", "backup", "--json").json["path"])
    content = bytearray(path.read_bytes())
    content[5000] ^= 1
    path.write_bytes(content)
    done = filled("db", "restore", path, "--yes")
    assert (done.status, "is damaged: its checksum is another" in done.err) == (1, True)
    assert keys_of(filled) == ["pay"]


def test_only_so_many_backups_are_kept(filled: CommandLine) -> None:
    for _ in range(3):
        assert filled("db", "backup", backup_keep="2").status == 0
    assert len(list(Path("backups").glob("*.db"))) == 2


def test_scrubbing_and_forgetting_demo_customers(frontdesk: CommandLine) -> None:
    assert frontdesk("db", "scrub", "--json").json == {"scrubbed": True}
    assert frontdesk("db", "forget-demo").out == "0 demo customers removed.\n"


UNUSABLE = {
    "another kind": (
        "mysql://me:geheim@host/shop",
        2,
        "'mysql' databases are not supported; use sqlite:///FILE",
    ),
    "no URL": (
        "frontdesk.db",
        2,
        "FRONTDESK_DATABASE_URL cannot be read; write sqlite:///FILE or postgresql://",
    ),
    "in memory": ("sqlite://", 2, "an SQLite store needs a file: write sqlite:///FILE"),
    "nobody answers": (
        "postgresql://me:geheim@127.0.0.1:1/shop",
        1,
        "no database answers at postgresql://me:***@127.0.0.1:1/shop",
    ),
    "no folder": ("sqlite:////no/such/folder/f.db", 1, "its folder must exist"),
    "a letter": ("sqlite:///letter.db", 1, "letter.db is not an SQLite database; name another file"),
    "a newer schema": ("sqlite:///newer.db", 1, "was written by a newer Frontdesk (its schema is 9999"),
    "another program's": ("sqlite:///other.db", 1, "holds tables of another program ('recipes', ...)"),
}
VERBS = (("kb", "list"), ("db", "upgrade"), ("score",), ("run",))  # a server makes a missing folder


@pytest.fixture
def odd_files(frontdesk: CommandLine, sqlite_template: Path) -> CommandLine:
    frontdesk.file("letter.db", "Dear customer, " * 1000)
    frontdesk.file("newer.db", sqlite_template.read_bytes())
    for name, statement in (
        ("newer.db", "UPDATE alembic_version SET version_num = '9999'"),
        ("other.db", "CREATE TABLE recipes (name TEXT)"),
    ):
        with closing(sqlite3.connect(frontdesk.folder / name)) as connection, connection:
            connection.execute(statement)
    return frontdesk


@pytest.mark.parametrize(
    ("case", "verb"),
    [(case, verb) for case in UNUSABLE for verb in VERBS if (case, verb) != ("no folder", ("run",))],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_a_database_that_cannot_be_used(odd_files: CommandLine, case: str, verb: tuple[str, ...]) -> None:
    url, status, told = UNUSABLE[case]
    before = {path.name: path.read_bytes() for path in odd_files.folder.glob("*.db")}
    done = odd_files(*verb, database_url=url, public_port="0", staff_port="0")
    assert (done.status, done.out) == (status, ""), done.err
    assert done.err.startswith("frontdesk: ")
    assert told in done.err
    assert len(done.err.splitlines()) == 1
    assert "geheim" not in done.err
    assert {path.name: path.read_bytes() for path in odd_files.folder.glob("*.db")} == before


def test_a_locked_database(filled: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schema, "BUSY_TIMEOUT_MS", 10)
    path = filled.settings["database_url"].removeprefix("sqlite:///")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        done = filled("kb", "import", "kb.csv")
    assert (done.status, done.out) == (1, "")
    assert "is locked by another program; stop that program or wait" in done.err
    assert keys_of(filled) == ["pay"]


@pytest.mark.skipif(os.geteuid() != 0, reason="steps down from root, who may write everywhere")
def test_a_folder_that_must_not_be_written(frontdesk: CommandLine) -> None:
    closed = frontdesk.folder
    for parent in (closed, *closed.parents[:3]):
        parent.chmod(0o755)
    os.seteuid(65534)
    try:
        for verb in (("kb", "list"), ("run",), ("doctor",)):
            done = frontdesk(*verb, database_url="sqlite:///new.db", public_port="0", staff_port="0")
            assert done.status == 1
            assert "write" in done.out + done.err
            assert "Traceback" not in done.err
    finally:
        os.seteuid(0)
    assert list(closed.iterdir()) == []


def test_no_traceback_reaches_the_terminal(odd_files: CommandLine) -> None:
    for url in (
        "sqlite:////no/such/folder/f.db",
        "sqlite:///letter.db",
        "postgresql://me:x@127.0.0.1:1/shop",
    ):
        done = odd_files.process("kb", "list", database_url=url)
        assert (done.status, done.out, len(done.err.splitlines())) == (1, "", 1), done.err
