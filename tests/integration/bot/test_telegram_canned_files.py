"""A canned reply with a file, by its shortcode in the staff group: what the customer got is seen there, all of it."""

from pathlib import Path

import pytest

from crm_store import canned_replies
from crm_store.canned_replies import CannedDraft
from crm_store.file_types import kind_of
from crm_store.files import Files, files_of
from crm_store.models.files import StoredFile
from crm_store.settings import StoreSettings
from crm_store.stored_files import attachment
from tests.botapi import faults
from tests.botapi.server import BotApiServer
from tests.botapi.world import Post, Topic
from tests.pictures import PDF, PNG
from tests.telegram_stage import DeskHouse, at_rest

WORDS = "Screw it to the wall."


async def prepare(house: DeskHouse, files: Files, text: str, content: bytes, name: str) -> None:
    """A canned reply /guide with these words and this file."""
    taken = await files.keep(content, name)
    async with house.store.write() as session:
        row = StoredFile(
            key=taken.key,
            name=taken.name,
            mime=taken.mime,
            size=taken.size,
            lane="",
            created_at=house.clock(),
        )
        session.add(row)
        reply = await canned_replies.create(session, CannedDraft("guide", text), now=house.clock())
        reply.attachment = attachment(row) | {"type": kind_of(taken.mime)}


def in_topic(house: DeskHouse, topic: Topic) -> list[Post]:
    """What stands in the customer's topic besides what the staff wrote themselves."""
    posts = house.group.chat.posts.values()
    return [post for post in posts if post.thread_id == topic.id and post.text != "/guide"]


async def use(
    house: DeskHouse,
    bot_api: BotApiServer,
    files: Files,
    field: str,
) -> tuple[list[Post], list[Post]]:
    """Ann writes /guide: what the customer got, and what stands in the topic."""
    zoe, topic, _ = await house.held()
    await house.ann.says("/guide", chat=house.group, thread=topic)
    await bot_api.wait_for(lambda: any(field in post.body for post in bot_api.sent(zoe.id)))
    await at_rest(house.store)
    return bot_api.sent(zoe.id), in_topic(house, topic)


@pytest.fixture
def files(desk_house: DeskHouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    """The folder of files, as the house knows it."""
    folder = files_of(StoreSettings(files_folder=str(tmp_path / "files")))
    monkeypatch.setattr(desk_house.bot.api, "_folder", folder)
    monkeypatch.setattr(desk_house.bot._errands, "_files", folder)
    return folder


@pytest.mark.parametrize(
    ("content", "name", "field"), [(PNG, "lamp.png", "photo"), (PDF, "lamp.pdf", "document")]
)
async def test_words_and_file_are_shown(
    desk_house: DeskHouse, bot_api: BotApiServer, files: Files, content: bytes, name: str, field: str
) -> None:
    await prepare(desk_house, files, WORDS, content, name)
    got, shown = await use(desk_house, bot_api, files, field)
    for posts in (got, shown):
        assert [field in post.body for post in posts].count(True) == 1
        assert [WORDS in post.text and "Last words" not in post.text for post in posts].count(True) == 1


async def test_a_picture_that_telegram_takes_for_none_is_shown_as_the_file_the_customer_got(
    desk_house: DeskHouse, bot_api: BotApiServer, files: Files
) -> None:
    bot_api.fail("sendPhoto", faults.bad_request("PHOTO_INVALID_DIMENSIONS"), times=9)
    await prepare(desk_house, files, WORDS, PNG, "lamp.png")
    for posts in await use(desk_house, bot_api, files, "document"):
        assert ["document" in post.body for post in posts].count(True) == 1
        assert [post.text == "Ann → customer: [photo]" for post in posts].count(True) <= 1
