"""Wake-ups: 'something of this kind may be due'. A signal carries no facts; who wakes looks in the store.

Within a process a commit wakes the listeners directly. Across processes PostgreSQL's NOTIFY carries the
topic; on SQLite a cheap look at `PRAGMA data_version` (see engine.py) tells that somebody else wrote, and wakes
all. A lost signal therefore costs one poll interval, never a message.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession


class Topic(StrEnum):
    """What may be due."""

    OUTBOX = "outbox"
    DESK = "desk"
    QUEUE = "queue"
    KNOWLEDGE = "knowledge"
    TIMERS = "timers"
    CONVERSATIONS = "conversations"
    PARKED = "parked"
    SETTINGS = "settings"
    SESSIONS = "sessions"


_PENDING = "frontdesk_signals"


def notify(session: AsyncSession, *topics: Topic) -> None:
    """Wake the listeners of `topics` once this session's transaction is committed."""
    session.info.setdefault(_PENDING, set()).update(topics)


def pending(session: AsyncSession) -> set[Topic]:
    """The topics this session will wake."""
    found: set[Topic] = session.info.get(_PENDING, set())
    return found


class Listener:
    """One waiting place for some topics; signals that came while nobody waited are not lost."""

    def __init__(self, topics: Iterable[Topic]) -> None:
        self.topics = frozenset(topics)
        self._event = asyncio.Event()
        self._signalled: set[Topic] = set()

    def wake(self, topics: Iterable[Topic] = ()) -> None:
        """Let the waiter go on, now or the next time it waits."""
        self._signalled.update(topics)
        self._event.set()

    def signalled(self) -> frozenset[Topic]:
        """Its topics that were signalled since this was last asked; none when only `wake` was called."""
        topics = frozenset(self._signalled)
        self._signalled.clear()
        return topics

    async def wait(self, timeout: float) -> bool:
        """True when a signal came; False when `timeout` seconds passed without one."""
        with suppress(TimeoutError):
            # Not wait_for: when the signal and a cancellation meet, Python 3.11's loses the cancellation.
            async with asyncio.timeout(timeout):
                await self._event.wait()
        woken = self._event.is_set()
        self._event.clear()
        return woken


class Signals:
    """The listeners of one process."""

    def __init__(self) -> None:
        # Woken in the order they came: a simulated run has to go the same way every time.
        self._listeners: dict[Listener, None] = {}
        self.take_other: Callable[[str], None] | None = None
        """Gets what another process says that is no topic."""

    def listen(self, *topics: Topic) -> Listener:
        """A listener for `topics` (all when none is named)."""
        listener = Listener(topics or tuple(Topic))
        self._listeners[listener] = None
        return listener

    def forget(self, listener: Listener) -> None:
        """Stop waking this listener."""
        self._listeners.pop(listener, None)

    def take(self, told: str) -> None:
        """What a process said to all; what only a newer version knows, during an upgrade, is nobody's."""
        try:
            self.wake([Topic(told)])
        except ValueError:
            if self.take_other is not None:
                self.take_other(told)

    def wake(self, topics: Iterable[Topic]) -> None:
        """Wake everybody who listens for one of `topics`."""
        wanted = frozenset(topics)
        for listener in tuple(self._listeners):
            if found := listener.topics & wanted:
                listener.wake(found)
