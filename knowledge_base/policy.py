"""What the owner wants of the answers."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Policy:
    """`wrong_budget`: the share of answers that may be wrong; `semantic`: whether word vectors help (an extra).

    `learn_from_log`: whether what customers asked is learned from, where there is a log of it and that helps.
    """

    wrong_budget: float = 0.02
    semantic: bool = False
    learn_from_log: bool = True


USUAL: Final = Policy()
"""What nobody has asked to be otherwise."""
