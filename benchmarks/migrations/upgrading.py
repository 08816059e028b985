"""The next version's start: one upgrade, in a process of its own that can be killed.

python -m benchmarks.migrations.upgrading DATABASE_URL SCRIPTS BACKUPS
"""

import asyncio
import sys
from pathlib import Path

from benchmarks.migrations.store import NOW
from crm_store import migrate, schema


def main(database_url: str, scripts: str, backups: str) -> None:
    """Upgrade; one line tells that it begins."""
    schema.SCRIPTS = Path(scripts)
    print("begins", flush=True)
    asyncio.run(migrate.upgrade(database_url, backup_folder=backups, now=NOW))


if __name__ == "__main__":
    main(*sys.argv[1:])
