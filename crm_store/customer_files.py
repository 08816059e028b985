"""Customers from and to CSV files: checked whole, imported all or nothing, every bad row told with its line.

A file has a header line and any of the columns below in any order; a row whose `external_id` is known changes that
customer (empty cells change nothing), every other row is a new one. Files are UTF-8.
"""

import csv
import io
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import customers
from crm_store.colleagues import is_customer
from crm_store.csv_files import separator_of
from crm_store.customer_fields import FIELDS, clean
from crm_store.errors import InvalidValue
from crm_store.models.customers import Customer

COLUMNS = (
    "external_id",
    "name",
    "email",
    "phone",
    "age",
    "gender",
    "address",
    "language",
    "attributes",
    "profiling_allowed",
)
MOST_PROBLEMS = 1_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\x00")
"""A spreadsheet would run a cell that starts so (OWASP ASVS 5.0, 1.2.10)."""
_WORDS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a file, and where; line 1 is the header."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Row:
    """One customer of a file, clean."""

    line: int
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file as it was read; with problems none of its rows is to be used."""

    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did; with problems it did nothing."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: tuple[Problem, ...] = ()


def parse(data: bytes) -> Parsed:
    """The rows of a CSV file, and everything that is wrong with them."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return Parsed(problems=[Problem(line, "the file is not UTF-8; save it as 'CSV UTF-8' and try again")])
    first, _, _ = text.partition("\n")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator_of(first), strict=True)
    header = _header(reader)
    if isinstance(header, Problem):
        return Parsed(problems=[header])
    found = Parsed()
    seen: dict[str, int] = {}
    for line, cells in _lines(reader, found.problems):
        if len(found.problems) >= MOST_PROBLEMS:
            found.problems.append(Problem(line, f"more than {MOST_PROBLEMS} problems; the rest was not read"))
            break
        try:
            values = _values(header, cells)
            _once(seen, values.get("external_id"), line)
            found.rows.append(Row(line, values))
        except InvalidValue as error:
            found.problems.append(Problem(line, str(error)))
    if not found.rows and not found.problems:
        found.problems.append(Problem(1, "the file has no rows below its header"))
    return found


def _header(reader: Iterator[list[str]]) -> list[str] | Problem:
    try:
        header = [cell.strip().lower() for cell in next(reader, [])]
    except csv.Error as error:
        return Problem(1, f"the header cannot be read: {error}")
    strange = [name for name in header if name not in COLUMNS]
    if not header or strange:
        told = f"'{strange[0][:64]}' is no column" if strange else "the file is empty"
        return Problem(1, f"{told}; the first line names any of: {', '.join(COLUMNS)}")
    if len(set(header)) < len(header):
        return Problem(1, "the header names a column twice")
    return header


