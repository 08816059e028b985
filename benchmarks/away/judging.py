"""What the Bot API server recorded of a drain, held against the rules and against what was waiting."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.away.ground import FIRST_CHAT, text_of
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
    queued: int,
    chats: int,
    asked: dict[float, float],
) -> Verdict:
    """The verdict on all sends; `asked` has, for the moment of each 429, the seconds that it asked for."""
    sends = [call for call in calls if call.method.lower().startswith(("send", "copy"))]
    taken = [call for call in sends if call.status == 200]
    by_chat: defaultdict[int, list[Call]] = defaultdict(list)
    for call in sends:
        by_chat[call.params.integer("chat_id")].append(call)
    wanted = _wanted(queued, chats)
    lost = doubled = disorder = too_early = 0
    for chat, made in by_chat.items():
        texts = [call.params.text("text") for call in made if call.status == 200]
        if chat in wanted:
            mine = [text for text in texts if text in set(wanted[chat])]
            lost += len(set(wanted[chat]) - set(mine))
            doubled += sum(n - 1 for n in Counter(mine).values())
            disorder += list(dict.fromkeys(mine)) != [text for text in wanted[chat] if text in set(mine)]
        too_early += _too_early(made, asked)
    by_departure: defaultdict[int, list[float]] = defaultdict(list)
    for at, chat in left:
        by_departure[chat].append(at)
    lost += sum(len(texts) for chat, texts in wanted.items() if chat not in by_chat)
    waited = [call.at for call in taken if call.params.integer("chat_id") > FIRST_CHAT]
    drain = waited[-1] - waited[0] if len(waited) > 1 else 0.0
    return Verdict(
        arrived=len(taken),
        lost=lost,
        doubled=doubled,
        out_of_order=disorder,
        too_many_overall=breaches((at for at, _ in left), 30, 1.0 - jitter_s),
        too_many_in_a_chat=sum(
            breaches(times, 1, 1.0 - jitter_s) for chat, times in by_departure.items() if chat > 0
        ),
        too_many_in_the_group=sum(
            breaches(times, 20, 60.0 - jitter_s) for chat, times in by_departure.items() if chat < 0
        ),
        bunched=breaches((call.at for call in sends), 30, 1.0),
        too_early=too_early,
        asked_to_wait=len(asked),
        drain_s=round(drain, 1),
        drain_per_s=round((len(sends) - 1) / drain, 2) if drain else 0.0,
    )


def _wanted(queued: int, chats: int) -> dict[int, list[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    for number in range(queued):
        chat = FIRST_CHAT + number % chats + 1
        found[chat].append(text_of(chat, number // chats))
    return found


def _too_early(made: Sequence[Call], asked: dict[float, float]) -> int:
    found, until = 0, 0.0
    for call in made:
        found += call.at < until - MARGIN
        until = max(until, call.at + asked.get(call.at, 0.0) if call.status == 429 else until)
    return found
