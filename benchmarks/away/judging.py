"""What the Bot API server recorded of a drain, held against the rules and against what was waiting."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.away.ground import FIRST_CHAT, Backlog
from bot.pacing import BURST
from tests.botapi.server import Call

MARGIN = 1e-9


@dataclass(frozen=True)
class Verdict:
    """Counts of what must not be, and the rate. Seconds are those of the time that was lived in."""

    arrived: int
    lost: int
    doubled: int
    out_of_order: int
    too_many_overall: int
    """Of the departures; each of these three counts moments that are one too many in some window."""
    too_many_in_a_chat: int
    held_up_by_their_chat: int
    """Chats with so many messages that only their own limit can have held them up: else the bar says nothing."""
    too_many_in_the_group: int
    bunched: int
    """Arrivals that are one too many within a second: how this machine bunches what left evenly."""
    too_early: int
    """Calls to a chat before the seconds were over that a 429 asked for."""
    asked_to_wait: int
    drain_s: float
    drain_per_s: float


def breaches(times: Iterable[float], count: int, seconds: float) -> int:
    """How many of these moments are one too many in some window of so many seconds."""
    window: deque[float] = deque()
    found = 0
    for at in times:
        while window and window[0] <= at - seconds + MARGIN:
            window.popleft()
        found += len(window) >= count
        window.append(at)
    return found


def departed(file: Path) -> list[tuple[float, int]]:
    """What the bot noted: when each message left, and to which chat."""
    return [(float(at), int(chat)) for at, chat in (line.split() for line in file.read_text().splitlines())]


def judge(
    calls: Sequence[Call],
    left: Sequence[tuple[float, int]],
    jitter_s: float,
    backlog: Backlog,
    asked: dict[float, float],
) -> Verdict:
    """The verdict on all sends; `asked` has, for the moment of each 429, the seconds that it asked for."""
    sends = [call for call in calls if call.method.lower().startswith(("send", "copy"))]
    taken = [call for call in sends if call.status == 200]
    by_chat: defaultdict[int, list[Call]] = defaultdict(list)
    for call in sends:
        by_chat[call.params.integer("chat_id")].append(call)
    by_departure: defaultdict[int, list[float]] = defaultdict(list)
    for at, chat in left:
        by_departure[chat].append(at)
    private = [times for chat, times in by_departure.items() if chat > 0]
    group = [times for chat, times in by_departure.items() if chat < 0]
    lost, doubled, disorder = _arrivals(by_chat, backlog.wanted)
    waited = [call.at for call in taken if call.params.integer("chat_id") > FIRST_CHAT]
    drain = waited[-1] - waited[0] if len(waited) > 1 else 0.0
    return Verdict(
        arrived=len(taken),
        lost=lost,
        doubled=doubled,
        out_of_order=disorder,
        too_many_overall=breaches((at for at, _ in left), 30, 1.0 - jitter_s),
        too_many_in_a_chat=sum(
            breaches(times, BURST + seconds - 1, seconds - jitter_s)
            for times in private
            for seconds in (1, 5)
        ),
        held_up_by_their_chat=sum(len(times) > BURST + 4 for times in private),
        too_many_in_the_group=sum(breaches(times, 20, 60.0 - jitter_s) for times in group),
        bunched=breaches((call.at for call in sends), 30, 1.0),
        too_early=sum(_too_early(made, asked) for made in by_chat.values()),
        asked_to_wait=len(asked),
        drain_s=round(drain, 1),
        drain_per_s=round((len(sends) - 1) / drain, 2) if drain else 0.0,
    )


def _arrivals(by_chat: Mapping[int, Sequence[Call]], wanted: Mapping[int, list[str]]) -> tuple[int, int, int]:
    """(lost, doubled, chats out of order)"""
    lost = doubled = disorder = 0
    for chat, texts in wanted.items():
        arrived = [call.params.text("text") for call in by_chat.get(chat, ()) if call.status == 200]
        mine = [text for text in arrived if text in set(texts)]
        lost += len(set(texts) - set(mine))
        doubled += sum(count - 1 for count in Counter(mine).values())
        disorder += list(dict.fromkeys(mine)) != [text for text in texts if text in set(mine)]
    return lost, doubled, disorder


def _too_early(made: Sequence[Call], asked: dict[float, float]) -> int:
    found, until = 0, 0.0
    for call in made:
        found += call.at < until - MARGIN
        until = max(until, call.at + asked.get(call.at, 0.0) if call.status == 429 else until)
    return found
