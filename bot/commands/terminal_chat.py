"""A small house of its own for one customer at the terminal; a server may run beside it."""

import sys
from contextlib import nullcontext
from io import TextIOWrapper

from bot.app import Bot
from bot.channels import terminal
from bot.clock import system_clock
from bot.settings import BotSettings
from crm_store.engine import Store, watched
from crm_store.settings import StoreSettings


async def run(
    store: Store, settings: BotSettings, stored: StoreSettings, *, name: str | None, language: str | None
) -> None:
    """Talk until the input ends and everything is answered."""
    house = Bot(store, settings, stored, system_clock, only_server=False)
    channel = terminal.TerminalChannel()
    house.add_channel(channel)
    async with watched(store) if not store.is_sqlite else nullcontext():
        await _talk(house, channel, store, name=name, language=language)


async def _talk(
    house: Bot, channel: terminal.TerminalChannel, store: Store, *, name: str | None, language: str | None
) -> None:
    await house.start()
    try:
        if isinstance(sys.stdin, TextIOWrapper):
            sys.stdin.reconfigure(errors="replace")  # a byte that is no text must not end the conversation
        lines = terminal.read_lines(sys.stdin)
        await terminal.chat(lines, channel, house.reception, store, name=name, language=language)
    finally:
        await house.stop()
