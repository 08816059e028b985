"""What of a running house is out of order, and since when. The log says once that it begins and once that it ends.

Parts report here what fails and what works; readiness, metrics and the web chat read it. Nothing personal goes in:
`what` is a sentence of ours or a system's reason.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

log = structlog.get_logger(__name__)
DATABASE, DISK = "database", "disk"
REMIND_AFTER_S = 900.0
"""What stays out of order is said again after this."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A part that is out of order."""

    part: str
    what: str
    for_s: float


@dataclass(slots=True)
class _Record:
    what: str
    began_at: float
    last_at: float
    said_at: float
    failures: int = 1


class Condition:
    """The condition of one process. Times are seconds of any steady clock."""

    def __init__(self, steady: Callable[[], float] = time.monotonic) -> None:
        self._steady = steady
        self._records: dict[str, _Record] = {}

    def fails(self, part: str, what: str) -> None:
        """This part has just failed."""
        now, record = self._steady(), self._records.get(part)
        if record is None:
            self._records[part] = _Record(what, now, now, now)
            log.error("out of order", part=part, what=what)
            return
        record.what, record.last_at = what, now
        record.failures += 1
        if now - record.said_at >= REMIND_AFTER_S:
            record.said_at = now
            log.error("still out of order", part=part, what=what, for_s=round(now - record.began_at))

    def works(self, part: str, *, calm_s: float = 0.0) -> None:
        """This part has just worked; it is in order once it has not failed for `calm_s`."""
        record = self._records.get(part)
        if record is None or self._steady() - record.last_at < calm_s:
            return
        del self._records[part]
        log.warning(
            "in order again",
            part=part,
            after_s=round(self._steady() - record.began_at, 1),
            failures=record.failures,
        )

    def is_out_of_order(self, part: str) -> bool:
        """Whether this part failed and has not worked since."""
        return part in self._records

    @property
    def troubles(self) -> list[Trouble]:
        """What is out of order, the oldest first."""
        now = self._steady()
        return [Trouble(part, r.what, round(now - r.began_at, 1)) for part, r in self._records.items()]
