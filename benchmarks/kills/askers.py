"""Many customers who ask one question after the other, without waiting for the answers."""

import random
import time
from collections import defaultdict
from dataclasses import dataclass, field

from benchmarks.kills.witness import Witness

CHATS = range(1001, 1041)
PER_SECOND = 300
TOPICS = ("parcel", "refund", "invoice", "password", "warranty", "voucher", "address", "colour")
QUESTION = "Where do I find everything about my {0}?"
ANSWER = "All about your {0} is in your account."
REPEATED = 1 / 50
MOST_BEHIND = 5000
"""Customers wait while so many are unanswered: a machine too busy to answer would be asked without end."""


@dataclass
class Askers:
    """The customers, and what each has written."""

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
        texts = []
        while self._owed >= 1:
            self._owed -= 1
            chat, topic = self.chance.choice(CHATS), self.chance.choice(TOPICS)
            self.written[chat].append(QUESTION.format(topic))
            texts.append((chat, QUESTION.format(topic)))
        if texts:
            self.server.pour(texts)
            if self.chance.random() < REPEATED * len(texts):
                self.server.repeat(self.chance.choice(self.server.updates[-1000:]))

    @property
    def count(self) -> int:
        """Messages in all."""
        return sum(map(len, self.written.values()))
