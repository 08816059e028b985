"""How a customer reaches the house: a Telegram account, or a page of the web chat. Both hear and say the same way."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from benchmarks.morning.record import Diary
from tests.botapi.people import Person
from tests.botapi.server import BotApiServer
from tests.botapi.world import Post

HEARS_WITHIN_S = 1800.0
"""The whole of a busy morning: people wait for their turn, and what never comes is known in the end."""


@dataclass(frozen=True, slots=True)
class Heard:
    """A message of the house, as the customer sees it."""

    number: int
    text: str
    choices: tuple[str, ...]


class Phone(Protocol):
    """What a customer does."""

    diary: Diary

    async def open(self) -> None:
        """Come in for the first time."""

    async def say(self, text: str) -> None:
        """Write a text."""

    async def send_photo(self, caption: str) -> None:
        """Send a picture with words."""

    async def edit(self, text: str) -> None:
        """Put what was said last in other words."""

    async def press(self, heard: Heard, label: str) -> None:
        """Press a button of a message."""

    async def hear(self, is_it: Callable[[Heard], bool], what: str) -> Heard:
        """The next message, not heard before, that is it; TimeoutError, and `what` was waited for."""

    async def reload(self) -> None:
        """Load the page anew, where there is one."""

    async def leave(self) -> None:
        """Block the bot; close the page."""

    async def look_again(self) -> None:
        """Read what came after the page was closed."""


class TelegramPhone:
    """A Telegram account."""

    def __init__(self, server: BotApiServer, person: Person) -> None:
        self.diary = Diary(lane=f"telegram:{person.id}")
        self._server, self._person = server, person
        self._heard = 0
        self._last: Post | None = None

    async def open(self) -> None:
        """The Start button."""
        self.diary.said.append("/start")
        await self._person.starts()

    async def say(self, text: str) -> None:
        """Write a text."""
        self.diary.said.append(text)
        self._last = await self._person.says(text)

    async def send_photo(self, caption: str) -> None:
        """Send a photo."""
        self.diary.said.append(caption)
        self._last = await self._person.sends_photo(caption)

    async def edit(self, text: str) -> None:
        """Edit what was said last."""
        assert self._last is not None
        self.diary.said[-1] = text
        self.diary.edits += 1
        await self._person.edits(self._last, text)

    async def press(self, heard: Heard, label: str) -> None:
        """Press a button of a message that still has it."""
        await self._person.presses(self._person.chat.posts[heard.number], label)

    async def hear(self, is_it: Callable[[Heard], bool], what: str) -> Heard:
        """The next message that is it."""

        def look() -> Heard | None:
            posts = self._person.chat.sent
            while self._heard < len(posts):
                post = posts[self._heard]
                self._heard += 1
                if is_it(heard := Heard(post.id, post.text, tuple(post.buttons))):
                    return heard
            return None

        try:
            found = await self._server.wait_for(look, timeout=HEARS_WITHIN_S, what=what)
        except AssertionError:
            raise TimeoutError(what) from None
        assert found is not None
        return found

    async def reload(self) -> None:
        """There is no page."""

    async def leave(self) -> None:
        """Block the bot."""
        await self._person.blocks_bot()

    async def look_again(self) -> None:
        """A chat stays open."""
