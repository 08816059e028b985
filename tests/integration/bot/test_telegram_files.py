"""Files of our own folder on Telegram: sent to customers and into the staff group; and theirs, fetched for staff."""

from pathlib import Path

import pytest

from bot.channels.base import DeliveryFailed, Outcome, Outgoing
from bot.channels.telegram.api import Api
from bot.channels.telegram.sending import TelegramChannel
from bot.clock import system_clock
from crm_store import conversations, stored_files
from crm_store.engine import Store
from crm_store.file_types import kind_of
from crm_store.files import Files, files_of
from crm_store.models.files import StoredFile
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.botapi.server import BotApiServer
from tests.pictures import GIF, HTML, JPEG, PDF, PNG
from tests.telegram_stage import DeskHouse, TelegramHouse


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "files", 20 * 1024 * 1024)


def outgoing(attachment: dict[str, object], text: str = "") -> Outgoing:
    return Outgoing(1, 1, "telegram", "5", "agent", text, kind=str(attachment["type"]), attachment=attachment)


async def test_our_own_files_are_sent_as_what_they_are(bot_api: BotApiServer, files: Files) -> None:
    await bot_api.user(5).starts()
    api = Api(bot_api.token, bot_api.base_url, files=files)
    await api.open()
    channel = TelegramChannel(api)
    large = JPEG + bytes(10 * 1024 * 1024)
    for content, name, field in (
        (PNG, "lamp.png", "photo"),
        (JPEG, "x", "photo"),
        (GIF, "wave.gif", "animation"),
        (PDF, "bill.pdf", "document"),
        (HTML, "page.png", "document"),
        (large, "huge.jpg", "document"),
    ):
        taken = await files.keep(content, name)
        row = StoredFile(key=taken.key, name=taken.name, mime=taken.mime, size=taken.size)
        await channel.send(outgoing(stored_files.attachment(row), "look"))
        post = bot_api.sent(5)[-1]
        assert field in post.body, name
        assert post.text == "look"
        part = post.body[field]
        file_id = (part[-1] if isinstance(part, list) else part)["file_id"]
        assert await api.download(file_id) == content
    await api.close()


@pytest.mark.parametrize("has_folder", [True, False])
async def test_a_file_that_cannot_be_read_is_refused_not_tried_for_ever(
    bot_api: BotApiServer, files: Files, has_folder: bool
) -> None:
    await bot_api.user(5).starts()
    api = Api(bot_api.token, bot_api.base_url, files=files if has_folder else None)
    await api.open()
    gone = {"type": "file", "file": "0" * 32, "name": "x.pdf", "mime": "application/octet-stream", "size": 5}
    with pytest.raises(DeliveryFailed) as failed:
        await TelegramChannel(api).send(outgoing(gone))
    await api.close()
    assert failed.value.outcome is Outcome.REFUSED


async def kept(store: Store, files: Files, lane: str, content: bytes, name: str) -> dict[str, object]:
    taken = await files.keep(content, name)
    async with store.write() as session:
        row = await stored_files.add(session, taken, lane=lane, now=system_clock(), claimed_by="tests")
        return stored_files.attachment(row)


async def test_an_agents_file_from_the_api_reaches_the_customer_and_the_topic(
    desk_house: DeskHouse, bot_api: BotApiServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = files_of(StoreSettings(files_folder=str(tmp_path / "files")))
    monkeypatch.setattr(desk_house.bot.api, "_folder", files)
    _, topic, _ = await desk_house.queued()
    attachment = await kept(desk_house.store, files, "telegram:5", PNG, "lamp.png")
    now = desk_house.clock()
    async with desk_house.store.write() as session:
        ann = await session.get_one(Agent, 1)
        kind = kind_of(str(attachment["mime"]))
        await conversations.reply(session, 1, ann, "like this", now=now, attachment=attachment, kind=kind)
    await bot_api.wait_for(lambda: any("photo" in post.body for post in bot_api.sent(5)))
    assert next(post for post in bot_api.sent(5) if "photo" in post.body).text == "like this"
    posts = desk_house.group.chat.posts
    await bot_api.wait_for(
        lambda: any("photo" in post.body and post.thread_id == topic.id for post in posts.values())
    )


async def test_what_a_customer_sent_is_fetched_and_what_is_gone_is_none(
    house: TelegramHouse, bot_api: BotApiServer
) -> None:
    zoe = bot_api.user(5, "Zoe")
    sent = await zoe.sends("photo", PNG, name="lamp.png")
    await zoe.hears("I have kept it")
    assert await house.bot.api.find_file(sent.body["photo"][-1]["file_id"]) == PNG
    assert await house.bot.api.find_file("unheard-of") is None
