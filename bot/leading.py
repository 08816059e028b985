"""On which channels this process may send: all where it is alone, among others those it leads."""

from collections.abc import Collection, Iterable

from crm_store.presence import ALONE, Alone


class Leading:
    """`led` are the channels that only one of the processes sends on."""

    def __init__(self, presence: Alone, channels: Collection[str], led: Collection[str]) -> None:
        self._presence, self._led = presence, frozenset(led)
        self._now: frozenset[str] = frozenset() if presence is not ALONE else self._led
        # What waits on the other channels is claimed by one of the processes, too: the rest need not even look.
        self._task = "outbox " + " ".join(sorted(set(channels) - self._led))
        presence.seek(self._task)

    def may_send(self, name: str) -> bool:
        """Whether this process may send on the channel now."""
        return self._presence.leads(name) if name in self._led else self._presence.is_here

    def look(self) -> tuple[frozenset[str], frozenset[str]]:
        """The led channels that have become ours, and those that we lost, since the last look."""
        before = self._now
        self._now = frozenset(name for name in self._led if self.may_send(name))
        return self._now - before, before - self._now

    def open_of(self, channels: Iterable[str]) -> list[str]:
        """Those of the channels that may be sent on and were ours already at the last look."""
        return [n for n in channels if self.may_send(n) and (n in self._now or n not in self._led)]

    def to_claim(self, channels: list[str]) -> list[str]:
        """Those of the open channels whose waiting messages this process claims."""
        leads_the_rest = self._presence.leads(self._task)
        return channels if leads_the_rest else [name for name in channels if name in self._led]
