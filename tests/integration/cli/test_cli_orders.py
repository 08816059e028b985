"""`frontdesk orders import` and `frontdesk score`: what was used, what not and why; scores kept for the API."""

import gzip

import pytest

from tests.commandline import CommandLine

INVOICES = (
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n"
    "536365,85123A,HEART,6,12/1/2010 8:26,2.55,17850,United Kingdom\n"
    "536365,71053,LANTERN,6,12/1/2010 8:26,3.39,17850,United Kingdom\n"
    "536366,22633,WARMER,6,12/1/2010 8:28,1.85,,United Kingdom\n"
    "C536379,D,Discount,-1,12/1/2010 9:41,27.50,14527,United Kingdom\n"
    "536367,84879,BIRD,many,12/1/2010 8:34,1.69,13047,United Kingdom\n"
)
ORDERS = (
    "number,customer,placed_at,amount,status,currency\n"
    "A-1,ada,2026-05-01T10:00:00,40.00,delivered,EUR\n"
    "A-2,ada,2026-05-09T10:00:00,-10.00,,\n"
    "A-3,bob,2026-05-10,25.50,,\n"
    "A-4,cyd,2026-05-11,99.00,,\n"
)


def test_the_report_says_what_was_used_and_what_not(frontdesk: CommandLine) -> None:
    report = frontdesk("orders", "import", frontdesk.file("retail.csv", INVOICES), "--json").json
    assert (report["lines"], report["used_lines"], report["purchases"], report["returns"]) == (5, 3, 1, 1)
    unused = {each["reason"]: (each["count"], each["first_lines"]) for each in report["unused"]}
    assert sorted(unused.values()) == [(1, [4]), (1, [6])]
    told = frontdesk("orders", "import", "retail.csv").out
    assert "3 lines belonged to orders already known" in told
    assert "(first at line 4)" in told


def test_taking_a_file_twice_changes_nothing(frontdesk: CommandLine) -> None:
    file = frontdesk.file("orders.csv.gz", gzip.compress(ORDERS.encode()))
    frontdesk("orders", "import", file)
    before = frontdesk("customers", "list", "--json").json
    again = frontdesk("orders", "import", file, "--json").json
    assert (again["purchases"], again["returns"], again["customers_added"], again["known_lines"]) == (
        0,
        0,
        0,
        4,
    )
    assert frontdesk("customers", "list", "--json").json == before
    assert {row["external_id"]: float(row["spent"]) for row in before} == {
        "ada": 30.0,
        "bob": 25.5,
        "cyd": 99.0,
    }


def test_times_are_meant_in_the_zone_that_is_named(frontdesk: CommandLine) -> None:
    frontdesk("orders", "import", frontdesk.file("o.csv", ORDERS), "--timezone", "Europe/London")
    given = frontdesk("customers", "give-data", "1")
    assert "2026-05-01T09:00:00" in given.out


def test_an_encoding_can_be_named(frontdesk: CommandLine) -> None:
    file = frontdesk.file("o.csv", ORDERS.replace("ada", "zoë").encode("cp1252"))
    refused = frontdesk("orders", "import", file)
    assert (refused.status, refused.out) == (2, "")
    assert "is not utf-8-sig text; save it as UTF-8 or name its encoding" in refused.err
    assert frontdesk("customers", "list", "--json").json == []
    assert frontdesk("orders", "import", file, "--encoding", "cp1252").status == 0
    assert frontdesk("customers", "list", "zoë", "--json").json[0]["external_id"] == "zoë"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("no.csv",), "there is no file no.csv"),
        (("empty.csv",), "the first line must name the columns"),
        (("strange.csv",), "the first line must name the columns"),
        (("torn.csv.gz",), "torn.csv.gz is a damaged archive; get it again"),
        (("folder",), "folder cannot be read: Is a directory"),
        (("orders.csv", "--timezone", "Mars/Olympus"), "there is no time zone 'Mars/Olympus'"),
        (("orders.csv", "--timezone", "../etc/passwd"), "there is no time zone"),
        (("orders.csv", "--timezone", ""), "there is no time zone ''"),
        (("orders.csv", "--encoding", "klingon"), "there is no encoding 'klingon'"),
        (("orders.csv", "--encoding", "base64"), "there is no encoding 'base64'"),
        (("quotes.csv",), "line 2 is not CSV"),
    ],
)
def test_bad_input_takes_nothing(frontdesk: CommandLine, words: tuple[str, ...], told: str) -> None:
    frontdesk.file("orders.csv", ORDERS)
    frontdesk.file("empty.csv", "")
    frontdesk.file("strange.csv", "a,b,c\n1,2,3\n")
    frontdesk.file("torn.csv.gz", gzip.compress(ORDERS.encode() * 50)[:60])
    frontdesk.file("quotes.csv", ORDERS.splitlines()[0] + "\nA-1,ada,2026-05-01," + "9" * 140_000 + ",,\n")
    (frontdesk.folder / "folder").mkdir()
    done = frontdesk("orders", "import", *words)
    assert (done.status, done.out) == (2, "")
    assert done.err.startswith("frontdesk: ")
    assert told in done.err
    assert frontdesk("customers", "list", "--json").json == []


def test_scores_are_kept_as_a_run(frontdesk: CommandLine) -> None:
    frontdesk("orders", "import", frontdesk.file("o.csv", ORDERS))
    done = frontdesk("score", "--as-of", "2026-06-01", "--k", "2", "--json")
    assert done.status == 0
    assert done.json["run"] == 1
    assert done.json["as_of"].startswith("2026-06-01T00:00:00")
    assert done.json["window_days"] == 365
    assert sum(segment["size"] for segment in done.json["segments"]) == 3
    assert frontdesk("score", "--json").json["run"] == 2


def test_scores_of_nobody(frontdesk: CommandLine) -> None:
    done = frontdesk("score", "--as-of", "2026-06-01")
    assert (done.status, done.out) == (
        0,
        "Scores as of 2026-06-01 00:00 over 365 days are kept as run 1.\n",
    )


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--as-of", "someday"), "'someday' is no date; write it like 2026-05-31"),
        (("--window-days", "0"), "--window-days"),
        (("--k", "1"), "--k"),
    ],
)
def test_scores_refuse_bad_options(frontdesk: CommandLine, words: tuple[str, ...], told: str) -> None:
    done = frontdesk("score", *words)
    assert (done.status, done.out) == (2, "")
    assert told in done.err
