"""A chat's rows beside what arrived in it: what is missing, what came again, what came in another order."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.kills.verdict import DUPLICATED, LOST, OUT_OF_ORDER, Verdict
from benchmarks.kills.witness import Arrival


@dataclass(frozen=True, slots=True)
class Row:
    """A message to a customer as the store has it."""

    id: int
    text: str
    delivery: str
    is_once: bool


def compare(verdict: Verdict, chat: int, rows: Sequence[Row], arrivals: Sequence[Arrival]) -> None:
    """Note what is wrong; a lane sends a row until it is done with it, so repeats stand beside each other."""
    times: dict[int, list[Arrival]] = {row.id: [] for row in rows}
    at = -1
    for arrival in arrivals:
        found = _next_of(arrival, rows, at)
        if found is None:
            verdict.say(DUPLICATED, f"chat {chat}: {arrival.text!r} arrived out of nothing or too late")
            continue
        if found < at:
            verdict.say(OUT_OF_ORDER, f"chat {chat}: row {rows[found].id} arrived after row {rows[at].id}")
        at = max(at, found)
        times[rows[found].id].append(arrival)
    for row in rows:
        _judge(verdict, chat, row, times[row.id])


def _next_of(arrival: Arrival, rows: Sequence[Row], at: int) -> int | None:
    """The row that arrived: by its number where buttons name it, else the next with these words, or one before."""
    if arrival.number is not None:
        return next((n for n, row in enumerate(rows) if row.id == arrival.number), None)
    same = [n for n, row in enumerate(rows) if row.text == arrival.text]
    if at in same:
        return at
    return next((n for n in same if n > at), same[-1] if same else None)


def _judge(verdict: Verdict, chat: int, row: Row, arrived: list[Arrival]) -> None:
    if not arrived:
        if row.delivery == "ambiguous":
            verdict.given_up += 1
        else:
            verdict.say(LOST, f"chat {chat}: row {row.id} ({row.delivery}) never arrived: {row.text!r}")
    elif row.delivery not in ("sent", "ambiguous"):
        verdict.say(LOST, f"chat {chat}: row {row.id} arrived, and is still {row.delivery}")
    if row.is_once and len(arrived) > 1:
        verdict.say(DUPLICATED, f"chat {chat}: row {row.id} must not come twice, and did")
    for earlier, later in pairwise(arrived):
        verdict.blame(f"chat {chat}", (earlier.life, earlier.excuses(later.life)), later.life)
