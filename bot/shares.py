"""How much of the outbox a process holds of one channel, counted apart from all others: a channel that is away, or
slow, or has a long backlog, takes nothing from the rest.

What is counted is what the platform counts (turns.py): an album is as many as its parts.

Who is here now does not wait behind what was left from long ago: while there is a backlog, some places are kept for
answers that have just been committed, and the line (turns.py) lets both kinds out in turns.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.channels.base import Pace
from crm_store.outbox import Claimed

IN_FLIGHT = 256
QUEUED_S = 20.0
"""No more is claimed than leaves within this time, so that every claim is settled before its lease ends."""
KEPT_FOR_FRESH = 0.25
AWAY_S = (0.5, 1, 2)
"""Before the n-th new try of a platform that cannot be reached."""
STUMBLES_S = (2, 5, 15, 60, 300)
"""Before a message is tried anew that failed n + 1 times while others arrived."""
KEPT_STUMBLES = 10_000
DOUBTS = 3
"""So many sendings in a row that were not answered in time are the platform's fault."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to claim: at most so many of these channels. `is_small`: little is expected, though much waits elsewhere."""

    channels: tuple[str, ...]
    limit: int
    is_small: bool = False
    after: int = 0
    """Rather those that follow this message, which did not reach the platform."""


@dataclass(slots=True)
class Share:
    """One channel's part."""

    limit: int
    """In parts, as the platform counts them; a single message that is more goes alone."""
    own: set[int] = field(default_factory=set)
    """Claimed and not settled, by row number."""
    fresh: set[int] = field(default_factory=set)
    """Those of them that were handed over as they were committed."""
    extra: dict[int, int] = field(default_factory=dict)
    """As how many more than one each of `own` counts, where it does."""
    mean: float = 1.0
    """As how many each of those claimed lately counts."""
    failures: int = 0
    """Sendings in a row that did not reach the platform."""
    tried: int = 0
    """The message that did so last."""
    stumbles: dict[int, int] = field(default_factory=dict)
    """By message: how often it did not reach the platform, though what was sent before it did."""
    doubts: int = 0
    """Sendings in a row that it did not answer."""
    is_slow: bool = False
    """What it is blamed for last is that it does not answer in time, which one answer does not disprove."""
    has_backlog: bool = True

    def places(self) -> int:
        """How many answers could be sent as soon as they are committed."""
        if self.failures:
            return 0
        if self.has_backlog:
            return max(0, max(1, int(self.limit * KEPT_FOR_FRESH)) - self._parts(self.fresh))
        return max(0, self.limit - self.load)

    @property
    def load(self) -> int:
        """How many parts are claimed and not settled."""
        return self._parts(self.own)

    def _parts(self, numbers: Collection[int]) -> int:
        return len(numbers) + sum(more for number, more in self.extra.items() if number in numbers)

    def take(self, number: int, weight: int) -> None:
        """This one is sent by us, and counts as so many."""
        self.own.add(number)
        if weight > 1:
            self.extra[number] = weight - 1

    def fitting(self, weights: Sequence[int]) -> int:
        """How many of these, just claimed and in this order, there is room for; the rest goes back."""
        room, count = self.limit - self.load, 0
        for weight in weights:
            room -= weight
            if room < 0 and (count or self.own):
                break
            count += 1
        if weights:
            self.mean += (sum(weights) / len(weights) - self.mean) / 2
        return count

    def claimable(self) -> int:
        """How many to claim now: a quarter of the places at once or none, since a claim costs much the same."""
        if self.failures:
            return 0 if self.own else 1  # one to try with
        room = self.limit - self.load
        return max(1, int(room / self.mean)) if room >= max(1, self.limit // 4) else 0

    def arrived(self) -> None:
        """The platform took one."""
        self.failures = self.doubts = self.tried = 0

    def stumbled(self, number: int) -> float | None:
        """One did not reach the platform, as before, which takes the others: the seconds it has to wait alone.

        None where the platform itself may be away. Its server may fail at one chat or file for ever.
        """
        if self.failures:
            return None
        count = self.stumbles.pop(number, 0) + 1
        self.stumbles[number] = count
        if len(self.stumbles) > KEPT_STUMBLES:
            del self.stumbles[next(iter(self.stumbles))]
        return STUMBLES_S[min(count - 1, len(STUMBLES_S)) - 1] if count > 1 else None

    def failed(self, number: int) -> float:
        """One did not reach the platform; the seconds to leave it alone."""
        self.failures += 1
        self.tried = number
        self.is_slow = False
        return AWAY_S[min(self.failures, len(AWAY_S)) - 1]

    def doubted(self) -> bool:
        """One was not answered in time; whether that is more than bad luck."""
        self.doubts += 1
        self.is_slow |= self.doubts >= DOUBTS
        return self.doubts >= DOUBTS

    def settle(self, numbers: Collection[int]) -> None:
        """What became of these is written down."""
        self.own.difference_update(numbers)
        self.fresh.difference_update(numbers)
        if self.extra:
            for number in numbers:
                self.extra.pop(number, None)


def share(pace: Pace) -> Share:
    """A share as large as may be in flight at this pace."""
    if not pace.overall_per_s:
        return Share(IN_FLIGHT)
    return Share(min(IN_FLIGHT, max(1, int(pace.overall_per_s * QUEUED_S))))


def orders(shares: Mapping[str, Share], open_channels: Iterable[str]) -> list[Order]:
    """What to claim now: channels without a backlog together, each other one by itself."""
    wanted = {name: limit for name in open_channels if (limit := shares[name].claimable()) > 0}
    alone = [name for name in wanted if shares[name].has_backlog or shares[name].failures]
    quiet = tuple(name for name in wanted if name not in alone)
    found = [Order((name,), wanted[name], after=shares[name].tried) for name in alone]
    if quiet:
        is_small = any(one.has_backlog for one in shares.values())
        found.append(Order(quiet, min(wanted[name] for name in quiet), is_small))
    return found


def divide(
    claimed: Sequence[Claimed], shares: Mapping[str, Share], weigh: Callable[[Claimed], int]
) -> tuple[list[Claimed], list[Claimed]]:
    """What there is room for of what was claimed, since how much it counts is known only now; and what goes back."""
    fitting: list[Claimed] = []
    others: list[Claimed] = []
    for name in sorted({message.channel for message in claimed}):
        part = shares[name]
        mine = [message for message in claimed if message.channel == name]
        count = part.fitting([weigh(message) for message in mine])
        fitting += mine[:count]
        others += mine[count:]
        part.has_backlog |= count < len(mine)
        part.own.update(message.id for message in mine[count:])  # until it is written down that they go back
    return fitting, others
