"""One server to an SQLite file."""

import fcntl
import os
from contextlib import suppress
from pathlib import Path

from crm_store.errors import StoreUnusable


class FileOwnership:
    """The exclusive right to serve one SQLite file, by whatever name; a second server is refused, not queued."""

    def __init__(self, path: Path) -> None:
        self._file = path.resolve()  # as SQLite does: a link and what it points to are one database
        self._path = self._file.with_name(self._file.name + ".lock")
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the right, or raise StoreUnusable saying who has it."""
        if self._file.exists() and self._file.stat().st_nlink > 1:
            # Each name would have a log of its own, and each server destroy what the other wrote
            # (https://www.sqlite.org/howtocorrupt.html, section 2.5).
            raise StoreUnusable(
                f"the database file {self._file} has a second name (a hard link), by which another server could "
                "serve it at the same time; copy it instead (frontdesk backup), and remove one of the names"
            )
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            owner = os.read(descriptor, 32).decode(errors="replace").strip() or "unknown"
            os.close(descriptor)
            raise StoreUnusable(
                f"another Frontdesk server (process {owner}) already serves this database file: use that one, or "
                "stop it first; on SQLite one 'frontdesk run' serves bot, desk and API together, and for several "
                "processes set FRONTDESK_DATABASE_URL to a PostgreSQL database (README, Growing)"
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        self._descriptor = descriptor

    def is_taken(self) -> bool:
        """Whether a server has the right; asking leaves no file behind and takes nothing from who starts now."""
        with suppress(FileNotFoundError), self._path.open("rb") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return True
        return False

    def release(self) -> None:
        """Give the right back."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
