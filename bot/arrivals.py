"""What channels handed in and nobody has settled yet, in the order it came, and the batches in which it is taken."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from bot.channels.base import Inbound, Kind

BATCH_SIZE = 512


@dataclass(slots=True)
class Receipt:
    """Of one call: how many of its inbounds are not settled yet."""

    left: int
    done: asyncio.Future[None]

    def settle_one(self) -> None:
        """One less; with the last one whoever waits is told."""
        self.left -= 1
        if self.left == 0 and not self.done.done():
            self.done.set_result(None)


Batch = list[tuple[Inbound, Receipt]]


class Arrivals:
    """Batches that are under way at the same time share no sender, so that each sender's moves keep their order."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Inbound, Receipt]] = deque()
        self._senders: set[tuple[str, str]] = set()
        """Who has a part in what is under way."""
        self.came = asyncio.Event()
        """There may be a batch to take."""
        self.idle = asyncio.Event()
        """Nothing waits, and nothing is under way."""
        self.idle.set()

    def __len__(self) -> int:
        """How many wait to be taken."""
        return len(self._waiting)

    def add(self, inbounds: Sequence[Inbound]) -> asyncio.Future[None]:
        """Done once all of these are settled."""
        receipt = Receipt(len(inbounds), asyncio.get_running_loop().create_future())
        self._waiting.extend((inbound, receipt) for inbound in inbounds)
        self.came.set()
        self.idle.clear()
        return receipt.done

    def take(self) -> Batch:
        """What waits and may be handled now; empty while all of it has to wait for what is under way.

        No batch is about one message twice: an edit looks for its message in the store.
        """
        batch: Batch = []
        behind: Batch = []
        about: set[tuple[str, str, str]] = set()
        while self._waiting and len(batch) < BATCH_SIZE:
            inbound = self._waiting[0][0]
            if self._senders and (inbound.channel, inbound.address) in self._senders:
                behind.append(self._waiting.popleft())
                continue
            if inbound.platform_id is not None and inbound.kind is not Kind.PRESSED:
                place = (inbound.channel, inbound.address, inbound.platform_id)
                if place in about:
                    break
                about.add(place)
            batch.append(self._waiting.popleft())
        if not self._waiting:
            self.came.clear()
        self._waiting.extendleft(reversed(behind))
        self._senders.update((inbound.channel, inbound.address) for inbound, _ in batch)
        return batch

    def ended(self, batch: Batch) -> None:
        """This batch is under way no more."""
        self._senders.difference_update((inbound.channel, inbound.address) for inbound, _ in batch)
        if self._waiting:
            self.came.set()
        elif not self._senders:
            self.idle.set()
