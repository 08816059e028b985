"""Customers of a soak: many on Telegram who come and go, some on the web who connect and disconnect."""

import asyncio
import random
from collections import Counter, deque
from dataclasses import dataclass, field

import aiohttp

from benchmarks.faults.program import Program
from benchmarks.shop import QUESTION, TOPICS
from tests.botapi.server import BotApiServer
from tests.botapi.world import Post

FIRST_CHAT = 10_000
PRESENT = 400
"""How many write at one time; every second some go and new ones come."""
NEW_PER_S = 2
TICK_S = 0.05
CHITCHAT = ("hello", "thanks", "/help", "qwertz uiop", "do you sell submarines?", "我的订单在哪里？", "👍")
PERSON = "I want to talk to a person"
WINDOWS = 12


@dataclass
class Crowd:
    """The Telegram side. `written` counts what was said, by chat and words, `pressed` the buttons."""

    api: BotApiServer
    rate: float
    chance: random.Random
    written: Counter[tuple[int, str]] = field(default_factory=Counter)
    pressed: int = 0
    handed_off: int = 0
    answered: int = 0
    _next: int = FIRST_CHAT + PRESENT
    _gone: deque[int] = field(default_factory=deque)
    _present: list[int] = field(default_factory=lambda: list(range(FIRST_CHAT, FIRST_CHAT + PRESENT)))

    async def write(self, until: asyncio.Event) -> None:
        """Write at the rate until told to stop."""
        loop, began, due = asyncio.get_running_loop(), asyncio.get_running_loop().time(), 0
        while not until.is_set():
            wanted = int((loop.time() - began) * self.rate)
            said = [(self._somebody(), self._something()) for _ in range(min(wanted - due, 50))]
            self.api.pour(said)
            self.written.update(said)
            due = wanted
            self._come_and_go()
            await asyncio.sleep(TICK_S)

    def _somebody(self) -> int:
        return self.chance.choice(self._present)

    def _something(self) -> str:
        roll = self.chance.random()
        if roll < 0.0005:
            self.handed_off += 1
            return PERSON
        if roll < 0.05:
            return self.chance.choice(CHITCHAT)
        return QUESTION.format(self.chance.choice(TOPICS))

    def _come_and_go(self) -> None:
        if self.chance.random() < NEW_PER_S * TICK_S:
            place = self.chance.randrange(PRESENT)
            self._gone.append(self._present[place])
            self._present[place] = self._next
            self._next += 1

    async def press(self, until: asyncio.Event) -> None:
        """Now and then somebody presses a button of what came last; stars always."""
        while not until.is_set():
            await asyncio.sleep(0.5)
            posts = self.api.world.sent[-60:]
            stars = [post for post in posts if "★★★★★" in post.buttons]
            for post in [*stars, *self.chance.sample(posts, min(2, len(posts)))]:
                await self._press(post)

    async def _press(self, post: Post) -> None:
        if post.buttons and post.chat_id > 0:
            person = self.api.user(post.chat_id)
            self.pressed += 1
            await person.presses(post, self.chance.choice(post.buttons))

    def forget(self) -> None:
        """Drop what this process keeps of the past, which would fill its own memory."""
        world = self.api.world
        self.answered += max(0, len(world.sent) - 200)
        del world.sent[:-200]
        world.presses.clear()
        for updates in (world.updates.history, world.updates.deliveries):
            updates.clear()
        for chat in world.chats.values():
            if chat.is_private:
                del chat.sent[:-20]
                for number in list(chat.posts)[:-40]:
                    del chat.posts[number]
        while len(self._gone) > PRESENT:
            number = self._gone.popleft()
            world.chats.pop(number, None)
            world.users.pop(number, None)
            self.api._people.pop(number, None)


async def visit(program: Program, until: asyncio.Event, chance: random.Random) -> int:
    """Web visitors, each for a few seconds; how many messages they sent."""
    said = 0

    async def one() -> None:
        nonlocal said
        while not until.is_set():
            try:
                visitor = await program.visitor()
                await visitor.hello(language="en")
                for _ in range(chance.randint(0, 3)):
                    await visitor.ask(QUESTION.format(chance.choice(TOPICS)))
                    said += 1
                    await asyncio.sleep(chance.uniform(1, 4))
                await visitor.socket.close()
            except (aiohttp.ClientError, TimeoutError, TypeError):  # sent away: too many newcomers
                pass
            program.visitors.clear()
            await asyncio.sleep(chance.uniform(6, 30))

    await asyncio.gather(*(one() for _ in range(WINDOWS)))
    return said
