"""How fast a platform may be sent to: the next moment a message may leave. Pure; the clock is given.

Telegram allows about 30 messages a second over all chats, one a second in a chat (short bursts pass), and 20 a
minute in a group (Bot FAQ, "broadcasting to users").
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from bot.channels.base import Pace

BURST = 3
"""Messages that may follow each other at once in a private chat before the rate counts."""
KEPT_CHATS = 50_000


@dataclass(slots=True)
class Bucket:
    """A token bucket as one number: when it would be full again (the 'virtual scheduling' form of GCRA,
    ITU-T I.371)."""

    full_at: float = 0.0

    def wait(self, now: float, interval: float, burst: float) -> float:
        """Seconds until one more is due; 0 means now."""
        return max(0.0, self.full_at - interval * (burst - 1) - now)

    def take(self, now: float, interval: float) -> None:
        """One happened now."""
        self.full_at = max(self.full_at, now) + interval


@dataclass(slots=True)
class Pacer:
    """One channel's limits. Times are seconds of any steady clock."""

    pace: Pace
    _overall: Bucket = field(default_factory=Bucket)
    _chats: OrderedDict[str, Bucket] = field(default_factory=OrderedDict)
    _paused_until: dict[str, float] = field(default_factory=dict)

    def delay(self, chat: str, now: float) -> float:
        """Seconds until a message may leave for `chat`; 0 means now."""
        waits = [self._paused_until.get(chat, now) - now]
        if self.pace.overall_per_s:
            waits.append(
                self._overall.wait(now, 1 / self.pace.overall_per_s, max(1.0, self.pace.overall_per_s))
            )
        interval, burst = self._chat_limit(chat)
        if interval:
            waits.append(self._chats.get(chat, Bucket()).wait(now, interval, burst))
        return max(0.0, *waits)

    def took(self, chat: str, now: float) -> None:
        """A message leaves for `chat` now."""
        if self.pace.overall_per_s:
            self._overall.take(now, 1 / self.pace.overall_per_s)
        interval, _ = self._chat_limit(chat)
        if interval:
            bucket = self._chats.setdefault(chat, Bucket())
            bucket.take(now, interval)
            self._chats.move_to_end(chat)
            if len(self._chats) > KEPT_CHATS:
                self._chats.popitem(last=False)

    def pause(self, chat: str, until: float) -> None:
        """The platform asked to leave this chat alone until then."""
        self._paused_until[chat] = until
        if len(self._paused_until) > KEPT_CHATS:
            self._paused_until = {c: t for c, t in self._paused_until.items() if t >= until - 60}

    def _chat_limit(self, chat: str) -> tuple[float, float]:
        if chat in self.pace.groups:
            per_min = self.pace.per_group_per_min
            return (60 / per_min, per_min) if per_min else (0.0, 1)
        per_s = self.pace.per_chat_per_s
        return (1 / per_s, BURST) if per_s else (0.0, 1)
