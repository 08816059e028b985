"""The verbs on PostgreSQL: the same words, the same results."""

from pathlib import Path

import pytest

from tests.commandline import CommandLine

ARTICLES = "text,article,answer\nwhere is my parcel,track,In the mail.\nhow do I pay,pay,By card.\n"
ORDERS = "number,customer,placed_at,amount\nA-1,ada,2026-05-01,40.00\nA-2,bob,2026-05-09,10.00\n"


@pytest.fixture
def on_postgres(frontdesk: CommandLine, postgres_url: str) -> CommandLine:
    return CommandLine(frontdesk.folder, {"database_url": postgres_url})


def test_a_shop_in_and_out(on_postgres: CommandLine) -> None:
    run = on_postgres
    assert run("kb", "import", run.file("kb.csv", ARTICLES), "--json").json["added"] == 2
    assert run("kb", "export", "out.csv").status == 0
    assert run("kb", "import", "out.csv", "--replace", "--json").json["changed"] == 0
    assert run("orders", "import", run.file("o.csv", ORDERS), "--json").json["purchases"] == 2
    assert run("score", "--as-of", "2026-06-01", "--k", "2", "--json").status == 0
    ada = run("customers", "list", "ada", "--json").json[0]["id"]
    assert run("customers", "erase", str(ada), "--yes", "--json").json["scrubbed"] is True
    assert [row["external_id"] for row in run("customers", "list", "--json").json] == ["bob"]
    assert run("keys", "create", "--role", "admin", "--name", "me", "--json").status == 0


def test_a_backup_is_one_file_that_restores(on_postgres: CommandLine) -> None:
    run = on_postgres
    run("kb", "import", run.file("kb.csv", ARTICLES))
    made = run("db", "backup", "--json").json
    assert Path(made["path"]).is_file()
    assert made["rows"]["article"] == 2
    more = run.file("more.csv", "text,article,answer\nanother,another,Yes.\n")
    run("kb", "import", more, "--replace")
    assert run("db", "restore", made["path"], "--yes").status == 0
    assert [row["key"] for row in run("kb", "list", "--json").json] == ["track", "pay"]


def test_the_doctor_looks_into_it(on_postgres: CommandLine) -> None:
    found = on_postgres("doctor", "--json", public_port="0", staff_port="0")
    assert found.status == 0
    assert "the database answers: 0 customers, 0 conversations" in [each["what"] for each in found.json]


def test_a_wrong_password_or_name_is_told_without_the_password(on_postgres: CommandLine) -> None:
    url = on_postgres.settings["database_url"].replace("frontdesk_test", "no_such")
    done = on_postgres("kb", "list", database_url=url)
    assert (done.status, done.out) == (1, "")
    assert "does not exist" in done.err
