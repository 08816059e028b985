"""How much one session and one network address may ask for. Pure; the clock is given.

A shop's visitors may share one address (an office, a phone network), so an address is allowed far more than a
session; what is new and costs a row for good, a first message, is the scarcest.
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from bot.pacing import Bucket

KEPT_KEYS = 20_000


@dataclass(frozen=True, slots=True)
class Allowance:
    """`burst` at once, then one every `every_s` seconds."""

    burst: float
    every_s: float


PER_SESSION = Allowance(burst=12, every_s=1.0)
PER_PEER = Allowance(burst=120, every_s=0.05)
HELLOS_PER_PEER = Allowance(burst=60, every_s=0.2)
NEWCOMERS_PER_PEER = Allowance(burst=30, every_s=2.0)
LINKS_PER_SESSION = Allowance(burst=5, every_s=60.0)
TYPING_PER_SESSION = Allowance(burst=6, every_s=2.0)
UPLOADS_PER_SESSION = Allowance(burst=10, every_s=6.0)
UPLOADS_PER_PEER = Allowance(burst=40, every_s=3.0)
UPLOADS_AT_ONCE_PER_PEER = 4
FULL_UPLOADS_PER_DAY = 10
"""A session may hand in so many files of the largest size in a day, or more smaller ones."""
SOCKETS_PER_PEER = 60
SOCKETS_PER_SESSION = 8
SOCKETS = 5_000


@dataclass(slots=True)
class Limit:
    """An allowance, kept per key; the least recently seen keys are forgotten, which forgives them."""

    allowance: Allowance
    _buckets: OrderedDict[str, Bucket] = field(default_factory=OrderedDict)

    def allows(self, key: str, now: float) -> bool:
        """Count one more for `key` at `now` (seconds of a steady clock) if it is within the allowance."""
        bucket = self._buckets.setdefault(key, Bucket())
        self._buckets.move_to_end(key)
        if len(self._buckets) > KEPT_KEYS:
            self._buckets.popitem(last=False)
        if bucket.wait(now, self.allowance.every_s, self.allowance.burst) > 0:
            return False
        bucket.take(now, self.allowance.every_s)
        return True
