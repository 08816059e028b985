"""A server that stops sends every page away, whatever it is in the middle of, and waits for none of them."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from aiohttp import ClientError, WSMsgType

from bot.channels.base import Inbound
from crm_store.engine import Store
from tests.webchat import Site, Visitor, open_site

GONE = {WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR}
WITHIN_S = 10.0
"""Less than an unintroduced page is waited for otherwise."""


class Slow:
    """Takes what customers do in when it is told to."""

    def __init__(self) -> None:
        self.began, self.may_end = asyncio.Event(), asyncio.Event()

    async def receive(self, inbounds: Sequence[Inbound]) -> None:
        """Returns after `may_end`."""
        self.began.set()
        await self.may_end.wait()


async def test_the_introduced_the_silent_and_the_busy_are_sent_away(sqlite_store: Store) -> None:
    async with open_site(sqlite_store) as site:
        site.lobby.receiver = slow = Slow()
        silent = await site.visitor()
        quiet, _ = await site.introduced()
        busy, _ = await site.introduced()
        await busy.say("Where is my order?")
        await slow.began.wait()
        async with asyncio.timeout(WITHIN_S):
            await site.lobby.channel.close()
            for visitor in (silent, quiet, busy):
                await _until_gone(visitor)
            slow.may_end.set()
            await _until_empty(site)


async def test_who_comes_meanwhile_is_sent_away_too(sqlite_store: Store) -> None:
    async with open_site(sqlite_store) as site:
        await site.lobby.channel.close()
        async with asyncio.timeout(WITHIN_S):
            with suppress(ClientError):  # the handshake itself may be cut off
                await _until_gone(await site.visitor())
            await _until_empty(site)


async def _until_gone(visitor: Visitor) -> None:
    while (await visitor.socket.receive()).type not in GONE:
        pass


async def _until_empty(site: Site) -> None:
    while site.lobby.sockets:
        await asyncio.sleep(0.01)
