"""The customers of a trial: what they wrote, and when everything has come to rest."""

import asyncio
import random
import time
from collections import defaultdict
from dataclasses import dataclass, field

from benchmarks import shop
from tests.botapi.server import BotApiServer

QUIET_S = 4.0
"""Longer than any new try waits."""


@dataclass
class Customers:
    """Each goes through the topics in an order of their own."""

    server: BotApiServer
    chance: random.Random
    written: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))

    def write(self, count: int) -> None:
        """Some of them ask something."""
        shop.ask(self.server, self.chance, self.written, count)


async def rest(server: BotApiServer, within_s: float = 180) -> None:
    """Until every update is confirmed and nothing has been sent for a while."""
    sent, quiet_since, until = -1, time.monotonic(), time.monotonic() + within_s
    while time.monotonic() < until:
        if len(server.world.sent) != sent or server.world.updates.pending:
            sent, quiet_since = len(server.world.sent), time.monotonic()
        if time.monotonic() - quiet_since > QUIET_S:
            return
        await asyncio.sleep(0.1)
