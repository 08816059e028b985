"""What every verb shares: settings, an open and current store, output for people or programs, exit statuses."""

import asyncio
import sys
import tomllib
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

import orjson
import typer
from pydantic import ValidationError
from pydantic_settings import SettingsError

from bot.clock import system_clock
from bot.settings import BotSettings
from crm_store import stored_settings
from crm_store.engine import Store, open_store, parse_url
from crm_store.errors import InvalidValue, NotFound, StoreError
from crm_store.schema import clear_errors
from crm_store.settings import Settings, StoreSettings

T = TypeVar("T")
S = TypeVar("S", bound=Settings)

FAILED, BAD_INPUT = 1, 2
"""Exit statuses: it could not be done; what was given is wrong (as for wrong options)."""
SHOWN_PROBLEMS = 50
MAX_ID = 2**63 - 1
"""What a database takes as a number."""

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
FileProblem = tuple[int, str]
"""Line (1 is the first) and what is wrong there."""


def fail(message: str, status: int = FAILED) -> NoReturn:
    """End with a message that says what to do."""
    typer.echo(f"frontdesk: {message}", err=True)
    raise typer.Exit(status)


def refused(error: StoreError) -> NoReturn:
    """End with what the store says: values and names it cannot take are bad input."""
    fail(str(error), BAD_INPUT if isinstance(error, (InvalidValue, NotFound)) else FAILED)


def need_word_vectors() -> None:
    """End with what to install, where the extra that has word vectors is missing."""
    from knowledge_base.semantic import SemanticMissing, word_vectors

    try:
        word_vectors()
    except SemanticMissing as error:
        fail(str(error), BAD_INPUT)


def settings_of(kind: type[S]) -> S:
    """These settings from the environment; a wrong one is named, never echoed (it may be a secret)."""
    try:
        return kind()
    except ValidationError as error:
        wrong = "; ".join(
            f"FRONTDESK_{'_'.join(map(str, e['loc'])).upper()}: {e['msg'].removeprefix('Value error, ')}"
            for e in error.errors()
        )
        fail(f"wrong setting: {wrong}", BAD_INPUT)
    except tomllib.TOMLDecodeError as error:
        fail(f"frontdesk.toml cannot be read: {error}", BAD_INPUT)
    except UnicodeDecodeError:
        fail("the settings in .env or frontdesk.toml are not UTF-8 text; save them as UTF-8", BAD_INPUT)
    except (SettingsError, OSError) as error:
        fail(f"the settings in .env or frontdesk.toml cannot be read: {error}", BAD_INPUT)


def store_settings() -> StoreSettings:
    """The store's settings; ends where they want word vectors that are not installed."""
    settings = settings_of(StoreSettings)
    if settings.semantic:
        need_word_vectors()
    return settings


def bot_settings() -> BotSettings:
    """The bot's settings."""
    return settings_of(BotSettings)


async def rules(store: Store) -> StoreSettings:
    """The store's settings as they count: with what was changed at the desk."""
    async with store.read() as session:
        return await stored_settings.in_force(session, store_settings())


def with_store(work: Callable[[Store], Coroutine[Any, Any, T]]) -> T:
    """Run `work` on the store, brought up to date first; the store's own errors end the command cleanly."""

    from crm_store import migrate

    async def run() -> T:
        settings = store_settings()
        url = parse_url(settings.database_url)
        await migrate.upgrade(settings.database_url, backup_folder=settings.backup_folder, now=system_clock())
        store = open_store(settings.database_url)
        try:
            with clear_errors(url):
                return await work(store)
        finally:
            await store.close()

    return finished(run())


def finished(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`; the store's own errors end the command cleanly."""
    try:
        return asyncio.run(work)
    except StoreError as error:
        refused(error)


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
    check_readable(path)
    return path.read_bytes()


def check_readable(path: Path) -> None:
    """End clearly unless the file, can be opened."""
    try:
        path.open("rb").close()
    except FileNotFoundError:
        fail(f"there is no file {path}", BAD_INPUT)
    except OSError as error:
        fail(f"{path} cannot be read: {error.strerror}", BAD_INPUT)


def write_file(path: Path, data: bytes) -> None:
    """Write the file whole or not at all; readable for its owner alone, since it may hold people's data."""
    part = path.with_name(f".{path.name}.part")
    try:
        part.touch(mode=0o600)
        part.write_bytes(data)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        fail(f"{path} cannot be written: {error.strerror}")


def tell_problems(path: Path, problems: Sequence[FileProblem]) -> None:
    """The first of them on standard error, a line each, and how many more there are."""
    for line, text in problems[:SHOWN_PROBLEMS]:
        typer.echo(f"{path}: line {line}: {text}", err=True)
    if len(problems) > SHOWN_PROBLEMS:
        typer.echo(f"{path}: ... and {len(problems) - SHOWN_PROBLEMS} more", err=True)


def as_records(problems: Sequence[FileProblem]) -> list[dict[str, Any]]:
    """The problems for programs."""
    return [{"line": line, "message": text} for line, text in problems]


def refuse_file(path: Path, problems: Sequence[FileProblem], as_json: bool) -> NoReturn:
    """Say everything that is wrong with an input file; nothing of it was taken."""
    if as_json:
        print_json({"imported": 0, "problems": as_records(problems)})
    tell_problems(path, problems)
    fail(f"nothing of {path} was used; mend the {len(problems)} problem(s) above and try again", BAD_INPUT)
