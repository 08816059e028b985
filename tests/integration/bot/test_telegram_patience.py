"""A process that was stopped reads the answers that came meanwhile before it gives a call up."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
import uvloop
from telegram.error import TimedOut

from bot.channels.telegram import patience
from bot.channels.telegram.api import Api
from bot.channels.telegram.patience import Limit

TOKEN = "123456:" + "P" * 35
BODY = b'{"ok":true,"result":true}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
LOOPS: list[Callable[[], asyncio.AbstractEventLoop]] = [asyncio.new_event_loop, uvloop.new_event_loop]


@contextmanager
def server(answers_after_s: float) -> Iterator[str]:
    """A Bot API server in a thread of its own, since the test's loop is going to stand still; its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            if not done.wait(answers_after_s):
                connection.sendall(ANSWER)
            done.wait(20)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        done.set()
        thread.join()
        listening.close()


def stand_still(seconds: float) -> None:
    """The whole process, as after SIGSTOP."""
    time.sleep(seconds)


async def call_and_stand_still(address: str, seconds: float) -> object:
    api = Api(TOKEN, address, read_timeout=0.3)
    await api.open()
    try:
        calling = asyncio.create_task(api.call("sendMessage", chat_id=1, text="hi"))
        await asyncio.sleep(0.1)
        stand_still(seconds)
        return await calling
    finally:
        await api.close()


@pytest.mark.parametrize("loop", LOOPS)
def test_an_answer_that_came_while_the_process_was_stopped_counts(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    with server(0.2) as address, asyncio.Runner(loop_factory=loop) as runner:
        assert runner.run(call_and_stand_still(address, 1.2)) is True


@pytest.mark.parametrize("loop", LOOPS)
def test_no_answer_is_a_time_out_all_the_same(loop: Callable[[], asyncio.AbstractEventLoop]) -> None:
    for stopped_s in (0.0, 1.2):
        with server(30) as address, asyncio.Runner(loop_factory=loop) as runner, pytest.raises(TimedOut):
            runner.run(call_and_stand_still(address, stopped_s))


async def test_a_limit_fires_and_a_late_one_waits_for_what_came(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TimeoutError):
        async with Limit(0.01):
            await asyncio.sleep(10)
    monkeypatch.setattr(patience, "LATE_S", 0.05)
    async with Limit(0.01):
        stand_still(0.1)
        await asyncio.sleep(0.1)
    async with Limit(None):
        await asyncio.sleep(0)
    with pytest.raises(TimeoutError):
        await too_long_after_a_stop()


async def too_long_after_a_stop() -> None:
    async with Limit(0.01):
        stand_still(0.1)
        await asyncio.sleep(10)
