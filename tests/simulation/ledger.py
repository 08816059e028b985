"""What the world outside knows of every message, and the rules that are checked at each step that crosses it."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.channels.base import Pace
from tests.simulation.broken import Broken
from tests.simulation.telegram import Call

BURST = 3
SLACK_S = 1e-6
SURELY_NOT = ("RetryAfter", "ServerAway", "NotSent")
NEVER = ("Forbidden", "BadRequest")


@dataclass(slots=True)
class Row:
    """One outgoing message as the platform met it."""

    chat: str
    is_on_way: bool = False
    is_done: bool = False
    """Taken or refused: not to be sent again, unless a crash left it in doubt."""
    doubts: int = 0
    """Sendings that ended without an answer, as far as the store may know."""
    doubts_ever: int = 0
    crashes: int = 0
    """Crashes that found it unsettled."""
    arrivals: int = 0
    once: bool = False


@dataclass
class Ledger:
    """All messages of a run; `fresh` begins the knowledge of a new process."""

    pace: Pace
    now: Callable[[], float]
    rows: dict[int, Row] = field(default_factory=dict)
    last_of: dict[str, int] = field(default_factory=dict)
    on_way: dict[str, int] = field(default_factory=dict)
    told_until: dict[str, float] = field(default_factory=dict)
    leavings: list[float] = field(default_factory=list)
    of_chat: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def fresh(self) -> None:
        """A new process starts: what the old one held in memory is forgotten."""
        self.on_way.clear()
        self.told_until.clear()
        self.leavings.clear()
        self.of_chat.clear()
        for row in self.rows.values():
            row.is_on_way = False

    def interrupted(self, number: int, *, is_doubted: bool) -> None:
        """A crash found this row unsettled."""
        row = self.rows.get(number)
        if row is not None:
            row.crashes += 1
            row.is_done = False
            row.doubts = int(is_doubted)

    def departed(self, call: Call) -> None:
        """A sending leaves: may it?"""
        now, chat, number = self.now(), call.chat, call.message_id
        if number is None:
            raise Broken(f"a sending to {chat} belongs to no message")
        row = self.rows.setdefault(number, Row(chat))
        row.once = row.once or call.once
        if chat in self.on_way:
            raise Broken(
                f"message {number} leaves for chat {chat} while {self.on_way[chat]} is on its way there"
            )
        if row.is_done:
            raise Broken(f"message {number} is sent again although its end was known")
        if row.doubts > 1:
            raise Broken(f"message {number} is sent a third time in doubt")
        if row.once and (row.doubts_ever or row.crashes):
            raise Broken(f"message {number}, which must not come twice, is sent again in doubt")
        if number < self.last_of.get(chat, 0):
            raise Broken(f"message {number} leaves for chat {chat} after {self.last_of[chat]}")
        if now + SLACK_S < self.told_until.get(chat, 0.0):
            raise Broken(f"message {number} leaves for chat {chat} before its retry_after is over")
        self.last_of[chat], self.on_way[chat], row.is_on_way = number, number, True
        self._keep_pace(chat, now)

    def _keep_pace(self, chat: str, now: float) -> None:
        self.leavings.append(now)
        overall = self.pace.overall_per_s
        if overall and len(self.leavings) - bisect_right(self.leavings, now - 1.0 + SLACK_S) > overall:
            raise Broken(f"more than {overall} messages leave in a second")
        times, per_s = self.of_chat[chat], self.pace.per_chat_per_s
        times.append(now)
        for earlier in range(BURST, min(len(times), 12)):
            span = now - times[-earlier - 1]
            if per_s and earlier + 1 > BURST + span * per_s + SLACK_S:
                raise Broken(f"{earlier + 1} messages leave for chat {chat} within {span:.2f} s")

    def answered(self, call: Call, what: str) -> None:
        """The caller learned this of a sending."""
        row = self.rows[call.message_id or 0]
        row.is_on_way = False
        self.on_way.pop(call.chat, None)
        if what == "ok" or what in NEVER:
            row.is_done = True
        elif what not in SURELY_NOT:
            row.doubts += 1
            row.doubts_ever += 1

    def told_to_wait(self, chat: str, seconds: float) -> None:
        """The platform asked to leave the chat alone."""
        self.told_until[chat] = self.now() + seconds

    def arrived(self, call: Call) -> None:
        """The chat shows it."""
        row = self.rows[call.message_id or 0]
        row.arrivals += 1
        allowed = 1 if row.once else 1 + row.doubts_ever + row.crashes
        if row.arrivals > allowed:
            raise Broken(
                f"message {call.message_id} arrived {row.arrivals} times, where {allowed} are allowed"
            )
