"""One backup, taken by a process beside the server, as `frontdesk db backup` does.

    python -m benchmarks.backups.taking DATABASE_URL FOLDER

Prints "begins", and once the backup is verified a JSON object with its path, size, rows, and the seconds it took,
by the clock and of the processor.
"""

import asyncio
import json
import sys
import time

from bot.clock import system_clock
from crm_store.backup import make_backup


def main(database_url: str, folder: str) -> None:
    """Take it."""
    print("begins", flush=True)
    began, worked = time.monotonic(), time.process_time()
    made = asyncio.run(make_backup(database_url, folder, now=system_clock()))
    seconds = time.monotonic() - began
    figures = {"seconds": seconds, "cpu_s": time.process_time() - worked}
    print(json.dumps({"path": str(made.path), "size": made.size, "rows": made.rows} | figures))


if __name__ == "__main__":
    main(*sys.argv[1:])
