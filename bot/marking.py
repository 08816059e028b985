"""From the platform's answer to the mark in the row, as fast as the store allows: in between a kill sends it twice.

Beside SQLite a receipt is written at once, and the mark follows in delivery's next round. On PostgreSQL the mark is
made at once, past the rounds; only when that fails is it left to them.
"""

import asyncio
from collections.abc import Callable, Collection

import structlog

from bot.clock import Clock
from crm_store.engine import Store
from crm_store.outbox import Claimed, Sent
from crm_store.quick_marks import QuickMarks
from crm_store.receipts import Receipts, receipts_beside

log = structlog.get_logger(__name__)
Tell = Callable[[Collection[int]], None]


class Marking:
    """What has arrived and is not marked yet."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        *,
        is_only_server: bool,
        on_certain: Tell,
        on_marked: Tell,
        on_waiting: Callable[[], None],
    ) -> None:
        """`on_certain` is told what no kill can make come again, `on_marked` what needs no round any more;
        `on_waiting` that there is something for the next round."""
        self._clock = clock
        self._on_certain, self._on_marked, self._on_waiting = on_certain, on_marked, on_waiting
        self.receipts = receipts_beside(store) if is_only_server else Receipts(None)
        self._quick = None if store.is_sqlite else QuickMarks(store)
        self._waiting: list[Sent] = []
        self._at_once: list[Sent] = []
        self._task: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def arrived(self, message: Claimed, sent: Sent) -> None:
        """The platform took it."""
        if self._quick is not None:
            self._at_once.append(sent)
            if self._task is None:
                self._task = asyncio.create_task(self._mark_at_once(self._quick))
            return
        self._waiting.append(sent)
        if self.receipts.note(message, sent):
            self._on_certain([message.id])
        self._on_waiting()

    def take(self) -> list[Sent]:
        """What this round is to mark."""
        taken, self._waiting = self._waiting, []
        return taken

    def take_back(self, sent: list[Sent]) -> None:
        """A round failed: the platform has these, and a mark made twice does no harm."""
        self._waiting = sent + self._waiting

    async def finish(self, within_s: float) -> None:
        """Let the marks that are being made be made."""
        if self._task is not None:
            await asyncio.wait({self._task}, timeout=within_s)

    def close(self) -> None:
        """Everything that could be is marked: leave nothing behind."""
        self.receipts.close()
        self.cut()

    def cut(self) -> None:
        """Give the connection back, whatever is under way on it."""
        if self._task is not None:
            self._task.cancel()
        if self._quick is not None:
            self._quick.close()

    async def _mark_at_once(self, quick: QuickMarks) -> None:
        try:
            while self._at_once:
                sent, self._at_once = self._at_once, []
                try:
                    await quick.make(sent, now=self._clock())
                except BaseException as error:
                    self.take_back(sent)
                    self._on_waiting()
                    if not isinstance(error, Exception):
                        raise
                    log.warning(
                        "marks are left to the next round", count=len(sent), error=type(error).__name__
                    )
                else:
                    self._on_marked([one.id for one in sent])
        finally:
            self._task = None
