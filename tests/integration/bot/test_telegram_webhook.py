"""The webhook: nobody gets in without the secret, nothing that has it is sent twice, nothing is lost."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import aiohttp
import orjson
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr
from sqlalchemy import text

from bot.channels.telegram.service import TelegramBot, TelegramUnusable
from bot.channels.telegram.webhook import MAX_BODY, PATH, SECRET_HEADER, Webhook, check_secret
from bot.clock import system_clock
from crm_store.engine import Store
from tests.botapi.server import BotApiServer
from tests.telegram_stage import TelegramHouse, settings_for

SECRET = "a-Secret_of_32_characters_or_more"
UPDATE = orjson.dumps({"update_id": 1, "message": {"text": "hi"}})


@dataclass
class Door:
    """A webhook that is listened to, and what came through it."""

    url: str = ""
    taken: list[object] = field(default_factory=list)
    hook: Webhook = field(init=False)

    def __post_init__(self) -> None:
        self.hook = Webhook(SECRET, self.take)

    async def take(self, updates: Sequence[object]) -> None:
        self.taken += updates

    async def post(self, body: bytes = UPDATE, headers: dict[str, str] | None = None) -> int:
        given = {SECRET_HEADER: SECRET} if headers is None else headers
        async with (
            aiohttp.ClientSession() as session,
            session.post(self.url, data=BytesIO(body), headers=given) as response,
        ):
            await response.read()
            return response.status


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    app, door = web.Application(), Door()
    app.router.add_post(PATH, door.hook.handle)
    server = TestServer(app)
    await server.start_server()
    door.url = str(server.make_url(PATH))
    yield door
    await server.close()


FORGED = [
    None, "", " ", SECRET[:-1], SECRET + "x", SECRET.upper(), SECRET.lower(), f" {SECRET}x", f"Bearer {SECRET}",
    "*", "null", "None", "undefined", "' OR '1'='1", "ä" * 33, "\u0430-Secret", "%00", "0", SECRET * 2,
    *(SECRET[:at] + "." + SECRET[at + 1 :] for at in range(len(SECRET))),
    *(SECRET[:length] for length in range(1, len(SECRET))),
    *(f"{SECRET[:16]}{n:016d}" for n in range(20)),
]  # fmt: skip


async def test_forged_calls_leave_nothing_behind(door: Door) -> None:
    assert len(FORGED) > 100
    for secret in FORGED:
        headers = {} if secret is None else {SECRET_HEADER: secret}
        assert await door.post(headers=headers) == 403, secret
    assert door.taken == []
    assert door.hook.forged == len(FORGED)


async def test_a_forged_body_is_not_even_read(door: Door) -> None:
    assert await door.post(b"x" * (MAX_BODY * 2), headers={}) == 403


UNREADABLE = [b"", b"{", b"\xff\xfe", b"[1]", b"5", b'"x"', b"null", b"[" * 100_000, b"x" * (MAX_BODY + 1)]


@pytest.mark.parametrize("body", UNREADABLE, ids=range(len(UNREADABLE)))
async def test_what_cannot_be_read_does_not_come_again(door: Door, body: bytes) -> None:
    assert await door.post(body) == 200
    assert (door.taken, door.hook.unreadable) == ([], 1)
    assert await door.post() == 200
    assert len(door.taken) == 1


async def test_while_stopping_telegram_keeps_what_it_has(door: Door) -> None:
    door.hook.close()
    assert await door.post() == 503
    assert door.taken == []


@pytest.mark.parametrize("secret", [None, "", "with spaces in it.", "ä" * 20, "x" * 257, SECRET + "\n"])
def test_no_webhook_without_a_secret_worth_the_name(
    bot_api: BotApiServer, sqlite_store: Store, secret: str | None
) -> None:
    with pytest.raises(ValueError, match="FRONTDESK_WEBHOOK_SECRET"):
        check_secret(secret)
    settings = settings_for(
        bot_api,
        webhook_url="https://shop.example",
        webhook_secret=None if secret is None else SecretStr(secret),
    )
    with pytest.raises(TelegramUnusable, match="FRONTDESK_WEBHOOK_SECRET"):
        TelegramBot(settings, sqlite_store, Anybody(), system_clock)


class Anybody:
    async def receive(self, inbounds: Sequence[Any]) -> None:
        raise AssertionError("nothing should arrive")


async def test_talks_by_webhook_and_each_update_once(bot_api: BotApiServer, shop_store: Store) -> None:
    runner, url = await _late_app()
    settings = settings_for(bot_api, webhook_url=url, webhook_secret=SecretStr(SECRET))
    house = TelegramHouse(bot_api, shop_store, settings)
    runner.handler = lambda request: house.bot.webhook.handle(request)  # type: ignore[union-attr]
    await house.run()
    assert bot_api.webhook.info()["url"] == url + PATH
    for number in range(5, 25):
        await bot_api.user(number, f"C{number}").says("hi")
    for number in range(5, 25):
        await bot_api.user(number).hears(f"Hello C{number}!")
    await bot_api.wait_until_confirmed()
    for update in list(bot_api.updates):
        bot_api.repeat(update)
    await bot_api.wait_until_confirmed()
    await house.stop()
    await runner.close()
    async with shop_store.read() as session:
        said = await session.scalar(text("select count(*) from message where author = 'customer'"))
    assert said == 20
    assert len(bot_api.sent()) == 20


@dataclass
class LateApp:
    """A server that learns only later who handles its calls: its address is a setting of the handler."""

    server: TestServer
    handler: Any = None

    async def close(self) -> None:
        await self.server.close()


async def _late_app() -> tuple[LateApp, str]:
    app = web.Application()
    late = LateApp(TestServer(app))

    async def handle(request: web.Request) -> web.StreamResponse:
        response: web.StreamResponse = await late.handler(request)
        return response

    app.router.add_post(PATH, handle)
    await late.server.start_server()
    return late, str(late.server.make_url("")).rstrip("/")
