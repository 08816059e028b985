"""Names that outlast a power cut: a new or moved file is there for certain once its folder was synced."""

import os
from pathlib import Path


def sync_folder(folder: Path) -> None:
    """Make the names in the folder durable: files made, moved and removed in it up to now."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path, mode: int = 0o777) -> None:
    """Make the folder, and those above it, where they are missing; `mode` is for the last one."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(mode=mode, exist_ok=True)
    sync_folder(folder.parent)


def sync_file(path: Path) -> None:
    """Make the file's content durable; its name is another matter."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
