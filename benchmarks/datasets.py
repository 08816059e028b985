"""Where the real data sets are found: a folder beside the project, or FRONTDESK_DATA."""

import os
import sys
from pathlib import Path

FOLDER = Path(os.environ.get("FRONTDESK_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))


def dataset(name: str) -> Path:
    """The path of a data set's file or folder; ends the program with what to do when it is missing."""
    path = FOLDER / name
    if not path.exists():
        sys.exit(
            f"{name} is not in {FOLDER}; put it there, or set FRONTDESK_DATA to the folder that holds it"
        )
    return path
