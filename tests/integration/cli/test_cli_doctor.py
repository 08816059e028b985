"""`frontdesk doctor`: looks, changes nothing, and says how to mend."""

import socket
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from crm_store import watching
from tests.commandline import CommandLine

PORTS = {"public_port": "0", "staff_port": "0"}


def findings(frontdesk: CommandLine, **settings: str) -> dict[str, dict[str, Any]]:
    done = frontdesk("doctor", "--json", **{**PORTS, **settings})
    found = {finding["what"]: finding for finding in done.json}
    is_bad = any(finding["level"] == "error" for finding in found.values())
    assert done.status == (1 if is_bad else 0)
    return found


def level_of(found: dict[str, dict[str, Any]], part: str) -> str:
    return str(next(finding["level"] for what, finding in found.items() if part in what))


def test_a_sound_house(frontdesk: CommandLine) -> None:
    frontdesk("kb", "sample", "shop")
    frontdesk("staff", "create", "--role", "admin", "--name", "Ann")
    found = findings(frontdesk)
    assert {finding["level"] for what, finding in found.items() if "Telegram" not in what} == {"ok"}
    assert level_of(found, "the database answers") == "ok"


def test_what_is_missing_is_told_with_how_to_mend_it(frontdesk: CommandLine) -> None:
    found = findings(frontdesk)
    assert level_of(found, "the knowledge base is empty") == "warning"
    assert level_of(found, "nobody can sign in as admin") == "warning"
    assert all(finding["mend"] for finding in found.values() if finding["level"] != "ok")


def test_people_get_a_line_for_each(frontdesk: CommandLine) -> None:
    told = frontdesk("doctor", **PORTS).out
    assert "[ok  ] no server is running on this database file\n" in told
    assert "[warn] the knowledge base is empty\n       frontdesk kb sample shop, or kb import FILE\n" in told


def test_a_port_in_use(frontdesk: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        found = findings(frontdesk, staff_port=str(port))
    assert level_of(found, f"port {port} on 127.0.0.1 is in use") == "warning"


def test_an_address_that_is_not_ours(frontdesk: CommandLine) -> None:
    assert (
        level_of(findings(frontdesk, public_host="203.0.113.7"), "cannot listen on 203.0.113.7:0") == "error"
    )


def test_no_database_is_made_by_looking(frontdesk: CommandLine, tmp_path: Path) -> None:
    found = findings(frontdesk, database_url=f"sqlite:///{tmp_path}/new.db")
    assert level_of(found, "there is no database yet; the first start makes it") == "ok"
    assert not (tmp_path / "new.db").exists()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://me:geheim@host/shop", "'mysql' databases are not supported"),
        ("sqlite:////no/such/folder/f.db", "the folder /no/such/folder does not exist"),
        ("sqlite:///letter.db", "is not an SQLite database"),
        (
            "postgresql://me:geheim@127.0.0.1:1/shop",
            "no database answers at postgresql://me:***@127.0.0.1:1/shop",
        ),
    ],
)
def test_an_unusable_database(frontdesk: CommandLine, url: str, told: str) -> None:
    frontdesk.file("letter.db", "Dear customer, " * 1000)
    found = findings(frontdesk, database_url=url)
    assert level_of(found, told) == "error"
    assert "geheim" not in str(found)


def test_a_damaged_database(frontdesk: CommandLine) -> None:
    frontdesk("kb", "sample", "shop")
    path = Path(frontdesk.settings["database_url"].removeprefix("sqlite:///"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(path.read_bytes())
    content[-40_000:-20_000] = b"\xff" * 20_000
    path.write_bytes(content)
    found = findings(frontdesk)
    assert level_of(found, "integrity check") == "error" or level_of(found, "damaged") == "error"


def test_a_disk_that_is_full(frontdesk: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    frontdesk("kb", "sample", "shop")
    assert not [what for what in findings(frontdesk) if "disk" in what]
    monkeypatch.setattr(watching, "LEAST_ROOM", 2**62)
    assert level_of(findings(frontdesk), "the database's disk is full but for") == "error"


def test_a_slip_of_the_pen_in_a_setting(frontdesk: CommandLine) -> None:
    found = findings(frontdesk, telegram_tokn="123:x")
    finding = found["FRONTDESK_TELEGRAM_TOKN is no setting, so it does nothing"]
    assert finding["mend"] == "did you mean FRONTDESK_TELEGRAM_TOKEN?"


def test_webhook_settings_that_do_not_fit(frontdesk: CommandLine) -> None:
    found = findings(frontdesk, webhook_url="http://shop.example")
    assert level_of(found, "a webhook needs a secret") == "error"
    assert level_of(found, "Telegram calls https addresses only") == "warning"


def test_telegram_is_asked(frontdesk: CommandLine) -> None:
    malformed = findings(frontdesk, telegram_token="secret-nonsense")
    assert level_of(malformed, "the Telegram token is malformed") == "error"
    away = findings(frontdesk, telegram_token="123456:secret-AAA", telegram_base_url="http://127.0.0.1:1")
    assert level_of(away, "Telegram cannot be reached") == "error"
    assert "secret" not in str(malformed).replace("a secret", "") + str(away)
