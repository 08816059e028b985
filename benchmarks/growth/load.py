"""What goes on while processes come and go: customers write to the bot, agents reply through the API."""

import asyncio
import random
from collections import defaultdict
from dataclasses import dataclass, field

import aiohttp

from benchmarks import shop
from benchmarks.growth.fleet import Fleet
from tests.botapi import faults
from tests.botapi.server import BotApiServer

HELD = range(5001, 5005)
"""Customers whose conversations an agent holds."""
FAULTS = ((60, faults.too_many_requests(1)), (60, faults.server_error(502)))
"""One call in so many is refused; none of these leaves in doubt whether a message arrived."""
GIVEN_UP_S = 3.0


@dataclass
class Load:
    """What was written, and by the API's word accepted."""

    server: BotApiServer
    fleet: Fleet
    chance: random.Random
    key: str
    conversations: dict[int, int]
    """The held conversations by chat."""
    written: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    accepted: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))
    attempted: dict[int, list[str]] = field(default_factory=lambda: defaultdict(list))

    def write(self, count: int, chats: range = shop.CHATS) -> None:
        """Some customers write; each chat goes through the topics in its own order."""
        shop.ask(self.server, self.chance, self.written, count, chats)

    async def customers(self, per_s: float) -> None:
        """Write at this pace until cancelled, with a fault now and then."""
        while True:
            await asyncio.sleep(0.05)
            self.write(max(1, round(per_s / 20)))
            for one_in, fault in FAULTS:
                # Never two in waiting: after a pause in sending they would look like a platform that is away.
                if not self.server.faults.rules and self.chance.random() < per_s / 20 / one_in:
                    self.server.fail("sendMessage", fault)

    async def agent(self) -> None:
        """Reply in turn to those that are held, each time through another process, until cancelled."""
        number = 0
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {self.key}"}) as session:
            while True:
                await asyncio.sleep(0.1)
                for chat, conversation in self.conversations.items():
                    number += 1
                    await self._reply(session, chat, conversation, f"reply {number}")

    async def _reply(self, session: aiohttp.ClientSession, chat: int, conversation: int, said: str) -> None:
        port = self.chance.choice(self.fleet.of("api")).port
        self.attempted[chat].append(said)
        try:
            async with session.post(
                f"http://127.0.0.1:{port}/api/v1/conversations/{conversation}/reply",
                json={"text": said},
                timeout=aiohttp.ClientTimeout(total=GIVEN_UP_S),
            ) as answer:
                if answer.status == 201:
                    self.accepted[chat].append(said)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return  # nobody knows whether it was taken
