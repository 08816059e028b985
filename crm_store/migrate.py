"""Bringing the database to the schema this program needs, at start: all of it or nothing.

Only where a revision changes very many rows (see `backfill`) are there several transactions; cut off between them,
the next start goes on from there.

    python -m crm_store.migrate --check        do the migrations make what the models say? (part of `make check`)
    python -m crm_store.migrate --regenerate   write the first revision anew from the models (until the release)

`--regenerate` changes `migrations/versions/0001_initial.py`; commit it with the models. A database made before keeps
its old tables and must be made anew: from the release on, write a revision beside it instead.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import create_engine

from crm_store.backup import Backup, make_backup
from crm_store.engine import parse_url
from crm_store.schema import (
    apply,
    apply_stepwise,
    current_revision,
    head,
    is_in_the_middle,
    with_connection,
)
from crm_store.sqlite_files import make_private, owned, path_of

BACKUP_LABEL = "before-upgrade"
BACKUPS_KEPT = 3
"""A server that is killed and started over and over would else fill the disk with copies of the same."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """What an upgrade did; `from_revision` is None where there were no tables."""

    from_revision: str | None
    to_revision: str
    backup: Backup | None

    @property
    def changed(self) -> bool:
        """Whether there was anything to do."""
        return self.from_revision != self.to_revision


async def upgrade(
    store_url: str, *, backup_folder: Path | str, now: datetime, is_owner: bool = False
) -> Migrated:
    """Bring the database to `head()`; an SQLite file with data is backed up first.

    Raises StoreUnusable, its text saying what to do, when the database is newer than the program, locked, damaged,
    not to be written, another program's, or when an older server runs on the file that is to be changed (the server
    that upgrades its own `is_owner`).
    """
    url = parse_url(store_url)
    if url.get_backend_name() == "sqlite":
        make_private(path_of(url))
    found = await with_connection(url, current_revision)
    if found == head():
        return Migrated(found, found, None)
    backup = None
    is_old_file = found is not None and url.get_backend_name() == "sqlite"
    # A server of the version before would go on with statements that fit its own tables.
    with owned(path_of(url)) if is_old_file and not is_owner else nullcontext():
        # Cut off in the middle, the store as it was before lies in the backup made then.
        if is_old_file and not await with_connection(url, is_in_the_middle):
            backup = await make_backup(
                store_url, backup_folder, now=now, label=BACKUP_LABEL, keep=BACKUPS_KEPT
            )
        await with_connection(url, apply_stepwise, commits=True)
    return Migrated(found, head(), backup)


async def check() -> list[str]:
    """Where the migrations and the models differ, a line each; empty when they agree."""
    from crm_store import revisions

    with tempfile.TemporaryDirectory() as folder:
        url = parse_url(f"sqlite:///{folder}/checked.db")
        await with_connection(url, apply)
        return await with_connection(url, revisions.differences)


def regenerate() -> Path:
    """The first revision's file, written anew from the models."""
    from crm_store import revisions

    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        revisions.INITIAL.parent.mkdir(parents=True, exist_ok=True)
        revisions.INITIAL.write_text(revisions.draft(connection), encoding="utf-8")
    engine.dispose()
    subprocess.run([sys.executable, "-m", "ruff", "format", "-q", revisions.INITIAL], check=True)  # noqa: S603
    return revisions.INITIAL


def main(arguments: list[str]) -> int:
    """The exit status: 0 when all is well."""
    parser = argparse.ArgumentParser(prog="python -m crm_store.migrate", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--check", action="store_true", help="compare the migrations with the models")
    what.add_argument("--regenerate", action="store_true", help="write the first revision anew")
    if parser.parse_args(arguments).regenerate:
        print(regenerate())
        return 0
    found = asyncio.run(check())
    for line in found:
        print(line)
    if found:
        print("the migrations and the models differ; run: python -m crm_store.migrate --regenerate")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
