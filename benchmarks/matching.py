"""Answers measured: how right and how honest they are, and what they cost.

    python -m benchmarks.matching [--long] [--json]

Merges `benchmarks.matching_accuracy` and `benchmarks.matching_speed`; each can be run alone.
"""

import argparse
import json
from importlib import import_module
from importlib.util import find_spec
from typing import Any

PARTS = ("benchmarks.matching_accuracy", "benchmarks.matching_speed")


def measure(*, long: bool) -> dict[str, Any]:
    """The figures of each part under its name; those of the bars beside the bars themselves."""
    found: dict[str, Any] = {}
    for name in PARTS:
        if find_spec(name) is not None:
            found[name.rpartition("_")[2]] = import_module(name).measure(long=long)
    return found


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--long", action="store_true", help="the largest sizes and the most resplits, too")
    parser.add_argument("--json", action="store_true", help="print JSON on one line")
    given = parser.parse_args()
    found = measure(long=given.long)
    print(json.dumps(found) if given.json else json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
