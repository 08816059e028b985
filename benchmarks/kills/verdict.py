"""What a trial found: each break named, and the extra deliveries with what is to blame for them."""

from collections import Counter
from dataclasses import dataclass, field

LOST, DUPLICATED, OUT_OF_ORDER = "lost", "duplicated", "out_of_order"


@dataclass
class Verdict:
    """Breaks by kind, in words; and what arrived more than once."""

    breaks: list[tuple[str, str]] = field(default_factory=list)
    given_up: int = 0
    """Answers that failed twice without a word whether they arrived, requests for stars that did once."""
    by_kill: Counter[tuple[int, str]] = field(default_factory=Counter)
    """Extra deliveries by (life that ended in between, place): a place is a chat, of the staff's group a topic."""
    after_faults: int = 0
    """Extra deliveries of what an ordered fault, or an answer that came too late, had left in doubt."""
    unexplained: int = 0

    def say(self, kind: str, what: str) -> None:
        """Note a break."""
        self.breaks.append((kind, what))

    def count(self, kind: str) -> int:
        """How many breaks of this kind."""
        return sum(one == kind for one, _ in self.breaks)

    def blame(self, place: str, earlier: tuple[int, bool], later_life: int) -> None:
        """Something arrived again: `earlier` is the life it arrived in before, and whether that was left in doubt."""
        life, is_doubtful = earlier
        if is_doubtful:
            self.after_faults += 1
        elif life < later_life:
            self.by_kill[life, place] += 1
        else:
            self.unexplained += 1
            self.say(DUPLICATED, f"{place}: the same message twice in life {life}, without a fault")

    @property
    def repeated(self) -> dict[tuple[int, str], int]:
        """Where one kill brought more than one message again, and how many."""
        return {where: count for where, count in self.by_kill.items() if count > 1}

    @property
    def extra(self) -> int:
        """Extra deliveries that a kill is to blame for."""
        return self.by_kill.total()
