"""What any process sends to a visitor is said in this process's windows, wherever it was sent from.

On PostgreSQL a reverse proxy spreads visitors over processes, and each process may send what waits for any of them.
The sender tells all processes the number of the message (presence.py), and each of them looks whether it has a
window to say it in. After a lost line every open window is brought up to date from the store.
"""

import asyncio
from collections.abc import Iterable

import structlog

from bot.channels.base import DeliveryFailed, Outcome
from bot.channels.web import protocol
from bot.channels.web.channel import WebChannel
from crm_store import visitors
from crm_store.engine import Store, is_outage
from crm_store.presence import Presence

log = structlog.get_logger(__name__)
AGAIN_S = 0.5


class Following:
    """Tells the other processes, and listens to them; `run` is a loop of the house."""

    def __init__(self, store: Store, channel: WebChannel, presence: Presence) -> None:
        self._store, self._channel, self._presence = store, channel, presence
        self._to_tell: list[int] = []
        self._telling: asyncio.Task[None] | None = None
        self._heard: list[int] = []
        self._may_have_missed = False
        self._news = asyncio.Event()
        presence.hear(self._hear)
        channel.tell = self.tell

    async def tell(self, number: int) -> None:
        """Returns once every process has been told of this message, this one too; raises DeliveryFailed."""
        self._to_tell.append(number)
        if self._telling is None or len(self._to_tell) == 1:
            self._telling = asyncio.create_task(self._tell_soon())
        try:
            await asyncio.shield(self._telling)
        except ConnectionError as error:
            raise DeliveryFailed(Outcome.NOT_SENT, str(error)) from None

    async def _tell_soon(self) -> None:
        await asyncio.sleep(0)  # all that is sent at this moment goes in one notification
        numbers, self._to_tell = self._to_tell, []
        await self._presence.tell(numbers)

    def _hear(self, numbers: list[int] | None) -> None:
        self._heard += numbers or ()
        self._may_have_missed |= numbers is None
        self._news.set()

    async def run(self) -> None:
        """Say what is heard of, until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            numbers, self._heard = self._heard, []
            catch_up, self._may_have_missed = self._may_have_missed, False
            try:
                if catch_up:
                    await self._catch_up(list(self._channel.addresses))
                elif self._channel.addresses:
                    await self._say(numbers)
            except Exception as error:
                if not is_outage(error):
                    log.exception("the windows could not be told; they are brought up to date")
                self._hear(None)
                await asyncio.sleep(AGAIN_S)

    async def _say(self, numbers: Iterable[int]) -> None:
        async with self._store.read() as session:
            lines = await visitors.lines(session, sorted(set(numbers)))
        for line in lines:
            self._channel.push(line.message.address, protocol.line_shown(line))

    async def _catch_up(self, addresses: list[str]) -> None:
        """All that is shown of the newest messages again; the page knows them by their numbers."""
        for address in addresses:
            async with self._store.read() as session:
                lines = await visitors.transcript(session, f"{self._channel.name}:{address}")
            for frame in protocol.history(lines):
                self._channel.push(address, frame)
