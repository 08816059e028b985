"""The witness of the kill trials sees which of its answers came when nobody waited for them any more."""

import asyncio
import random
import time

import aiohttp
import pytest

from benchmarks.kills import witness
from benchmarks.kills.witness import Witness

PERSON = 7


@pytest.mark.parametrize("is_late", [False, True])
async def test_an_answer_after_who_asked_had_gone(is_late: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Witness(random.Random(1)) as server, aiohttp.ClientSession() as session:
        server.faults.is_on = False  # type: ignore[attr-defined]
        server.pour([(PERSON, "hi")])
        send = f"{server.base_url}/bot{server.token}/sendMessage"
        call = server._call

        async def slow(method: str, params: object) -> object:
            time.sleep(0.3)  # noqa: ASYNC251 (as a machine that stands still)
            return await call(method, params)  # type: ignore[arg-type]

        if is_late:
            monkeypatch.setattr(server, "_call", slow)
        asking = session.post(
            send, json={"chat_id": PERSON, "text": "hello"}, timeout=aiohttp.ClientTimeout(0.1)
        )
        if is_late:
            with pytest.raises(TimeoutError):
                await asking
        else:
            await (await asking).read()
        await asyncio.sleep(2 * witness.NOTICED_S)
        (arrival,) = server.arrivals[PERSON]
        assert arrival.answer.is_late is is_late
