"""The library that breaks clock, disk and names under a process (shim.c), and the hand on its switches."""

import errno
import mmap
import struct
import subprocess
from pathlib import Path

SOURCE = Path(__file__).with_name("shim.c")
_LAYOUT = struct.Struct("=qii256s")


class Impossible(Exception):
    """A fault cannot be made here; the text says why."""


class Shim:
    """The switches of one process; `environment` is what it has to be started with."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        control = folder / "faults.control"
        control.write_bytes(bytes(mmap.PAGESIZE))
        with control.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        self._set()
        self.environment = {"LD_PRELOAD": str(_compiled(folder)), "FAULTS_CONTROL": str(control)}

    def _set(self, *, clock_offset_s: int = 0, disk_errno: int = 0, names_lost: bool = False) -> None:
        values = clock_offset_s, disk_errno, int(names_lost), str(self._folder / "frontdesk.db").encode()
        self._map[: _LAYOUT.size] = _LAYOUT.pack(*values)

    def move_clock(self, seconds: int) -> None:
        """The wall clock shows so much more (or less) than the truth."""
        self._set(clock_offset_s=seconds)

    def fill_disk(self) -> None:
        """Nothing more can be written to the database's files."""
        self._set(disk_errno=errno.ENOSPC)

    def protect_disk(self) -> None:
        """The database's files are on a file system that is read-only now."""
        self._set(disk_errno=errno.EROFS)

    def lose_names(self) -> None:
        """No name is resolved."""
        self._set(names_lost=True)

    def mend(self) -> None:
        """All is as it should be."""
        self._set()


def _compiled(folder: Path) -> Path:
    library = folder / "faults.so"
    command = ["cc", "-shared", "-fPIC", "-O2", "-w", "-o", str(library), str(SOURCE), "-ldl"]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Impossible(f"the C compiler that makes the fault is missing or fails ({error})") from None
    return library
