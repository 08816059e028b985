"""`frontdesk customers ...`: who they are, as files; one person's data out, or gone."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.clock import system_clock
from bot.commands.shell import (
    MAX_ID,
    AsJson,
    emit,
    print_json,
    read_file,
    refuse_file,
    store_settings,
    with_store,
    write_file,
)
from crm_store import customer_files, customers, privacy
from crm_store.customer_files import ImportReport
from crm_store.engine import Store
from crm_store.errors import StoreUnusable
from crm_store.files import files_of
from crm_store.privacy import Erased

app = typer.Typer(
    no_args_is_help=True, help="Customers: list, import, export; give one their data, or erase them."
)
CustomerId = Annotated[int, typer.Argument(min=1, max=MAX_ID, help="From 'frontdesk customers list'.")]
BY = "command line"


@app.command("list")
def list_(
    query: Annotated[str | None, typer.Argument(help="Part of a name, e-mail, phone or id.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000)] = 50,
    as_json: AsJson = False,
) -> None:
    """Find customers."""

    async def work(store: Store) -> customers.Page:
        async with store.read() as session:
            return await customers.page(session, query=query, limit=limit)

    rows = [
        {
            "id": customer.id,
            "external_id": customer.external_id,
            "name": customer.name,
            "email": customer.email,
            "orders": customer.order_count,
            "spent": customer.order_amount,
        }
        for customer in with_store(work).customers
    ]
    emit(rows, as_json, lambda: [_line(row) for row in rows] or ["Nobody is found."])


def _line(row: dict[str, Any]) -> str:
    who = f"{row['id']:8}  {row['name'] or '-':28} {row['email'] or '-':32}"
    return f"{who} {row['orders']:4} orders {row['spent']:>12.2f}"


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help=f"CSV with some of: {', '.join(customer_files.COLUMNS)}.")],
    legal_basis: Annotated[
        str,
        typer.Option(
            help="On which basis their data may be kept (Art. 6 GDPR), such as contract or consent."
        ),
    ],
    as_json: AsJson = False,
) -> None:
    """Take FILE's customers: all of them, or none and every bad row by its line."""
    parsed = customer_files.parse(read_file(file))
    if parsed.problems:
        refuse_file(file, [(problem.line, problem.message) for problem in parsed.problems], as_json)

    async def work(store: Store) -> ImportReport:
        async with store.write() as session:
            return await customer_files.import_rows(
                session, parsed, now=system_clock(), legal_basis=legal_basis
            )

    done = with_store(work)
    emit(asdict(done), as_json, lambda: [
        f"{done.created} new customers, {done.changed} changed, {done.unchanged} as they were."])  # fmt: skip


@app.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="The CSV file to write.")], as_json: AsJson = False
) -> None:
    """Write all customers to FILE."""

    async def work(store: Store) -> list[str]:
        async with store.read() as session:
            return await customer_files.export_lines(session)

    lines = with_store(work)
    write_file(file, "".join(lines).encode())
    count = len(lines) - 1
    emit({"customers": count, "file": file}, as_json, lambda: [f"{count} customers written to {file}."])


@app.command("give-data")
def give_data(customer_id: CustomerId) -> None:
    """Print everything kept about one person, as JSON (Art. 15 and 20 GDPR)."""

    async def work(store: Store) -> dict[str, Any]:
        async with store.read() as session:
            return await privacy.export_person(session, customer_id, now=system_clock())

    print_json(with_store(work))


@app.command("erase")
def erase(
    customer_id: CustomerId,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Erase one person with everything they said (Art. 17 GDPR); a backup restored later loses them again."""
    if not yes:
        typer.confirm(f"Erase customer {customer_id} for good?", abort=True, err=True)

    done, is_scrubbed = with_store(lambda store: _erase(store, customer_id))
    later = (
        [] if is_scrubbed else ["Somebody reads the database just now; 'frontdesk db scrub' empties its log."]
    )
    result = {**asdict(done), "scrubbed": is_scrubbed}
    emit(result, as_json, lambda: [f"Customer {customer_id} is erased.", *later])


async def _erase(store: Store, customer_id: int) -> tuple[Erased, bool]:
    """What was erased, and whether its words are gone from the database's files already."""
    async with store.write() as session:
        erased = await privacy.erase_person(session, customer_id, now=system_clock(), erased_by=BY)
    await files_of(store_settings()).remove(erased.files)
    try:
        await privacy.scrub(store)
    except StoreUnusable:
        return erased, False
    return erased, True
