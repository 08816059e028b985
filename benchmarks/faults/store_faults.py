"""What can happen to the database: locked, full, write-protected, restarted."""

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg

from benchmarks.faults.scene import Scene, Surroundings, shimmed
from benchmarks.faults.shim import Impossible
from tests.postgres_server import PostgresImpossible, PostgresServer, plain, start_server

DISK_MB = 24
_HOLD = """
import sqlite3, sys
other = sqlite3.connect(sys.argv[1], isolation_level=None, timeout=60)
other.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@asynccontextmanager
async def locked(scene: Scene) -> AsyncIterator[None]:
    """Another process holds the file's lock."""
    path = scene.around.database_url.removeprefix("sqlite:///")
    pipe = asyncio.subprocess.PIPE
    # Never waited for on this loop: the Bot API server answers on it.
    other = await asyncio.create_subprocess_exec(sys.executable, "-c", _HOLD, path, stdin=pipe, stdout=pipe)
    assert other.stdout is not None
    await other.stdout.readline()
    try:
        yield
    finally:
        await other.communicate(b"")  # its end of input is its end


@contextmanager
def small_disk(folder: Path) -> Iterator[Surroundings]:
    """A small file system of its own; without the right to mount one, the library plays it."""
    mounted = folder / "disk"
    mounted.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(mounted)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        with shimmed(folder) as around:
            yield around
        return
    try:
        yield Surroundings(mounted, f"sqlite:///{mounted / 'frontdesk.db'}")
    finally:
        subprocess.run(["umount", "-l", str(mounted)], check=False)


@asynccontextmanager
async def full_disk(scene: Scene) -> AsyncIterator[None]:
    """No byte is left, then there is room again."""
    if scene.around.shim is not None:
        scene.around.shim.fill_disk()
        try:
            yield
        finally:
            scene.around.shim.mend()
        return
    ballast = scene.around.folder / "ballast"
    descriptor = os.open(ballast, os.O_CREAT | os.O_WRONLY)
    try:
        for size in (1 << 20, 4096, 1):
            _fill(descriptor, bytes(size))
        yield
    finally:
        os.close(descriptor)
        ballast.unlink()


def _fill(descriptor: int, piece: bytes) -> None:
    try:
        while os.write(descriptor, piece):
            pass
    except OSError:
        return


@asynccontextmanager
async def write_protected(scene: Scene) -> AsyncIterator[None]:
    """The file system turns read-only, as one with errors does."""
    assert scene.around.shim is not None
    scene.around.shim.protect_disk()
    try:
        yield
    finally:
        scene.around.shim.mend()


@contextmanager
def on_postgres(folder: Path) -> Iterator[Surroundings]:
    """A PostgreSQL server of its own; raises Impossible without one."""
    try:
        server = start_server()
    except PostgresImpossible as error:
        raise Impossible(str(error)) from None
    try:
        if server.folder is None:
            raise Impossible("the PostgreSQL that TEST_POSTGRES_URL names is not ours to restart; unset it")
        server.sql('CREATE DATABASE "faults"')
        yield Surroundings(folder, server.database("faults"), postgres=server)
    finally:
        server.stop()


def restarting(times: int, every_s: float) -> "_Restarts":
    """A PostgreSQL that is restarted so often, one time in two without finishing anything."""
    return _Restarts(times, every_s)


class _Restarts:
    def __init__(self, times: int, every_s: float) -> None:
        self._times, self._every_s = times, every_s

    @asynccontextmanager
    async def __call__(self, scene: Scene) -> AsyncIterator[None]:
        times = max(1, round(scene.seconds / self._every_s))
        work = asyncio.create_task(self._restart(scene, min(times, self._times)))
        try:
            yield
        finally:
            await work
            await asyncio.to_thread(_reconnect, scene.around.postgres)

    async def _restart(self, scene: Scene, times: int) -> None:
        server = scene.around.postgres
        assert server is not None
        for number in range(times):
            mode = ("fast", "immediate")[number % 2]
            await asyncio.to_thread(_restart, server, mode)
            scene.counts["restarts"] = number + 1
            await asyncio.sleep(self._every_s / 2)


def _reconnect(server: PostgresServer | None) -> None:
    """The administrator's own connection went with the first restart."""
    assert server is not None
    server._admin = server.run(asyncpg.connect(plain(server.url)))


def _restart(server: PostgresServer, mode: str) -> None:
    assert server.folder is not None
    assert server.pg_ctl is not None
    how = ["-w", "-m", mode, "-l", str(server.folder / "log"), "restart"]
    subprocess.run(
        [str(server.pg_ctl), "-D", str(server.folder / "data"), *how],
        check=True,
        timeout=60,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **server.commands,
    )
