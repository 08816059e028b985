"""Many customers who ask one question after the other, without waiting for the answers."""

import random
import time
from collections import defaultdict
from dataclasses import dataclass, field

from benchmarks import shop
from benchmarks.kills.witness import Witness

PER_SECOND = 300
REPEATED = 1 / 50
MOST_BEHIND = 5000
"""Customers wait while so many are unanswered: a machine too busy to answer would be asked without end."""


@dataclass
class Askers:
    """The customers, and the topics each has asked about."""

    server: Witness
    chance: random.Random
    written: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    seconds: float = 0.0
    """How long they wrote."""
    _wrote_at: float | None = None
    _owed: float = 0.0

    def write(self) -> None:
        """What is due since the last time, at the same rate however busy the machine is."""
        now = time.monotonic()
        since = now - self._wrote_at if self._wrote_at is not None else 0.0
        self._wrote_at = now
        self.seconds += since
        self._owed += since * PER_SECOND if self.count - len(self.server.world.sent) < MOST_BEHIND else 0.0
        due, self._owed = divmod(self._owed, 1)
        if due:
            shop.ask(self.server, self.chance, self.written, int(due))
            if self.chance.random() < REPEATED * due:
                self.server.repeat(self.chance.choice(self.server.updates[-1000:]))

    @property
    def count(self) -> int:
        """Messages in all."""
        return sum(map(len, self.written.values()))
