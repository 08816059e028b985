"""The `frontdesk` command in tests: in this process, or as one of its own."""

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import structlog
from typer.testing import CliRunner

from bot.cli import app

ROOT = Path(__file__).parents[1]
COMMAND = (sys.executable, "-m", "bot")
RUN_WITHIN_S = 90


@dataclass(frozen=True)
class Finished:
    """A command that ended."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output as the one JSON document that it is."""
        assert self.out, f"nothing was printed; status {self.status}: {self.err}"
        return json.loads(self.out)


@dataclass(frozen=True)
class CommandLine:
    """Commands in a folder of their own; `settings` are FRONTDESK_... variables without the prefix, lower case."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def __call__(self, *words: str | Path, stdin: str | None = None, **settings: str) -> Finished:
        """Run in this process, which is fast; from a test with an event loop in a thread that gets its own."""
        arguments, variables = [str(word) for word in words], self.variables(settings)
        run = CliRunner().invoke
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            done = run(app, arguments, stdin, variables)
        else:
            with ThreadPoolExecutor(1) as pool:
                done = pool.submit(run, app, arguments, stdin, variables).result()
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Finished(done.exit_code, done.stdout, done.stderr)

    def process(self, *words: str | Path, stdin: str | None = None, **settings: str) -> Finished:
        """Run as a process of its own: what a user gets, tracebacks and all."""
        done = subprocess.run(
            [*COMMAND, *map(str, words)],
            cwd=self.folder,
            env=self.environment(settings),
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=RUN_WITHIN_S,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def variables(self, settings: dict[str, str] | None = None) -> dict[str, str]:
        """The settings as environment variables."""
        given = {**self.settings, **(settings or {})}
        return {f"FRONTDESK_{name.upper()}": value for name, value in given.items()}

    def environment(self, settings: dict[str, str] | None = None) -> dict[str, str]:
        """The whole environment of a process."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")}
        return {**inherited, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", **self.variables(settings)}

    def file(self, name: str, content: str | bytes) -> Path:
        """A file with this content in the folder."""
        path = self.folder / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path


@pytest.fixture
def frontdesk(tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[CommandLine]:
    """The command line on a fresh SQLite store, in an empty working folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in [name for name in os.environ if name.startswith("FRONTDESK_")]:
        monkeypatch.delenv(name)
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield CommandLine(folder, {"database_url": sqlite_url})
    root.handlers[:], root.level = handlers, level  # the commands' own write to a stream that is gone
    structlog.reset_defaults()
