"""Connections that a rush left behind are closed, though nobody comes to use them."""

import asyncio

import pytest

from bot.channels.telegram import connections
from bot.channels.telegram.connections import Connections

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


async def test_what_is_idle_for_long_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "KEPT_S", 0.2)
    is_open = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal is_open
        is_open += 1
        try:
            while await reader.read(65536):
                await asyncio.sleep(0.05)  # so that one connection does not do for all
                writer.write(ANSWER)
        except ConnectionError:
            pass
        finally:
            is_open -= 1
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    pool = Connections(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    try:
        answers = await asyncio.gather(*(pool.post("sendMessage", b"{}") for _ in range(20)))
        assert {status for status, _ in answers} == {200}
        assert is_open == 20
        async with asyncio.timeout(60):
            while is_open:
                await asyncio.sleep(0.02)
        assert (await pool.post("sendMessage", b"{}"))[0] == 200
    finally:
        await pool.close()
        server.close()
