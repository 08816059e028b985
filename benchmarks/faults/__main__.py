"""Faults on the real program, each with what came of it.

    python -m benchmarks.faults [--only NAME ...] [--short] --json

Bars: nothing lost, doubled or out of order; readiness tells of it within 2 s of its beginning; in order by itself and
answering within 5 s of its end; web customers get a sign, or are served; the log has a word for it, no flood. Times
stand under `held` too and fail nothing, since they hang on what else the machine does. A fault that cannot be made
here was not `tried`, and does not hold.
"""

import asyncio
import json
import sys
from dataclasses import asdict
from typing import Any

from benchmarks.bars import command_line
from benchmarks.faults.catalogue import FAULTS
from benchmarks.faults.second_server import try_second_server
from benchmarks.faults.shim import Impossible
from benchmarks.faults.trial import try_fault

SECOND = "second_server"


def run(name: str, *, short: bool) -> dict[str, Any]:
    """One fault's figures."""
    if name == SECOND:
        return asdict(asyncio.run(try_second_server())) | {"tried": True}
    try:
        found = asyncio.run(try_fault(name, FAULTS[name], short=short))
    except Impossible as error:
        return {"fault": name, "tried": False, "reason": str(error), "holds": False}
    return found.figures(FAULTS[name]) | {"tried": True}


def main() -> None:
    """Print the figures; exit status 1 when a bar does not hold."""
    parser = command_line(__doc__)
    names = [*FAULTS, SECOND]
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    parser.add_argument("--short", action="store_true", help="seconds instead of half minutes")
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
