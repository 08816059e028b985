"""What a check-up found: one value, whoever looked."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `mend` says what to do where something is wrong."""

    level: Level
    what: str
    mend: str = ""