def _lines(reader: Any, problems: list[Problem]) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line it starts on; a row the format forbids ends the reading, as a problem."""
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            problems.append(Problem(line, f"not CSV: {error}"))
            return
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _values(header: Sequence[str], cells: Sequence[str]) -> dict[str, Any]:
    if len(cells) != len(header):
        raise InvalidValue(
            f"{len(cells)} cells where the header has {len(header)}; "
            "a cell with a comma or semicolon needs quotes around it"
        )
    read = {
        name: _typed(name, _unquoted(cell.strip()))
        for name, cell in zip(header, cells, strict=True)
        if cell.strip()
    }
    return clean(read)


def _typed(name: str, cell: str) -> Any:
    if name == "age":
        if not (cell.isascii() and cell.isdigit() and len(cell) < 4):
            raise InvalidValue("'age' must be a whole number of years")
        return int(cell)
    if name == "profiling_allowed":
        if cell.lower() not in _WORDS:
            raise InvalidValue("'profiling_allowed' must be true or false")
        return _WORDS[cell.lower()]
    if name == "attributes":
        try:
            return orjson.loads(cell)
        except orjson.JSONDecodeError:
            raise InvalidValue('\'attributes\' must be a JSON object such as {"tier": "gold"}') from None
    return cell


def _once(seen: dict[str, int], external_id: str | None, line: int) -> None:
    if external_id is not None and seen.setdefault(external_id, line) != line:
        raise InvalidValue(f"the external id '{external_id}' is on line {seen[external_id]} already")


async def import_rows(
    session: AsyncSession, parsed: Parsed, *, now: datetime, legal_basis: str
) -> ImportReport:
    """Write the rows of a file without problems; the report says what each came to.

    `legal_basis` (Art. 6 GDPR, such as 'contract') is kept with every new customer as the attribute of that name.
    """
    if parsed.problems:
        return ImportReport(problems=tuple(parsed.problems))
    if not legal_basis.strip():
        raise InvalidValue("say on which legal basis these people's data may be kept, such as: contract")
    known = await _known(
        session, [row.values["external_id"] for row in parsed.rows if "external_id" in row.values]
    )
    created = changed = 0
    for row in parsed.rows:
        customer = known.get(row.values.get("external_id", ""))
        if customer is None:
            session.add(_new(row.values, legal_basis.strip(), now))
            created += 1
        elif differing := _differing(customer, row.values):
            for name, value in differing.items():
                setattr(customer, name, value)
            customer.updated_at, customer.version = now, customer.version + 1
            changed += 1
    await session.flush()
    return ImportReport(created, changed, len(parsed.rows) - created - changed)


async def _known(session: AsyncSession, external_ids: Sequence[str]) -> dict[str, Customer]:
    """External id to the record that customer lives in now."""
    found: dict[str, Customer] = {}
    for start in range(0, len(external_ids), _AT_ONCE):
        some = external_ids[start : start + _AT_ONCE]
        for customer in await session.scalars(select(Customer).where(Customer.external_id.in_(some))):
            number = str(customer.external_id)
            merged = customer.merged_into_id is not None
            found[number] = await customers.current(session, customer.id) if merged else customer
    return found


def _new(values: Mapping[str, Any], legal_basis: str, now: datetime) -> Customer:
    attributes = {"legal_basis": legal_basis, **values.get("attributes", {})}
    return Customer(**{**values, "attributes": attributes}, created_at=now, updated_at=now)


def _differing(customer: Customer, values: Mapping[str, Any]) -> dict[str, Any]:
    wanted = dict(values)
    if customer.external_id != wanted.get(
        "external_id"
    ):  # merged: the record they live in keeps its own number
        wanted.pop("external_id", None)
    if not customer.profiling_allowed:  # a file does not take back what somebody asked for
        wanted.pop("profiling_allowed", None)
    if "attributes" in wanted:
        wanted["attributes"] = {**customer.attributes, **wanted["attributes"]}
    return {name: value for name, value in wanted.items() if getattr(customer, name) != value}


def write(rows: Iterable[Customer]) -> Iterator[str]:
    """The lines of a CSV file with these customers, the header first; what `parse` reads back as it was."""
    yield _line(COLUMNS)
    for customer in rows:
        yield _line([_quoted(_cell(getattr(customer, name))) for name in COLUMNS])


async def export_lines(session: AsyncSession) -> list[str]:
    """The CSV lines of all customers, merged records and the staff's own left out."""
    living = Customer.merged_into_id.is_(None), is_customer(Customer.id)
    everybody = select(Customer).where(*living).order_by(Customer.id)
    return list(write(await session.scalars(everybody)))


def _line(cells: Collection[str]) -> str:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow(cells)  # RFC 4180
    return written.getvalue()


def _cell(value: Any) -> str:
    if value is None or value == {}:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return orjson.dumps(value).decode() if isinstance(value, dict) else str(value)


def _quoted(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) or cell.startswith("'") else cell


def _unquoted(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith((*_FORMULA, "'")) else cell


assert set(COLUMNS) <= set(FIELDS)
