"""Two processes on one PostgreSQL: who writes at the one is seen at the other, on the web and in Telegram."""

import asyncio
import json
from datetime import UTC, datetime

import aiohttp
import pytest
from sqlalchemy import select

from crm_store import sign_in, staff
from crm_store.engine import Store, open_store
from crm_store.models.conversations import Conversation
from tests.botapi.server import BotApiServer
from tests.commandline import CommandLine
from tests.server_process import running

pytestmark = pytest.mark.timeout(300)


async def agents_cookie(store: Store) -> str:
    now = datetime.now(UTC)
    async with store.write() as session:
        agent = await staff.create_agent(session, name="Mara", role=staff.Role.ADMIN, now=now)
        return (await sign_in.start_session(session, agent.id, now=now)).token


async def numbers(store: Store) -> dict[str, int]:
    """The conversation of each channel."""
    async with store.read() as session:
        rows = await session.execute(select(Conversation.channel, Conversation.id))
        return {channel: number for channel, number in rows}  # noqa: C416


async def next_event(stream: aiohttp.ClientResponse, kind: str) -> str:
    """The data of the next event of this kind."""
    while True:
        event = (await stream.content.readuntil(b"\n\n")).decode()
        if event.startswith(f"event: {kind}\n"):
            return event.partition("data: ")[2].strip()


async def test_the_desks_process_and_the_bots_hear_of_each_other(
    frontdesk: CommandLine, postgres_url: str, bot_api: BotApiServer
) -> None:
    settings = {
        "database_url": postgres_url,
        "telegram_token": bot_api.token,
        "telegram_base_url": bot_api.base_url,
    }
    store = open_store(postgres_url)
    async with (
        running(frontdesk, "bot", log="bot.log", **settings) as bot,
        running(frontdesk, "api", log="api.log", **settings) as api,
    ):
        await bot.until_said("connected to Telegram")
        zoe, visitor = bot_api.user(5, "Zoe"), await bot.visitor()
        await zoe.says("/human")
        await zoe.hears()
        await visitor.hello(language="en")
        await visitor.ask("/human")
        conversation = await numbers(store)
        headers = {"Cookie": f"frontdesk_staff={await agents_cookie(store)}", "Sec-Fetch-Site": "same-origin"}
        live = {**headers, "Accept": "text/event-stream"}
        async with asyncio.timeout(60), api.session.get(f"{api.staff}/desk/live", headers=live) as stream:
            await next_event(stream, "changed")
            await visitor.socket.send_json({"type": "typing", "is_typing": True})
            [(lane, is_typing)] = json.loads(await next_event(stream, "typing")).items()
            assert (lane.partition(":")[0], is_typing) == ("web", True)
            for channel in ("web", "telegram"):
                url = f"{api.staff}/conversations/{conversation[channel]}/typing"
                async with api.session.post(url, headers=headers, data={"typing": "yes"}) as answer:
                    assert answer.status == 204, await answer.text()
            assert (await visitor.next("typing"))["is_typing"] is True
            await bot_api.wait_for(lambda: bot_api.world.actions == [{"chat_id": 5, "action": "typing"}])
        for server in (api, bot):
            assert await server.stop() == 0, server.said
            assert "Traceback" not in server.said
    await store.close()
