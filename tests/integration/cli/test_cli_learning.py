"""An import is learned before a server starts, and left to one that runs."""

import sqlite3
from pathlib import Path

from crm_store.ownership import FileOwnership
from crm_store.trained_models import ANSWERS
from tests.commandline import CommandLine

CSV = "text,article,answer\nwhere is my card,card,Look here.\nwhat does it cost,fee,Nothing.\n"


def stages(path: Path) -> list[int]:
    connection = sqlite3.connect(path)
    try:
        return [stage for (stage,) in connection.execute("SELECT stage FROM trained_model")]
    finally:
        connection.close()


def test_an_import_is_learned_for_the_server_that_starts_next(
    frontdesk: CommandLine, sqlite_url: str
) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    assert frontdesk("kb", "import", frontdesk.file("kb.csv", CSV)).status == 0
    assert stages(path) == [ANSWERS]
    assert not path.with_name(path.name + ".lock").exists()
    assert frontdesk("kb", "import", frontdesk.file("kb.csv", CSV)).status == 0
    assert stages(path) == [ANSWERS]
    assert frontdesk("ask", "where is my card").out.startswith("Look here.\n")


def test_a_running_server_learns_by_itself(frontdesk: CommandLine, sqlite_url: str) -> None:
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    server = FileOwnership(path)
    server.acquire()
    try:
        assert frontdesk("kb", "import", frontdesk.file("kb.csv", CSV)).status == 0
        assert stages(path) == []
    finally:
        server.release()
