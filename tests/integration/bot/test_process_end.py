"""However busy a server is, SIGTERM ends it in time; its status says whether it ended cleanly."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
START = """
import asyncio, threading, time
from bot.process import run_in_loop

async def serve():
    print("serving", flush=True)
    try:
        await asyncio.Event().wait()
    finally:
        {ending}

run_in_loop(serve())
print("left", flush=True)
"""
CASES = {
    # how it ends, exit status, whether the program itself came to its end
    "at once": ("pass", 0, True),
    "a short farewell": ("await asyncio.sleep(0.1)", 0, True),
    "a farewell without end": ("await asyncio.sleep(1000)", 1, False),
    "a thread that cannot be stopped": ("asyncio.get_running_loop().run_in_executor(None, time.sleep, 1000)", 0, False),
    "a farewell that fails": ("raise RuntimeError('farewell')", 1, False),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_the_end(case: str) -> None:
    ending, status, is_left = CASES[case]
    with subprocess.Popen(
        [sys.executable, "-c", START.format(ending=ending)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "serving\n"
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)  # an impatient one changes nothing
        out, _ = process.communicate(timeout=15)
    assert process.returncode == status
    assert ("left" in out) is is_left
