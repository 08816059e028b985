"""`frontdesk orders ...`: orders into the store."""

import codecs
from dataclasses import asdict
from datetime import UTC, tzinfo
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer

from bot.clock import system_clock
from bot.commands.shell import BAD_INPUT, AsJson, check_readable, emit, fail, with_store
from crm_store import order_files, order_import
from crm_store.engine import Store
from crm_store.order_import import ImportReport

app = typer.Typer(no_args_is_help=True, help="Orders: import.")


def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name) if name != "UTC" else UTC
    except (ZoneInfoNotFoundError, ValueError):
        fail(f"there is no time zone '{name}'; write it like Europe/London", BAD_INPUT)


def _codec(name: str) -> str:
    try:
        "".encode(name)  # some codecs, such as base64, are for no texts
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        fail(f"there is no encoding '{name}'; write it like utf-8, utf-16 or cp1252", BAD_INPUT)
    return "utf-8-sig" if found == "utf-8" else found


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="CSV or CSV.gz: invoice lines, or number,customer,placed_at,amount,...")
    ],
    timezone: Annotated[str, typer.Option(help="Where the file's times are meant.")] = "UTC",
    currency: Annotated[str, typer.Option(help="For files that name none.")] = "EUR",
    encoding: Annotated[str, typer.Option(help="Of the file, such as cp1252.")] = "utf-8",
    as_json: AsJson = False,
) -> None:
    """Take FILE's orders, and say what could not be used and why. Taking it twice changes nothing."""
    zone, codec = _zone(timezone), _codec(encoding)
    check_readable(file)
    report = with_store(lambda store: _import(store, file, codec, zone, currency))
    emit(asdict(report), as_json, lambda: _told(report))


async def _import(store: Store, file: Path, codec: str, zone: tzinfo, currency: str) -> ImportReport:
    with order_files.open_orders(file, codec) as text:
        entries = order_files.read_orders(text, zone=zone, currency=currency)
        async with store.write() as session:
            return await order_import.import_orders(session, entries, now=system_clock())


def _told(report: ImportReport) -> list[str]:
    found = [
        f"{report.lines} lines read, {report.used_lines} used: {report.purchases} purchases and "
        f"{report.returns} returns; {report.customers_added} customers are new.",
        f"{report.known_lines} lines belonged to orders already known, {report.repeated_lines} repeat another line.",
    ]
    for unused in report.unused:
        where = ", ".join(map(str, unused.first_lines))
        found.append(f"not used: {unused.count} lines, {unused.reason} (first at line {where})")
    return found
