"""Faults on the real program, each with what came of it.

    python -m benchmarks.faults [--only NAME ...] [--short] --json

Bars: nothing lost, doubled or out of order; readiness tells of it within 2 s of its beginning; in order by itself and
answering within 5 s of its end; web customers get a sign, or are served; the log has a word for it, no flood. Times
that miss their bar are told under `late` and fail nothing, since they hang on what else the machine does.
"""

import argparse
import asyncio
import json
import sys
from dataclasses import asdict
from typing import Any

from benchmarks.faults.catalogue import FAULTS
from benchmarks.faults.second_server import try_second_server
from benchmarks.faults.shim import Impossible
from benchmarks.faults.trial import late, try_fault

SECOND = "second_server"


def run(name: str, *, short: bool) -> dict[str, Any]:
    """One fault's figures."""
    if name == SECOND:
        return asdict(asyncio.run(try_second_server()))
    try:
        found = asyncio.run(try_fault(name, FAULTS[name], short=short))
    except Impossible as error:
        return {"fault": name, "skipped": str(error), "holds": True}
    return asdict(found) | {"late": late(FAULTS[name], found)}


def main() -> None:
    """Print the figures; exit status 1 when a bar does not hold."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    names = [*FAULTS, SECOND]
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--short", action="store_true", help="seconds instead of half minutes")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    results = []
    for name in given.only:
        results.append(run(name, short=given.short))
        print(results[-1] if not given.json else json.dumps(results[-1]), file=sys.stderr, flush=True)
    holds = all(one["holds"] for one in results)
    if given.json:
        print(json.dumps({"holds": holds, "faults": {one["fault"]: one for one in results}}))
    sys.exit(0 if holds else 1)


if __name__ == "__main__":
    main()
