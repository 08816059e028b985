"""Answers measured: how right and how honest they are, and what they cost.

    python -m benchmarks.matching [--long] [--json]

Merges `benchmarks.matching_accuracy`, `benchmarks.matching_stream`, `benchmarks.matching_speed` and
`benchmarks.matching_freshness`; each can be run alone. Ends with 1 when a bar of the first two is missed: those of the
others hang on the machine.
"""

import argparse
import json
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from benchmarks.bars import missed
from benchmarks.matching_stream import BARS as STREAM_BARS

PARTS = (
    "benchmarks.matching_accuracy",
    "benchmarks.matching_stream",
    "benchmarks.matching_speed",
    "benchmarks.matching_freshness",
)


def measure(*, long: bool) -> dict[str, Any]:
    """The figures of each part under its name; those of the bars beside the bars themselves."""
    found: dict[str, Any] = {}
    for name in PARTS:
        if find_spec(name) is not None:
            found[name.rpartition("_")[2]] = import_module(name).measure(long=long)
    return found


def missed_of(found: dict[str, Any]) -> dict[str, str]:
    """The bars that were missed, but for those of speed."""
    streams = {name: missed(figures, STREAM_BARS) for name, figures in found.get("stream", {}).items()}
    told = {f"stream {name}.{bar}": why for name, each in streams.items() for bar, why in each.items()}
    return {**found.get("accuracy", {}).get("missed", {}), **told}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--long", action="store_true", help="the largest sizes and the most resplits, too")
    parser.add_argument("--json", action="store_true", help="print JSON on one line")
    given = parser.parse_args()
    found = measure(long=given.long)
    found["missed"] = missed_of(found)
    print(json.dumps(found) if given.json else json.dumps(found, indent=2))
    sys.exit(1 if found["missed"] else 0)


if __name__ == "__main__":
    main()
