"""A backup brought back: whole, complete, nobody erased in it, and the program answers on it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.backups.busy import NOW
from benchmarks.databases import is_sound, rows_of
from crm_store.restore import restore
from tests.commandline import CommandLine
from tests.house import ARTICLES
from tests.server_process import running

_NUMBERED = "SELECT count(*), coalesce(max(id), 0) FROM message"
_UPDATES = "SELECT count(*) FROM seen_update"
_HALVES = (
    "SELECT count(*) FROM message AS asked LEFT JOIN message AS said ON said.reply_to_id = asked.id "
    "WHERE asked.author = 'customer' AND said.id IS NULL"
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What is wrong with a restored store; empty when all is well."""

    faults: Sequence[str]
    erased_again: int


async def check(backup: Path, rows: dict[str, int], database_url: str, folder: Path) -> Checked:
    """Restore the backup to the URL and look at everything."""
    faults: list[str] = []
    done = await restore(backup, database_url, now=NOW)
    if not done.erased_again and any(rows[name] != count for name, count in done.rows.items()):
        faults.append("the rows are not those of the backup")
    if not await is_sound(database_url):
        faults.append("the database is not sound")
    if database_url.startswith("sqlite") and await rows_of(database_url, "PRAGMA foreign_key_check"):
        faults.append("rows refer to rows not there")
    count, last = (await rows_of(database_url, _NUMBERED))[0]
    updates = (await rows_of(database_url, _UPDATES))[0][0]
    if not done.erased_again and (count, last) != (2 * updates, 2 * updates):
        faults.append(f"{count} messages up to {last} for {updates} updates")
    if (await rows_of(database_url, _HALVES))[0][0]:
        faults.append("a question without its answer")
    if not await _answers(database_url, folder):
        faults.append("the program does not answer on it")
    return Checked(faults, done.erased_again)


async def _answers(database_url: str, folder: Path) -> bool:
    folder.mkdir(exist_ok=True)
    with suppress(AssertionError, TimeoutError):
        async with running(CommandLine(folder, {"database_url": database_url}), "run") as server:
            return ARTICLES[0][3] in await server.ask("Where is my order?")
    return False
