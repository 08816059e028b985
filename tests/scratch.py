"""Where tests keep what they write: in memory where there is room, else where everybody keeps such things.

On a disk most of a test's time goes by making files and taking them away: a PostgreSQL database is a thousand of them.
Whoever sets TMPDIR decides alone, and what needs a disk that survives (`start_server(is_durable=True)`) stays on one.
"""

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ENOUGH = 4 << 30
"""Bytes: many times what a run has been seen to need, so that no other program goes short of memory."""
SHORT = "/tmp"


def use_memory() -> None:
    """From here on temporary files are made in memory, in the processes that this one starts as well."""
    if "TMPDIR" not in os.environ and is_roomy(MEMORY):
        os.environ["TMPDIR"] = str(MEMORY)
        tempfile.tempdir = None  # it is found anew


def is_roomy(folder: Path) -> bool:
    """Whether there is such a folder, open to us, with enough room for a whole run."""
    return folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= ENOUGH


def short_folder() -> str:
    """Where temporary folders have short names, as those of sockets must; in memory where the tests are."""
    return str(MEMORY) if os.environ.get("TMPDIR") == str(MEMORY) else SHORT
