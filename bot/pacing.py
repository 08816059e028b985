"""How fast a platform may be sent to: the next moment a message may leave. Pure; the clock is given.

Telegram allows about 30 messages a second over all chats, one a second in a chat (short bursts pass), and 20 a
minute in a group (Bot FAQ, "broadcasting to users").
"""

from collections import OrderedDict
from dataclasses import dataclass, field

from bot.channels.base import Pace
from bot.windows import Window, window

BURST = 3
"""Messages that may follow each other at once in a private chat before the rate counts."""
KEPT_CHATS = 50_000


@dataclass(slots=True)
class Bucket:
    """A token bucket as one number: when it would be full again (the 'virtual scheduling' form of GCRA,
    ITU-T I.371)."""

    full_at: float = 0.0

    def wait(self, now: float, interval: float, burst: float, weight: int = 1) -> float:
        """Seconds until `weight` more are due together; 0 means now. What is more than a burst waits for a full one."""
        return max(0.0, self.full_at - interval * (burst - min(weight, burst)) - now)

    def take(self, now: float, interval: float, weight: int = 1) -> None:
        """So many happened now."""
        self.full_at = max(self.full_at, now) + interval * weight


@dataclass(slots=True)
class Pacer:
    """One channel's limits. Times are seconds of any steady clock.

    `weight` is as how many messages the platform counts what is sent: an album is as many as its parts.
    """

    pace: Pace
    _overall: Window | None = field(init=False)
    _groups: dict[str, Window] = field(init=False)
    _chats: OrderedDict[str, Bucket] = field(default_factory=OrderedDict)
    _paused_until: dict[str, float] = field(default_factory=dict)
    _all_paused_until: float = 0.0
    _spent_until: float = 0.0

    def __post_init__(self) -> None:
        per_s, per_min = self.pace.overall_per_s, self.pace.per_group_per_min
        self._overall = self.pace.shared or (window(per_s, 1.0) if per_s else None)
        self._groups = {group: window(per_min, 60.0) for group in self.pace.groups} if per_min else {}

    def delay(self, chat: str, now: float, weight: int = 1) -> float:
        """Seconds until a message may leave for `chat`; 0 means now."""
        return max(self.chat_delay(chat, now, weight), self.overall_delay(now, weight))

    def chat_delay(self, chat: str, now: float, weight: int = 1) -> float:
        """Seconds until `chat` takes another message; 0 means now."""
        paused = self._paused_until.get(chat, now) - now
        if chat in self.pace.groups:
            group = self._groups.get(chat)
            return max(paused, group.wait(now, weight) if group else 0.0)
        bucket, per_s = self._chats.get(chat), self.pace.per_chat_per_s
        if bucket is None and self._spent_until > now:
            bucket = Bucket(self._spent_until)
        return max(0.0, paused, bucket.wait(now, 1 / per_s, BURST, weight) if bucket and per_s else 0.0)

    def overall_delay(self, now: float, weight: int = 1) -> float:
        """Seconds until the platform takes another message, whatever the chat; 0 means now."""
        wait = self._overall.wait(now, weight) if self._overall else 0.0
        return max(0.0, wait, self._all_paused_until - now)

    def took(self, chat: str, now: float, weight: int = 1) -> None:
        """A message leaves for `chat` now."""
        if self._overall is not None:
            self._overall.take(now, weight)
        if chat in self._groups:
            self._groups[chat].take(now, weight)
        elif self.pace.per_chat_per_s and chat not in self.pace.groups:
            bucket = self._chats.setdefault(chat, Bucket(self._spent_until))
            bucket.take(now, 1 / self.pace.per_chat_per_s, weight)
            self._chats.move_to_end(chat)
            if len(self._chats) > KEPT_CHATS:
                self._chats.popitem(last=False)

    def pause(self, chat: str, until: float) -> None:
        """The platform asked to leave this chat alone until then."""
        self._paused_until[chat] = until
        if len(self._paused_until) > KEPT_CHATS:
            latest = sorted(self._paused_until.items(), key=lambda item: item[1])
            self._paused_until = dict(latest[len(latest) // 2 :])

    def pause_all(self, until: float) -> None:
        """The platform cannot be reached: nothing leaves before then."""
        self._all_paused_until = max(self._all_paused_until, until)

    def take_over(self, now: float) -> None:
        """Another process may have used all that may leave until now; groups are the platform's to refuse."""
        if self._overall is not None:
            self.pause_all(now + self._overall.span_s)
        if self.pace.per_chat_per_s:
            self._spent_until = now + BURST / self.pace.per_chat_per_s
            self._chats.clear()

    def is_paused(self, now: float) -> bool:
        """Whether nothing at all may leave."""
        return now < self._all_paused_until
