"""A process that was stopped reads the answers that came meanwhile before it gives a call up."""

import asyncio
import signal
import socket
import subprocess
import sys
import time

import pytest

from bot.channels.telegram import patience
from bot.channels.telegram.patience import Limit

BODY = b'{"ok":true,"result":true}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY) + BODY
CALLER = """
import asyncio, sys, uvloop
from bot.channels.telegram.transport import AiohttpRequest

async def call():
    request = AiohttpRequest(read_timeout={read}, write_timeout=0, connect_timeout={rest}, pool_timeout=0.1)
    await request.initialize()
    try:
        return await request.post("http://127.0.0.1:{port}/bot1:x/sendMessage")
    except Exception as error:
        return type(error).__name__
    finally:
        await request.shutdown()

with asyncio.Runner(loop_factory={loop}) as runner:
    print(runner.run(call()))
"""
LOOPS = ("asyncio.new_event_loop", "uvloop.new_event_loop")


def said_after_a_stop(loop: str, *, read_s: float, total_s: float, answer: bytes) -> str:
    """What a call comes to whose process is stopped while the answer, if any, arrives."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port, rest = listening.getsockname()[1], total_s - read_s - 0.1
        script = CALLER.format(read=read_s, rest=rest, port=port, loop=loop)
        caller = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
        connection, _ = listening.accept()
        with connection:
            assert connection.recv(65536)
            time.sleep(0.1)  # it waits for the answer now
            caller.send_signal(signal.SIGSTOP)
            connection.sendall(answer)
            time.sleep(max(read_s, total_s) + patience.LATE_S + 0.2)
            caller.send_signal(signal.SIGCONT)
            said, _ = caller.communicate(timeout=60)
    return said.strip()


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize(("read_s", "total_s"), [(0.6, 3.0), (1.0, 1.2)], ids=["reading", "altogether"])
def test_an_answer_that_came_while_the_process_was_stopped_counts(
    loop: str, read_s: float, total_s: float
) -> None:
    assert said_after_a_stop(loop, read_s=read_s, total_s=total_s, answer=ANSWER) == "True"


@pytest.mark.parametrize("loop", LOOPS)
def test_no_answer_is_a_time_out_all_the_same(loop: str) -> None:
    assert said_after_a_stop(loop, read_s=0.6, total_s=1.0, answer=b"") == "TimedOut"


def stand_still(seconds: float) -> None:
    """As a stop does."""
    time.sleep(seconds)


async def work_and_stand_still(limit_s: float | None, still_s: float, work_s: float) -> bool:
    async with Limit(limit_s):
        stand_still(still_s)
        await asyncio.sleep(work_s)
        return True


async def test_a_limit_fires_and_a_late_one_waits_for_what_came(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "LATE_S", 0.05)
    assert await work_and_stand_still(0.01, 0.1, 0.1)
    assert await work_and_stand_still(None, 0, 0)
    for still_s in (0.0, 0.1):
        with pytest.raises(TimeoutError):
            await work_and_stand_still(0.01, still_s, 10)
