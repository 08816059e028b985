"""What the owner wants of the answers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Policy:
    """`wrong_budget`: the share of answers that may be wrong; `semantic`: whether word vectors help (an extra)."""

    wrong_budget: float = 0.02
    semantic: bool = False
