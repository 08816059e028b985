"""The terminal as a channel: one local customer types, replies are printed, a number presses a button."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from typing import TextIO
from uuid import uuid4

from bot.channels.base import Inbound, Kind, Outgoing, Press, Receiver
from crm_store import outbox
from crm_store.engine import Store

CHANNEL = "terminal"
ADDRESS = "local"
LOOK_EVERY_S = 0.02
REPLIES_WITHIN_S = 15.0


class TerminalChannel:
    """Prints what is sent; remembers the newest buttons, so that a number can press them."""

    name = CHANNEL

    def __init__(self, write: Callable[[str], object] = print) -> None:
        self._write = write
        self._offered: Outgoing | None = None

    async def send(self, outgoing: Outgoing) -> str | None:
        """Print the message and its numbered choices."""
        name = (outgoing.attachment or {}).get("name")
        said = [part for part in (outgoing.text, f"[{name}]" if name else "") if part]
        self._write(f"{outgoing.author}: {' '.join(said)}")
        if outgoing.choices:
            self._offered = outgoing
            if outgoing.question:
                self._write(f"  {outgoing.question}")
            for number, label in enumerate(outgoing.choices, 1):
                self._write(f"  {number}) {label}")
        return None

    def press_of(self, line: str) -> Press | None:
        """The button that this line presses: the number of one of the newest choices."""
        number = int(line) if line.isascii() and line.isdecimal() and len(line) < 4 else 0
        if self._offered is None or not 1 <= number <= len(self._offered.choices):
            return None
        return Press(self._offered.message_id, number - 1)


async def chat(
    lines: AsyncIterator[str],
    channel: TerminalChannel,
    receiver: Receiver,
    store: Store,
    *,
    name: str | None = None,
    language: str | None = None,
) -> None:
    """Take line after line until there are no more; after each one its replies are waited for and printed."""
    async for line in lines:
        text = line.strip()
        if not text:
            continue
        press = channel.press_of(text)
        await receiver.receive([_inbound(text, press, name, language)])
        await _replies_printed(store)


def _inbound(text: str, press: Press | None, name: str | None, language: str | None) -> Inbound:
    return Inbound(
        source=CHANNEL,
        update_id=uuid4().hex,
        channel=CHANNEL,
        address=ADDRESS,
        kind=Kind.PRESSED if press else Kind.TEXT,
        text="" if press else text,
        press=press,
        display_name=name,
        language=language,
    )


async def _replies_printed(store: Store) -> None:
    """Returns when nothing is left to be printed; a line from a pipe may press a button of the reply before it."""
    try:
        async with asyncio.timeout(REPLIES_WITHIN_S):
            while True:
                async with store.read() as session:
                    if not await outbox.has_unsent(session, f"{CHANNEL}:{ADDRESS}"):
                        return
                await asyncio.sleep(LOOK_EVERY_S)
    except TimeoutError:
        return  # delivery goes on by itself; the next line need not wait for it


async def read_lines(stream: TextIO) -> AsyncIterator[str]:
    """The stream's lines as they come: a terminal, a pipe or a file."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[str | None] = asyncio.Queue()

    def read() -> None:
        try:
            for line in stream:
                loop.call_soon_threadsafe(queue.put_nowait, line)
            loop.call_soon_threadsafe(queue.put_nowait, None)
        except (RuntimeError, ValueError):
            return  # the loop or the stream was closed while this thread was waiting for a line

    # A thread that ends with the process: a read from a terminal cannot be interrupted, and asyncio's own pipes
    # do not take a file as standard input.
    threading.Thread(target=read, name="terminal", daemon=True).start()
    while (line := await queue.get()) is not None:
        yield line
