"""Where tests wait: the world, and a bell that rings whenever something in it may have changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from tests.botapi.world import Post, World

T = TypeVar("T")
DEFAULT_WAIT = 20.0


class Hub:
    """The world with its bell."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._waiters: list[asyncio.Event] = []
        world.updates.on_change = self.touch

    def touch(self) -> None:
        """Let those who wait look again."""
        for event in self._waiters:
            event.set()

    async def wait_for(
        self, look: Callable[[], T], *, timeout: float = DEFAULT_WAIT, what: str = "what the test waits for"
    ) -> T:
        """The first truthy value of `look`, tried after all that happens; AssertionError if there is none."""
        event = asyncio.Event()
        self._waiters.append(event)
        try:
            async with asyncio.timeout(timeout):
                while not (seen := look()):
                    await event.wait()
                    event.clear()
                return seen
        except TimeoutError:
            raise AssertionError(f"{what} did not happen in {timeout} s; {self._latest()}") from None
        finally:
            self._waiters.remove(event)

    def _latest(self) -> str:
        lines = [f"{post.chat_id}: {post.text!r} {post.buttons}" for post in self.world.sent[-5:]]
        return f"{len(self.world.sent)} sent so far, the latest: {lines}"


class Ear:
    """Listens to what the bot sends to one chat, each message once, topic by topic."""

    def __init__(self, hub: Hub, posts: list[Post]) -> None:
        self._hub = hub
        self._posts = posts
        self._heard: dict[int | None, int] = {}

    async def hear(
        self, fragment: str = "", *, thread: int | None = None, timeout: float = DEFAULT_WAIT
    ) -> Post:
        """The next post with `fragment` in its text; those passed over are not heard again."""

        def look() -> Post | None:
            for at in range(self._heard.get(thread, 0), len(self._posts)):
                post = self._posts[at]
                if (thread is None or post.thread_id == thread) and fragment in post.text:
                    self._heard[thread] = at + 1
                    return post
            return None

        post = await self._hub.wait_for(look, timeout=timeout, what=f"a message with {fragment!r}")
        assert post is not None
        return post
