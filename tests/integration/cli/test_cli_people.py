"""`frontdesk customers`: files in and out, one person's data out or gone."""

from pathlib import Path

import pytest

from tests.commandline import CommandLine

PEOPLE = (
    "external_id,name,email,language,attributes,profiling_allowed\n"
    'c-1,Zoë Ünal,zoe@example.com,en,"{""tier"": ""gold""}",true\n'
    "c-2,陈静,chen@example.com,zh,,no\n"
)
BASIS = ("--legal-basis", "contract")


@pytest.fixture
def filled(frontdesk: CommandLine) -> CommandLine:
    assert frontdesk("customers", "import", frontdesk.file("people.csv", PEOPLE), *BASIS).status == 0
    return frontdesk


def test_an_import_says_what_it_did(frontdesk: CommandLine) -> None:
    file = frontdesk.file("people.csv", PEOPLE)
    first = frontdesk("customers", "import", file, *BASIS, "--json").json
    assert (first["created"], first["changed"], first["unchanged"]) == (2, 0, 0)
    told = frontdesk("customers", "import", frontdesk.file("more.csv", PEOPLE.replace("Zoë", "Zoe")), *BASIS)
    assert told.out == "0 new customers, 1 changed, 1 as they were.\n"


def test_an_export_imported_changes_nothing(filled: CommandLine) -> None:
    done = filled("customers", "export", "out.csv", "--json")
    assert done.json == {"customers": 2, "file": "out.csv"}
    assert (filled.folder / "out.csv").stat().st_mode & 0o077 == 0, "others may not read it"
    again = filled("customers", "import", "out.csv", *BASIS, "--json").json
    assert (again["created"], again["changed"], again["unchanged"]) == (0, 0, 2)


def test_they_are_found(filled: CommandLine) -> None:
    assert {row["name"] for row in filled("customers", "list", "--json").json} == {"陈静", "Zoë Ünal"}
    assert [row["external_id"] for row in filled("customers", "list", "zoe@", "--json").json] == ["c-1"]
    assert "Zoë Ünal" in filled("customers", "list", "Zoë").out
    assert filled("customers", "list", "nobody").out == "Nobody is found.\n"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "line 1: the file is empty"),
        (b"external_id,name\n", "line 1: the file has no rows below its header"),
        (b"who,what\na,b\n", "line 1: 'who' is no column; the first line names any of: external_id"),
        (b"name,name\na,b\n", "line 1: the header names a column twice"),
        (b"name\nsch\xf6n\n", "line 2: the file is not UTF-8"),
        ("name\nx\n".encode("utf-16"), "line 1: the file is not UTF-8"),
        (b"external_id,age\nc-1,5\nc-2,old\n", "line 3: 'age' must be a whole number of years"),
        (b"external_id\nc-1\nc-1\n", "line 3: the external id 'c-1' is on line 2 already"),
        (b"name,email\na\n", "line 2: 1 cells where the header has 2"),
        (b"name,attributes\na,{\n", "line 2: 'attributes' must be a JSON object"),
        (b"name\n" + b"x" * 1_000_000 + b"\n", "line 2: not CSV: field larger"),
    ],
)
def test_bad_files_take_nobody(frontdesk: CommandLine, content: bytes, told: str) -> None:
    done = frontdesk("customers", "import", frontdesk.file("p.csv", content), *BASIS, "--json")
    assert done.status == 2
    assert f"p.csv: {told}" in done.err
    line = int(told.split(":")[0].split()[1])
    assert line in [problem["line"] for problem in done.json["problems"]]
    assert frontdesk("customers", "list", "--json").json == []


def test_a_legal_basis_must_be_named(frontdesk: CommandLine) -> None:
    file = frontdesk.file("people.csv", PEOPLE)
    assert frontdesk("customers", "import", file).status == 2
    blank = frontdesk("customers", "import", file, "--legal-basis", " ")
    assert (blank.status, blank.err.startswith("frontdesk: say on which legal basis")) == (2, True)
    assert frontdesk("customers", "list", "--json").json == []


def test_somebodys_data(filled: CommandLine) -> None:
    number = filled("customers", "list", "c-1", "--json").json[0]["id"]
    given = filled("customers", "give-data", str(number))
    assert given.status == 0
    assert "zoe@example.com" in given.out
    assert "chen@example.com" not in given.out


def test_erasing_asks_first_and_then_is_for_good(filled: CommandLine) -> None:
    number = str(filled("customers", "list", "c-1", "--json").json[0]["id"])
    assert filled("customers", "erase", number, stdin="n\n").status == 1
    assert filled("customers", "list", "c-1", "--json").json != []
    done = filled("customers", "erase", number, "--yes", "--json")
    assert (done.status, done.json["scrubbed"]) == (0, True)
    assert filled("customers", "list", "c-1", "--json").json == []
    store = filled.settings["database_url"].removeprefix("sqlite:///")
    assert b"zoe@example.com" not in Path(store).read_bytes()
    again = filled("customers", "erase", number, "--yes")
    assert (again.status, again.out) == (2, "")


@pytest.mark.parametrize("verb", [("give-data", "77"), ("erase", "77", "--yes")], ids=lambda words: words[0])
def test_unknown_people(frontdesk: CommandLine, verb: tuple[str, ...]) -> None:
    done = frontdesk("customers", *verb)
    assert (done.status, done.out, done.err) == (2, "", "frontdesk: there is no customer 77\n")


@pytest.mark.parametrize("number", ["x", "1.5", str(10**30)])
def test_what_is_no_customer_id(frontdesk: CommandLine, number: str) -> None:
    done = frontdesk("customers", "give-data", number)
    assert (done.status, done.out) == (2, "")
    assert done.err
