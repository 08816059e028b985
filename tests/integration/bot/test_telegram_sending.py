"""Answers on their way to a customer: what the platform says decides what becomes of them."""

from datetime import timedelta

import pytest

from bot.channels.base import DeliveryFailed, Outcome, Outgoing
from bot.channels.telegram.api import Api
from bot.channels.telegram.sending import TelegramChannel
from tests.botapi import faults
from tests.botapi.server import BotApiServer
from tests.telegram_stage import TelegramHouse

OUTCOMES = {
    "flood": (faults.too_many_requests(7), Outcome.NOT_SENT),
    "blocked": (faults.forbidden(), Outcome.UNREACHABLE),
    "deactivated": (faults.forbidden("user is deactivated"), Outcome.UNREACHABLE),
    "never started": (faults.forbidden("bot can't initiate conversation with a user"), Outcome.UNREACHABLE),
    "no such chat": (faults.bad_request("chat not found"), Outcome.UNREACHABLE),
    "refused": (faults.bad_request("wrong file identifier"), Outcome.REFUSED),
    "moved": (faults.bad_request("group chat was upgraded", migrate_to_chat_id=-9), Outcome.REFUSED),
    "server error": (faults.server_error(500), Outcome.NOT_SENT),
    "bad gateway": (faults.server_error(502), Outcome.NOT_SENT),
    "gateway time-out": (faults.server_error(504), Outcome.AMBIGUOUS),
    "no answer": (faults.timeout(), Outcome.AMBIGUOUS),
    "dropped": (faults.dropped(takes_effect=True), Outcome.AMBIGUOUS),
    "cut answer": (faults.broken_json(), Outcome.AMBIGUOUS),
    "token refused": (faults.Fault(status=401, body='{"ok":false,"description":"x"}'), Outcome.NOT_SENT),
}


def hello(**values: object) -> Outgoing:
    return Outgoing(**({"message_id": 1, "conversation_id": 1, "channel": "telegram", "address": "5",
                        "author": "bot", "text": "hello"} | values))  # type: ignore[arg-type]  # fmt: skip


@pytest.mark.parametrize("case", OUTCOMES)
async def test_outcomes(bot_api: BotApiServer, case: str) -> None:
    fault, outcome = OUTCOMES[case]
    await bot_api.user(5).starts()
    api = Api(bot_api.token, bot_api.base_url, read_timeout=0.3)
    await api.open()
    bot_api.fail("sendMessage", fault)
    with pytest.raises(DeliveryFailed) as caught:
        await TelegramChannel(api).send(hello())
    await api.close()
    assert caught.value.outcome is outcome
    assert caught.value.retry_after == (timedelta(seconds=7) if case == "flood" else None)
    assert bot_api.token not in str(caught.value)


async def test_nobody_listening_is_surely_not_sent() -> None:
    api = Api("1:x", "http://127.0.0.1:9")
    await api.open()
    with pytest.raises(DeliveryFailed) as caught:
        await TelegramChannel(api).send(hello())
    await api.close()
    assert caught.value.outcome is Outcome.NOT_SENT


async def test_a_new_try_of_a_long_message_goes_on_where_it_stopped(bot_api: BotApiServer) -> None:
    await bot_api.user(5).starts()
    api = Api(bot_api.token, bot_api.base_url)
    await api.open()
    channel, long = TelegramChannel(api), hello(text="a" * 4096 + "b" * 4096 + "c", choices=("Yes",))
    bot_api.fail("sendMessage", faults.slow(0))
    bot_api.fail("sendMessage", faults.too_many_requests(1))
    with pytest.raises(DeliveryFailed):
        await channel.send(long)
    platform_id = await channel.send(long)
    await api.close()
    posts = bot_api.sent(5)
    assert [post.text[0] for post in posts] == ["a", "b", "c"]
    assert [post.buttons for post in posts] == [[], [], ["Yes"]]
    assert platform_id == str(posts[-1].id)


