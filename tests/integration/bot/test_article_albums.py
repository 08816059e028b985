"""Several photos of an article go to Telegram as one album, with what the outbox promises of every message."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crm_store.engine import Store
from crm_store.files import MEGABYTE, Files
from crm_store.models.conversations import Message
from tests.article_stage import Content, give, known
from tests.botapi import faults
from tests.botapi.server import BotApiServer
from tests.botapi.world import Post
from tests.house import open_house
from tests.pictures import PDF, PNG
from tests.telegram_stage import TelegramHouse, settings_for

LABEL = ("label.pdf", PDF)
WORDS = "Refunds take five working days."


def pictures(count: int) -> list[Content]:
    return [(f"p{n}.png", PNG + bytes([n])) for n in range(count)]


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "files", MEGABYTE)


@pytest.fixture
async def house(
    bot_api: BotApiServer, shop_store: Store, files: Files, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[TelegramHouse]:
    """A house that is not running yet, so that the article can be given its files."""
    opened = TelegramHouse(bot_api, shop_store, settings_for(bot_api))
    yield opened
    if opened.tasks:
        await opened.stop()


async def run(house: TelegramHouse, files: Files, monkeypatch: pytest.MonkeyPatch, *given: Content) -> None:
    if given:
        await give(house.store, files, "refund_time", *given)
    await house.run()
    monkeypatch.setattr(house.bot.api, "_folder", files)


async def heard(house: TelegramHouse, count: int) -> list[Post]:
    """What Zoe got, once it is so much."""
    await house.server.wait_for(lambda: len(house.server.sent(5)) >= count)
    async with house.store.read() as session:
        unsent = select(func.count()).where(Message.delivery.in_(("pending", "sending")))
        while await session.scalar(unsent):
            await session.rollback()
    return house.server.sent(5)


def kinds(posts: list[Post]) -> list[str]:
    return [next(k for k in ("photo", "document", "text") if k in post.body) for post in posts]


async def test_photos_come_as_one_album_and_documents_by_themselves(
    house: TelegramHouse, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two, three = pictures(3)
    await run(house, files, monkeypatch, one, LABEL, two, three)
    await house.server.user(5, "Zoe").says("how long do refunds take?")
    posts = await heard(house, 5)
    assert kinds(posts) == ["text", "photo", "photo", "photo", "document"]
    assert posts[0].text.startswith(WORDS)
    albums = {post.media_group_id for post in posts[1:4]}
    assert len(albums) == 1
    assert None not in albums
    assert posts[4].media_group_id is None
    sent = [await house.bot.api.find_file(post.body["photo"][-1]["file_id"]) for post in posts[1:4]]
    assert sent == [one[1], two[1], three[1]], "each its own, in their order"


@pytest.mark.parametrize(("count", "albums"), [(1, [0]), (2, [2]), (10, [10])])
async def test_an_album_has_two_to_ten(
    house: TelegramHouse, files: Files, monkeypatch: pytest.MonkeyPatch, count: int, albums: list[int]
) -> None:
    await run(house, files, monkeypatch, *pictures(count))
    await house.server.user(5, "Zoe").says("how long do refunds take?")
    posts = (await heard(house, count + 1))[1:]
    numbers = [post.media_group_id for post in posts]
    assert [
        sum(one is not None and one == number for one in numbers) for number in dict.fromkeys(numbers)
    ] == albums


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        pytest.param(faults.server_error(502), "photo", id="not answered: once more as a whole"),
        pytest.param(
            faults.bad_request("PHOTO_INVALID_DIMENSIONS"), "document", id="no pictures for Telegram"
        ),
    ],
)
async def test_an_album_that_failed_comes_whole(
    house: TelegramHouse, files: Files, monkeypatch: pytest.MonkeyPatch, fault: faults.Fault, kind: str
) -> None:
    await run(house, files, monkeypatch, *pictures(3))
    house.server.fail("sendMediaGroup", fault)
    await house.server.user(5, "Zoe").says("how long do refunds take?")
    posts = await heard(house, 4)
    assert kinds(posts) == ["text", kind, kind, kind]
    named = [post.body["document"]["file_name"] for post in posts[1:] if "document" in post.body]
    assert named == ([] if kind == "photo" else ["p0.png", "p1.png", "p2.png"])


async def test_a_server_that_stops_before_the_album_sends_it_after_the_next_start(
    house: TelegramHouse, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(house, files, monkeypatch, *pictures(3))
    house.server.fail("sendMediaGroup", faults.too_many_requests(60))
    await house.server.user(5, "Zoe").says("how long do refunds take?")
    await house.server.wait_for(lambda: any(call.method == "sendMediaGroup" for call in house.server.calls))
    await house.stop()
    assert kinds(house.server.sent(5)) == ["text"]
    async with house.store.write() as session:
        for message in await session.scalars(select(Message).where(Message.delivery == "pending")):
            message.next_try_at = None
    await run(house, files, monkeypatch)
    assert kinds(await heard(house, 4)) == ["text", "photo", "photo", "photo"]


async def test_a_picture_that_telegram_takes_for_none_comes_as_a_file(
    house: TelegramHouse, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(house, files, monkeypatch, *pictures(1))
    house.server.fail("sendPhoto", faults.bad_request("PHOTO_INVALID_DIMENSIONS"))
    await house.server.user(5, "Zoe").says("how long do refunds take?")
    assert kinds(await heard(house, 2)) == ["text", "document"]


@pytest.mark.parametrize(("count", "method"), [(1, "sendPhoto"), (3, "sendMediaGroup")])
async def test_pictures_that_telegram_takes_for_none_are_uploaded_so_once(
    house: TelegramHouse, files: Files, monkeypatch: pytest.MonkeyPatch, count: int, method: str
) -> None:
    await run(house, files, monkeypatch, *pictures(count))
    house.server.fail(method, faults.bad_request("PHOTO_INVALID_DIMENSIONS"))
    uploads = []
    for number in (5, 6):
        before = len(house.server.calls)
        await house.server.user(number, f"Customer {number}").says("how long do refunds take?")
        posts = await house.server.wait_for_sent(number, count + 1)
        assert kinds(posts) == ["text", *["document"] * count]
        # Who comes second is sent files at once.
        uploads.append(sum(len(call.params.uploads) for call in house.server.calls[before:]))
    assert uploads == [2 * count, 0]


async def test_other_channels_get_each_by_itself(store: Store, files: Files) -> None:
    async with open_house(store) as opened:
        await give(store, files, "returns", *pictures(3))
        await known(opened)
        said = await opened.say("return policy")
    assert [one.kind for one in said] == ["text", "photo", "photo", "photo"]
    assert not any((one.attachment or {}).get("album") for one in said)


async def test_the_pictures_of_an_album_are_uploaded_once(
    house: TelegramHouse, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(house, files, monkeypatch, *pictures(3))

    async def uploaded_for(number: int) -> int:
        before = len(house.server.calls)
        await house.server.user(number, f"Customer {number}").says("how long do refunds take?")
        await house.server.wait_for(lambda: len(house.server.sent(number)) >= 4)
        assert kinds(house.server.sent(number)) == ["text", "photo", "photo", "photo"]
        return sum(len(call.params.uploads) for call in house.server.calls[before:])

    assert [await uploaded_for(number) for number in (5, 6)] == [3, 0]
