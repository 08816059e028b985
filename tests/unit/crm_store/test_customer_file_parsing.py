"""Customer files as they come: every problem is told with its line, none crashes."""

import csv
import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_store.customer_files import COLUMNS, MOST_PROBLEMS, parse, write
from crm_store.models.customers import Customer

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("data", "line", "told"),
    [
        (b"", 1, "the file is empty"),
        (b"name\n", 1, "no rows"),
        (b"name,shoe size\nAda,36\n", 1, "'shoe size' is no column"),
        (b"name,name\nAda,Ada\n", 1, "a column twice"),
        (b"name\nAda\xff\n", 2, "not UTF-8"),
        ("name\nAda\n".encode("utf-16"), 1, "not UTF-8"),
        ("name\n王小明\n".encode("gb18030"), 2, "not UTF-8"),
        (b"name,age\nAda,36\nBob\n", 3, "1 cells where the header has 2"),
        (b"name,age\nAda,old\n", 2, "whole number"),
        (b"name,age\nAda,\xd9\xa3\xd9\xa6\n", 2, "whole number"),
        (b"name,profiling_allowed\nAda,maybe\n", 2, "true or false"),
        (b"name,attributes\nAda,{broken\n", 2, "JSON object"),
        (b"name,attributes\nAda,[1]\n", 2, "an object"),
        (b"external_id\nA\nB\nA\n", 4, "on line 2 already"),
        (b'name\n"Ada\n', 2, "not CSV"),
        (b'name\n"two\nlines",3\n', 2, "2 cells"),
        (b"name\n" + b"x" * 200_000 + b"\n", 2, "not CSV"),
    ],
)
def test_problems(data: bytes, line: int, told: str) -> None:
    problems = parse(data).problems
    assert [each.line for each in problems] == [line]
    assert told in problems[0].message


def test_a_file_from_a_spreadsheet() -> None:
    found = parse(
        "\ufeffName,E-mail\r\n".replace("E-mail", "EMAIL").encode() + b"Ada,ada@example.com\r\n\r\n,\r\n"
    )
    assert found.problems == []
    assert [(row.line, row.values) for row in found.rows] == [
        (2, {"name": "Ada", "email": "ada@example.com"})
    ]


@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_a_spreadsheet_parts_columns_by_its_country(separator: str) -> None:
    rows = [["name", "email", "address"], ["Ada", "ada@example.com", '"Hof 1; 2, links"']]
    found = parse("\r\n".join(separator.join(row) for row in rows).encode())
    assert found.problems == []
    [row] = found.rows
    assert row.values == {"name": "Ada", "email": "ada@example.com", "address": "Hof 1; 2, links"}


def test_a_hopeless_file_is_not_told_without_end() -> None:
    problems = parse(b"age\n" + b"x\n" * 5000).problems
    assert len(problems) == MOST_PROBLEMS + 1
    assert "the rest was not read" in problems[-1].message


@given(st.binary(max_size=500))
def test_any_bytes_are_answered(data: bytes) -> None:
    found = parse(data)
    assert found.problems or found.rows


@given(st.text(min_size=1, max_size=100))
def test_no_cell_of_an_export_is_a_formula(text: str) -> None:
    customer = Customer(**dict.fromkeys(COLUMNS), id=1)
    customer.name, customer.address, customer.attributes, customer.profiling_allowed = text, text, {}, True
    written = "".join(write([customer]))
    _, row = csv.reader(io.StringIO(written, newline=""))
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\x00")) for cell in row)