async def test_every_kind_of_file_arrives(bot_api: BotApiServer) -> None:
    zoe = bot_api.user(5)
    api = Api(bot_api.token, bot_api.base_url)
    await api.open()
    channel = TelegramChannel(api)
    for kind in ("photo", "document", "voice", "video", "video_note", "audio", "animation", "sticker"):
        sent = await zoe.sends(kind, b"content of " + kind.encode(), name="a.bin")
        part = sent.body[kind]
        file_id = (part[-1] if isinstance(part, list) else part)["file_id"]
        await channel.send(hello(text="", kind="file", attachment={"type": kind, "file_id": file_id}))
        assert kind in bot_api.sent(5)[-1].body
        assert await api.download(file_id) == b"content of " + kind.encode()
    await channel.send(hello(kind="file", attachment={"content": b"%PDF", "name": "bill.pdf"}, text="yours"))
    last = bot_api.sent(5)[-1]
    await api.close()
    assert (last.body["document"]["file_name"], last.text) == ("bill.pdf", "yours")


async def test_who_blocked_the_bot_is_unreachable_until_they_come_back(
    house: TelegramHouse, bot_api: BotApiServer
) -> None:
    zoe = bot_api.user(5, "Zoe")
    await zoe.says("hi")
    await zoe.hears("Hello")
    await zoe.blocks_bot()
    await bot_api.wait_until_confirmed()
    await zoe.unblocks_bot()
    await zoe.says("hi")
    await zoe.hears("Hello")


async def test_a_flood_wait_is_obeyed_and_the_answer_comes(
    house: TelegramHouse, bot_api: BotApiServer
) -> None:
    bot_api.fail("sendMessage", faults.too_many_requests(1))
    await bot_api.user(5, "Zoe").says("hi")
    await bot_api.user(5).hears("Hello Zoe!")
    assert len(bot_api.sent(5)) == 1


@pytest.mark.parametrize(
    "fault", [faults.dropped(takes_effect=True), faults.server_error(504, takes_effect=True)]
)
async def test_an_ambiguous_answer_comes_at_most_twice(
    house: TelegramHouse, bot_api: BotApiServer, fault: faults.Fault
) -> None:
    bot_api.fail("sendMessage", fault)
    zoe = bot_api.user(5, "Zoe")
    await zoe.says("hi")
    await bot_api.wait_for_sent(5, 2)
    await zoe.says("how long do refunds take?")
    await zoe.hears("five working days")
    assert len(bot_api.sent(5)) == 3


async def test_many_customers_at_once_each_get_their_own(house: TelegramHouse, bot_api: BotApiServer) -> None:
    people = range(100, 200)
    bot_api.pour((person, "hi") for person in people)
    bot_api.pour((person, "how long do refunds take?") for person in people)
    await bot_api.wait_for(lambda: len(bot_api.sent()) == 200, timeout=20)
    for person in people:
        texts = [post.text for post in bot_api.sent(person)]
        assert texts[0].startswith(f"Hello Customer {person}!")
        assert "five working days" in texts[1]


BOLD = ({"type": "bold", "offset": 0, "length": 4},)


@pytest.mark.parametrize(
    "refusal", ["can't parse entities: unsupported start tag", "ENTITY_BOUNDS_INVALID", "ENTITIES_TOO_LONG"]
)
async def test_words_whose_formatting_is_refused_go_plain(bot_api: BotApiServer, refusal: str) -> None:
    await bot_api.user(5).starts()
    api = Api(bot_api.token, bot_api.base_url)
    await api.open()
    bot_api.fail("sendMessage", faults.bad_request(refusal))
    platform_id = await TelegramChannel(api).send(hello(text="bold words", marks=BOLD))
    await api.close()
    (post,) = bot_api.world.sent
    assert (post.text, post.body.get("entities"), str(post.id)) == ("bold words", None, platform_id)


async def test_what_is_refused_without_formatting_too_stays_refused(bot_api: BotApiServer) -> None:
    await bot_api.user(5).starts()
    api = Api(bot_api.token, bot_api.base_url)
    await api.open()
    bot_api.fail("sendMessage", faults.bad_request("can't parse entities: x"))
    with pytest.raises(DeliveryFailed) as caught:
        await TelegramChannel(api).send(hello())
    await api.close()
    assert caught.value.outcome is Outcome.REFUSED
