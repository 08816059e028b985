"""How much each reason of the queue counts: policies, as they are written and as they weigh. Pure.

A policy is a factor for each reason of `queueing`; waiting counts one a minute always and the factors are bounded, so
who has waited `MOST_FACTOR * MAX_BONUS` minutes longer than another goes first under every policy: nobody starves.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from crm_store.errors import InvalidValue
from crm_store.queueing import NEXT, Reason, Waiting, ranked_at, reasons

REASONS = ("priority", "repeat", "value", "mood", "target", "overdue")
MOST_FACTOR = 10.0
PRESENT, STANDARD, FIRST_COME = "present", "standard", "first_come"
NAMED = (PRESENT, STANDARD, FIRST_COME)


class UnfitPolicy(InvalidValue):
    """A text that is no policy: `piece` is the part that cannot be read."""

    def __init__(self, piece: str) -> None:
        known = ", ".join(REASONS)
        super().__init__(
            f"'{piece}' is no factor from 0 to {MOST_FACTOR:g} for one of: {known}; "
            f"write it as: priority 2, mood 0; or say {', '.join(NAMED[:-1])} or {FIRST_COME}"
        )
        self.piece = piece


@dataclass(frozen=True, slots=True)
class Policy:
    """How much each reason counts, in times of what it counts in the queue as it is delivered."""

    name: str
    factors: Mapping[str, float] = field(default_factory=dict)

    def factor(self, reason: str) -> float:
        """The factor of a reason; 1 where nothing is said. A promise counts alike whichever reply it is of."""
        return self.factors.get(reason.removesuffix(NEXT), 1.0)

    def written(self) -> str:
        """The policy as `parse_policy` reads it again; two that weigh alike are written alike."""
        if all(self.factor(reason) == 0 for reason in REASONS):
            return FIRST_COME
        told = [f"{reason} {self.factor(reason):g}" for reason in REASONS if self.factor(reason) != 1]
        return ", ".join(told) or STANDARD

    def weighed(self, why: Iterable[Reason]) -> tuple[Reason, ...]:
        """The reasons with the points they have under it, whole ones; those that count nothing are left out."""
        found = (replace(one, points=round(one.points * self.factor(one.reason))) for one in why)
        return tuple(one for one in found if one.points)

    def ranked(self, waiting: Waiting) -> tuple[datetime, tuple[Reason, ...]]:
        """What the queue is ordered by under it, the earliest first, and why: live and in a replay alike."""
        why = self.weighed(reasons(waiting))
        return ranked_at(waiting.begins_at, why), why


AS_DELIVERED = Policy(STANDARD)


def parse_policy(text: str, *, present: Policy = AS_DELIVERED) -> Policy:
    """'present' (the one given), 'standard', 'first_come', or factors such as 'priority 2, mood 0'.

    Raises UnfitPolicy.
    """
    words = text.strip()
    if words in ("", PRESENT):
        return Policy(PRESENT, present.factors)
    if words == STANDARD:
        return AS_DELIVERED
    if words == FIRST_COME:
        return Policy(FIRST_COME, dict.fromkeys(REASONS, 0.0))
    factors = {}
    for part in (part.strip() for part in words.split(",") if part.strip()):
        reason, _, figure = part.partition(" ")
        try:
            factor = float(figure)
        except ValueError:
            factor = -1.0
        if reason not in REASONS or not 0 <= factor <= MOST_FACTOR:
            raise UnfitPolicy(part)
        factors[reason] = factor
    return Policy(words, factors)
