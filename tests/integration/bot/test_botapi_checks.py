"""The own Bot API server notices unlawful requests, and its own answers and updates are lawful."""

from __future__ import annotations

from typing import Any

import aiohttp
import orjson
import pytest
from aiogram.types import Update
from telegram.error import TelegramError

from bot.channels.telegram.transport import build_bot
from tests.botapi import checking
from tests.botapi.server import BotApiServer
from tests.botapi.spec import find_spec
from tests.botapi.wire import Json, Params, Upload

ANN = 5

LAWFUL: list[tuple[str, Json]] = [
    ("sendMessage", {"chat_id": "5", "text": "[not json", "disable_notification": "true"}),
    ("sendMessage", {"chat_id": "@channel", "text": "hi", "entities": "[]"}),
    ("sendLocation", {"chat_id": "5", "latitude": "1.5", "longitude": "-2"}),
    ("getUpdates", {"offset": "-1", "allowed_updates": '["message"]'}),
    ("sendMediaGroup", {"chat_id": 5, "media": [{"type": "photo", "media": "id"}] * 2}),
]
UNLAWFUL: list[tuple[str, Json, str]] = [
    ("sendMessage", {"chat_id": "5"}, "text"),
    ("sendMessage", {"chat_id": "5", "text": "hi", "colour": "red"}, "unknown field colour"),
    ("sendMessage", {"chat_id": "5", "text": "hi", "message_thread_id": "abc"}, "message_thread_id"),
    ("copyMessages", {"chat_id": 5, "from_chat_id": 6, "message_ids": "[1,"}, "message_ids"),
    ("sendMediaGroup", {"chat_id": 5, "media": '[{"type":"photo"}]'}, "media"),
    ("inventMessage", {}, "inventMessage"),
]


@pytest.mark.parametrize(("method", "values"), LAWFUL)
def test_lawful_requests_pass(method: str, values: Json) -> None:
    assert checking.check_request(method, Params(values)) == []


@pytest.mark.parametrize(("method", "values", "complaint"), UNLAWFUL)
def test_unlawful_requests_are_told(method: str, values: Json, complaint: str) -> None:
    assert complaint in " ".join(checking.check_request(method, Params(values)))


def test_a_button_without_words_is_told_by_the_specification() -> None:
    if find_spec() is None:
        pytest.skip(
            "shared/spec/api.json does not lie beside this checkout; aiogram's types take such a button"
        )
    values: Json = {"chat_id": "5", "text": "hi", "reply_markup": '{"inline_keyboard":[{}]}'}
    assert "markup" in " ".join(checking.check_request("sendMessage", Params(values)))


def test_lengths_and_constants_come_from_the_specification() -> None:
    spec = find_spec()
    if spec is None:
        pytest.skip("shared/spec/api.json does not lie beside this checkout; aiogram's types know no lengths")
    button = {"text": "x", "callback_data": "y" * 65}
    long = {"chat_id": 5, "text": "hi", "reply_markup": {"inline_keyboard": [[button]]}}
    assert "length 65 outside 1-64 bytes" in " ".join(spec.check_request("sendMessage", Params(long)))
    media = [{"type": "picture", "media": "id"}]
    assert spec.check_request("sendMediaGroup", Params({"chat_id": 5, "media": media}))


def test_an_upload_nothing_refers_to_is_told() -> None:
    upload = Upload("a.jpg", b"jpeg", "image/jpeg")
    params = Params({"chat_id": 5, "photo": "attach://one"}, {"one": upload, "two": upload})
    assert [text for text in checking.check_request("sendPhoto", params) if "two" in text]
    del params.uploads["two"]
    assert checking.check_request("sendPhoto", params) == []


async def test_violations_are_collected_and_can_be_switched_off() -> None:
    async with BotApiServer() as server, aiohttp.ClientSession() as session:
        url = f"{server.base_url}/bot{server.token}/sendMessage"
        await session.post(url, data={"chat_id": 5, "text": "hi", "colour": "red"})
        assert any("colour" in violation for violation in server.violations)
        count = len(server.violations)
        server.checks = False
        await session.post(url, data={"chat_id": 5, "text": "hi", "colour": "red"})
        assert len(server.violations) == count


async def test_a_method_nobody_plays_yet_is_a_violation_an_unknown_one_404() -> None:
    async with BotApiServer() as server, build_bot(server.token, server.base_url) as bot:
        with pytest.raises(TelegramError):
            await bot.send_dice(ANN)
        assert any("does not play" in violation for violation in server.violations)


async def _everything(server: BotApiServer) -> None:
    """One of each kind of update the driver can make."""
    ann, eve = server.user(ANN, "Ann", "zh", username="ann", last_name="A"), server.user(6, "Eve")
    desk = server.group(-1001)
    desk.add(ann, eve)
    post = await ann.starts("token_1")
    await ann.edits(post, "/start again")
    await ann.sends_album(2, "both")
    for kind in ("photo", "document", "voice", "video", "audio", "sticker", "animation", "video_note"):
        await ann.sends(kind, caption="" if kind in ("sticker", "video_note") else "caption")
    await ann.sends_location()
    await ann.sends_contact()
    await ann.forwards(post)
    await ann.presses_data(post, "data")
    await ann.reacts(post)
    await ann.blocks_bot()
    await ann.unblocks_bot()
    topic = await eve.creates_topic("Lunch", desk)
    in_topic = await eve.says("one", chat=desk, thread=topic)
    await eve.says("two", chat=desk, thread=topic, reply_to=in_topic, anonymous=True)
    desk.kick_bot()


async def test_every_update_the_driver_makes_is_lawful() -> None:
    server = BotApiServer()
    server.world.updates.allow(["message_reaction", *_DEFAULT_KINDS])
    await _everything(server)
    spec = find_spec()
    assert {update.kind for update in server.updates} == {"message_reaction", *_DEFAULT_KINDS}
    for update in server.updates:
        body: Any = Update.model_validate_json(update.body)
        assert body.event_type == update.kind
        raw = orjson.loads(update.body)
        assert spec is None or spec.check_type("Update", raw) == []


_DEFAULT_KINDS = ("message", "edited_message", "callback_query", "my_chat_member")
