"""How long the staff group is left alone after what could not be posted, and whose posts go behind the others'.

It may be the group that cannot be reached, or one customer's posts that Telegram's server fails at: only somebody
else's tell, so these are tried next.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

PAUSES_S: Final = (1, 2, 5, 10)
"""The group is there again soon after it can be written to; each try is one call."""
DOUBT_S: Final = (1, 5, 30, 60)
"""Where it may have arrived: each new try may show the staff the same post once more."""
ALONE_S: Final = (1, 2, 5, 15, 30, 60, 120, 300)
"""Before a new try of what failed n + 1 times though other posts arrived."""
BEHIND: Final = timedelta(seconds=0.5)
"""What failed waits so much longer than the group does."""


@dataclass(slots=True)
class Stumbles:
    """What failed since the last post that arrived, and who has failed before that."""

    failures: int = 0
    behind: set[int] = field(default_factory=set)
    """Customers whose posts failed since then."""
    counts: Counter[int] = field(default_factory=Counter)
    """By customer: how often their posts failed right after others had arrived."""

    def arrived(self, customer_id: int) -> None:
        """All that was due for this customer was posted."""
        self.failures = 0
        self.behind.clear()
        self.counts.pop(customer_id, None)

    def failed(self, customers: Collection[int], *, is_doubtful: bool) -> tuple[timedelta, timedelta]:
        """How long the group is left alone, and how long these customers' posts wait."""
        if not self.failures:
            self.counts.update(customers)
        pause = _step(DOUBT_S if is_doubtful else PAUSES_S, self.failures)
        count = max((self.counts[each] for each in customers), default=0)
        self.failures += 1
        self.behind.update(customers)
        return pause, max(pause, _step(ALONE_S, max(0, count - 1))) + BEHIND


def _step(steps: Sequence[int], failures: int) -> timedelta:
    return timedelta(seconds=steps[min(failures, len(steps) - 1)])
