"""A server with a Telegram token: polling, webhook, wrong tokens, and logs that tell nobody's words."""

import asyncio
import socket

import pytest

from tests.botapi import faults
from tests.botapi.server import BotApiServer
from tests.commandline import CommandLine
from tests.server_process import running, started

pytestmark = pytest.mark.timeout(300)  # several whole servers start in one test
QUESTION = "how long does delivery take?"
ANSWER = "Standard delivery takes"
CANARY = "canary-7f3a-words-of-a-customer"
GROUP = -1001234567890
SECRET = "a-webhook-secret-of-good-length"


def telegram(server: BotApiServer, **settings: str) -> dict[str, str]:
    fast = {"per_chat_per_s": "1000", "overall_per_s": "1000", "per_group_per_min": "100000"}
    return {"telegram_token": server.token, "telegram_base_url": server.base_url, **fast, **settings}


def free_port() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return str(probe.getsockname()[1])


async def test_polling_serves_a_customer_and_a_restart_loses_nothing(
    frontdesk: CommandLine, bot_api: BotApiServer
) -> None:
    alice = bot_api.user(5, "Alice")
    async with running(frontdesk, "run", "--sample", log="first.log", **telegram(bot_api)) as server:
        await server.until_said("connected to Telegram")
        await alice.starts()
        await alice.hears()
        await alice.says(QUESTION)
        assert ANSWER in (await alice.hears()).text
        assert await server.stop() == 0, server.said
        assert "Traceback" not in server.said
    await bot_api.wait_until_confirmed()
    before = len(bot_api.sent(5))
    await alice.says("how can I pay?")
    async with running(frontdesk, "run", "--sample", log="second.log", **telegram(bot_api)) as again:
        await alice.hears()
        await bot_api.wait_until_confirmed()
        assert await again.stop() == 0, again.said
    assert len(bot_api.sent(5)) == before + 1


async def test_a_webhook_serves_a_customer(frontdesk: CommandLine, bot_api: BotApiServer) -> None:
    port = free_port()
    hook = {"public_port": port, "webhook_url": f"http://127.0.0.1:{port}", "webhook_secret": SECRET}
    alice = bot_api.user(5, "Alice")
    async with running(frontdesk, "run", "--sample", **telegram(bot_api, **hook)) as server:
        await server.until_said("connected to Telegram")
        await alice.says(QUESTION)
        assert ANSWER in (await alice.hears()).text
        assert not [call for call in bot_api.calls if call.method.lower() == "getupdates"]
        async with server.session.post(f"{server.public}/telegram/webhook", json={"update_id": 1}) as forged:
            assert forged.status == 403
        assert await server.stop() == 0
        assert SECRET not in server.said


@pytest.mark.parametrize(
    ("token", "told"),
    [
        (
            "987654321:not-the-token-of-this-server-at-all",
            "Telegram refuses FRONTDESK_TELEGRAM_TOKEN; copy it again",
        ),
        ("my-secret-but-no-token", "FRONTDESK_TELEGRAM_TOKEN is no token: it looks like 123456789:AA"),
    ],
    ids=["wrong", "malformed"],
)
async def test_a_token_that_is_none(
    frontdesk: CommandLine, bot_api: BotApiServer, token: str, told: str
) -> None:
    settings = telegram(bot_api, telegram_token=token)
    async with started(frontdesk, "run", **settings) as server:
        assert await server.ended() == 1
        assert f"frontdesk: {told}" in server.said.splitlines()[-1]
        assert "Traceback" not in server.said
        assert "Frontdesk is running" not in server.said
        assert token not in server.said


async def test_a_webhook_without_a_secret(frontdesk: CommandLine, bot_api: BotApiServer) -> None:
    async with started(frontdesk, "run", **telegram(bot_api, webhook_url="https://shop.example")) as server:
        assert await server.ended() == 1
        assert "frontdesk: a webhook needs FRONTDESK_WEBHOOK_SECRET" in server.said
        assert "Traceback" not in server.said


async def test_without_a_network_the_rest_is_served(frontdesk: CommandLine, bot_api: BotApiServer) -> None:
    away = telegram(bot_api, telegram_base_url=f"http://127.0.0.1:{free_port()}")
    async with running(frontdesk, "run", "--sample", **away) as server:
        await server.until_said("Telegram cannot be reached yet")
        assert ANSWER in await server.ask(QUESTION)
        assert bot_api.token not in server.said
        assert await server.stop() == 0


@pytest.mark.parametrize("as_json", ["true", "false"])
async def test_logs_hold_neither_tokens_nor_words(
    frontdesk: CommandLine, bot_api: BotApiServer, as_json: str
) -> None:
    bot_api.group(GROUP, "Desk")
    alice = bot_api.user(5, f"Alice {CANARY}")
    noisy = telegram(bot_api, telegram_staff_group=str(GROUP), log_level="DEBUG", log_json=as_json)
    async with running(frontdesk, "run", "--sample", **noisy) as server:
        await server.until_said("connected to Telegram")
        bot_api.fail("sendMessage", faults.server_error(), chat=5)
        await alice.says(f"{CANARY} where are you")
        await alice.hears()
        await alice.says("/human")
        await alice.hears()
        bot_api.inject({"message": {"message_id": 1, "chat": CANARY, "text": CANARY}})
        visitor = await server.visitor()
        await visitor.hello(language="en", name=CANARY)
        await visitor.ask(CANARY)
        await visitor.socket.send_str('{"type": "say", "text": "' + CANARY)
        await visitor.next("error")
        await bot_api.wait_until_confirmed()
        assert await server.stop() == 0
        log = server.said.replace("First sign-in", "")
    for secret in (CANARY, bot_api.token, bot_api.token.split(":")[1], visitor.told[0]["token"]):
        assert secret not in log
    assert "stopping" in log


async def test_the_doctor_looks_at_telegram(frontdesk: CommandLine, bot_api: BotApiServer) -> None:
    bot_api.group(GROUP, "Desk")
    settings = telegram(bot_api, telegram_staff_group=str(GROUP), public_port="0", staff_port="0")
    found = await asyncio.to_thread(frontdesk.process, "doctor", "--json", **settings)
    told = {finding["what"]: finding["level"] for finding in found.json}
    assert told["Telegram knows the bot as @frontdesk_bot"] == "ok"
    assert any("Desk" in what for what in told)
    wrong = await asyncio.to_thread(
        frontdesk.process, "doctor", "--json", **{**settings, "telegram_token": "1:" + "x" * 30}
    )
    assert wrong.status == 1
    assert "Telegram refuses the token" in [finding["what"] for finding in wrong.json]
