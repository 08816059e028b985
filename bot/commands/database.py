"""`frontdesk db ...`: the database brought up to date, backed up, restored."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from bot.clock import system_clock
from bot.commands.shell import AsJson, emit, finished, refused, store_settings, with_store
from crm_store import backup, demo, migrate, privacy
from crm_store import restore as restoring
from crm_store.engine import Store, parse_url
from crm_store.errors import StoreError

app = typer.Typer(no_args_is_help=True, help="The database: upgrade, backup, restore, demo data.")


@app.command("upgrade")
def upgrade(as_json: AsJson = False) -> None:
    """Bring the database to this program's schema (servers do so at start); a file is backed up first."""
    settings = store_settings()
    done = finished(
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
    made = finished(
        backup.make_backup(
            settings.database_url, settings.backup_folder, now=system_clock(), keep=settings.backup_keep
        )
    )
    emit(asdict(made), as_json, lambda: [f"Backup written and verified: {made.path}"])


@app.command("restore")
def restore(
    file: Annotated[Path, typer.Argument(help="A backup made by 'frontdesk db backup'.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup in the place of the database; the server must be stopped. Erased people stay erased."""
    settings = store_settings()
    if not yes:
        typer.confirm(f"Replace {_shown(settings.database_url)} by {file}?", abort=True, err=True)
    done = finished(restoring.restore(file, settings.database_url, now=system_clock()))
    kept = [f"What stood there before is kept as {done.replaced}."] if done.replaced else []
    again = [f"{done.erased_again} erased customers were erased again."] if done.erased_again else []
    emit(asdict(done), as_json, lambda: [f"Restored from {file}.", *again, *kept])


def _shown(database_url: str) -> str:
    """The address of the database without its password."""
    try:
        return parse_url(database_url).render_as_string()
    except StoreError as error:
        refused(error)


@app.command("forget-demo")
def forget_demo(as_json: AsJson = False) -> None:
    """Remove the made-up demo customers and all that is theirs."""

    async def work(store: Store) -> int:
        async with store.write() as session:
            return await demo.remove(session)

    count = with_store(work)
    emit({"removed": count}, as_json, lambda: [f"{count} demo customers removed."])


@app.command("scrub")
def scrub(as_json: AsJson = False) -> None:
    """Make what was erased unreadable in the database's files too; erasing does so by itself when it can."""
    with_store(privacy.scrub)
    emit(
        {"scrubbed": True}, as_json, lambda: ["Nothing erased can be read in the database's files any more."]
    )
