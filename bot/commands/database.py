"""`frontdesk db ...`: the database brought up to date, backed up, restored."""

import asyncio
from collections.abc import Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from bot.clock import system_clock
from bot.commands.shell import AsJson, emit, fail, store_settings, with_store
from crm_store import backup, demo, migrate
from crm_store import restore as restoring
from crm_store.engine import Store
from crm_store.errors import StoreError

app = typer.Typer(no_args_is_help=True, help="The database: upgrade, backup, restore, demo data.")
T = TypeVar("T")


def _run(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except StoreError as error:
        fail(str(error))


@app.command("upgrade")
def upgrade(as_json: AsJson = False) -> None:
    """Bring the database to this program's schema (servers do so at start); a file is backed up first."""
    settings = store_settings()
    done = _run(
        migrate.upgrade(settings.database_url, backup_folder=settings.backup_folder, now=system_clock())
    )
    told = f"The schema is at {done.to_revision}" + ("." if done.changed else " already.")
    emit(
        asdict(done),
        as_json,
        lambda: [told] + ([f"Backup before: {done.backup.path}"] if done.backup else []),
    )


@app.command("backup")
def backup_(as_json: AsJson = False) -> None:
    """Write a verified backup; the server may go on running."""
    settings = store_settings()
    made = _run(
        backup.make_backup(
            settings.database_url, settings.backup_folder, now=system_clock(), keep=settings.backup_keep
        )
    )
    emit(asdict(made), as_json, lambda: [f"Backup written and verified: {made.path}"])


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="A backup made by 'frontdesk db backup'.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Put a backup in the place of the database; the server must be stopped. Erased people stay erased."""
    settings = store_settings()
    if not yes:
        typer.confirm(f"Replace {settings.database_url} by {file}?", abort=True)
    _run(restoring.restore(file, settings.database_url, now=system_clock()))
    typer.echo(f"Restored from {file}.")


@app.command("forget-demo")
def forget_demo() -> None:
    """Remove the made-up demo customers and all that is theirs."""

    async def work(store: Store) -> int:
        async with store.write() as session:
            return await demo.remove(session)

    typer.echo(f"{with_store(work)} demo customers removed.")
