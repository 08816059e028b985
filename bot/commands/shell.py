"""What every verb shares: settings, an open and current store, output for people or programs, exit statuses."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import orjson
import typer
from pydantic import ValidationError

from bot.settings import BotSettings
from crm_store import migrate
from crm_store.engine import Store, open_store
from crm_store.errors import StoreError
from crm_store.settings import Settings, StoreSettings

T = TypeVar("T")
S = TypeVar("S", bound=Settings)

FAILED, BAD_INPUT = 1, 2
"""Exit statuses: it could not be done; what was given is wrong (as for wrong options)."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


def fail(message: str, status: int = FAILED) -> NoReturn:
    """End with a message that says what to do."""
    typer.echo(f"frontdesk: {message}", err=True)
    raise typer.Exit(status)


def settings_of(kind: type[S]) -> S:
    """These settings from the environment; a wrong one is named, never echoed (it may be a secret)."""
    try:
        return kind()
    except ValidationError as error:
        wrong = "; ".join(
            f"FRONTDESK_{'_'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors()
        )
        fail(f"wrong setting: {wrong}", BAD_INPUT)


def store_settings() -> StoreSettings:
    """The store's settings."""
    return settings_of(StoreSettings)


def bot_settings() -> BotSettings:
    """The bot's settings."""
    return settings_of(BotSettings)


def with_store(work: Callable[[Store], Coroutine[Any, Any, T]]) -> T:
    """Run `work` on the store, brought up to date first; the store's own errors end the command cleanly."""

    async def run() -> T:
        settings = store_settings()
        await migrate.upgrade(
            settings.database_url, backup_folder=Path(settings.backup_folder), now=migrate_now()
        )
        store = open_store(settings.database_url)
        try:
            return await work(store)
        finally:
            await store.close()

    try:
        return asyncio.run(run())
    except StoreError as error:
        fail(str(error))


def migrate_now() -> Any:
    """The present, for the name of a backup."""
    from bot.clock import system_clock

    return system_clock()


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    sys.stdout.write(orjson.dumps(value, option=orjson.OPT_INDENT_2, default=str).decode() + "\n")


def emit(value: Any, as_json: bool, lines: Callable[[], list[str]]) -> None:
    """The result, as JSON or as lines for people."""
    if as_json:
        print_json(value)
        return
    for line in lines():
        typer.echo(line)


def read_file(path: Path) -> bytes:
    """The file's bytes, or a clear end."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        fail(f"there is no file {path}", BAD_INPUT)
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}", BAD_INPUT)


def write_file(path: Path, data: bytes) -> None:
    """Write the file whole or not at all."""
    try:
        temporary = path.with_name(f".{path.name}.part")
        temporary.write_bytes(data)
        temporary.replace(path)
    except OSError as error:
        fail(f"{path} cannot be written: {error.strerror}")


def refuse_file(path: Path, problems: list[str], as_json: bool) -> NoReturn:
    """Say everything that is wrong with an input file; nothing of it was taken."""
    if as_json:
        print_json({"imported": 0, "problems": problems})
    shown = problems[:50]
    for problem in shown:
        typer.echo(f"{path}: {problem}", err=True)
    if len(problems) > len(shown):
        typer.echo(f"{path}: ... and {len(problems) - len(shown)} more", err=True)
    fail(f"nothing was imported; mend the {len(problems)} problem(s) above and try again", BAD_INPUT)
