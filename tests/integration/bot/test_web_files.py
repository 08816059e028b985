"""Files in the web chat: taken in, said, given back to their session, and what is refused."""

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.channels.web import limits
from crm_store import conversations, stored_files
from crm_store.engine import Store
from crm_store.files import MEGABYTE
from crm_store.models.conversations import Message
from crm_store.models.customers import Customer
from crm_store.models.files import StoredFile
from tests.pictures import HTML, PDF, PNG, SVG
from tests.webchat import Frame, Site, Visitor, open_site

SESSION = "X-Frontdesk-Session"


@pytest.fixture
async def site(sqlite_store: Store) -> AsyncIterator[Site]:
    async with open_site(sqlite_store) as opened:
        yield opened


async def upload(site: Site, token: str | None, content: Any = PNG, **headers: str) -> tuple[int, Any]:
    """Status and answer of handing a file in."""
    sent = {"X-File-Name": "me.png"} | {name.replace("_", "-"): value for name, value in headers.items()}
    if token is not None:
        sent[SESSION] = token
    async with site.client.post("/upload", data=content, headers=sent) as answer:
        return answer.status, await answer.json() if answer.status == 201 else await answer.text()


async def say_file(visitor: Visitor, key: str, text: str = "", client_id: str = "aaaaaaaa-0001") -> Frame:
    said = {"type": "say", "client_id": client_id, "text": text, "upload": key}
    await visitor.socket.send_json(said)
    return said


async def messages(site: Site) -> list[Message]:
    async with site.house.store.read() as session:
        return list(await session.scalars(select(Message).order_by(Message.id)))


async def test_a_photo_is_kept_with_the_conversation_and_shown_again(site: Site) -> None:
    visitor, token = await site.introduced()
    status, file = await upload(site, token, X_File_Name="%E7%81%AF%20lamp.png")
    assert (status, file["name"], file["mime"], file["size"]) == (201, "灯 lamp.png", "image/png", len(PNG))
    await say_file(visitor, file["file"], "my broken lamp")
    await visitor.next("accepted")
    await site.house.settle()
    first = (await messages(site))[0]
    assert (first.kind, first.text, first.attachment) == (
        "photo",
        "my broken lamp",
        {"type": "photo", **file},
    )
    history = (await (await site.visitor()).hello(token=token))["history"]
    assert (history[0]["kind"], history[0]["attachment"]) == ("photo", file)
    async with site.client.get(f"/files/{file['file']}", headers={SESSION: token}) as got:
        assert (got.status, got.content_type, await got.read()) == (200, "image/png", PNG)
        assert got.headers["Content-Disposition"].startswith("inline;")


async def test_a_file_without_words_gets_a_sensible_reply(site: Site) -> None:
    visitor, token = await site.introduced(language="en")
    _, file = await upload(site, token, PDF, X_File_Name="bill.pdf")
    await say_file(visitor, file["file"])
    assert "I have kept it" in (await visitor.next("message"))["text"]
    assert (await messages(site))[0].kind == "file"


async def test_the_other_window_sees_it_and_a_repeat_counts_once(site: Site) -> None:
    visitor, token = await site.introduced()
    other = await site.visitor()
    await other.hello(token=token)
    _, file = await upload(site, token)
    for _ in range(2):
        await say_file(visitor, file["file"])
        await visitor.next("accepted")
    assert (await other.next("message"))["attachment"] == file
    await site.house.settle()
    assert sum(message.author == "customer" for message in await messages(site)) == 1


@pytest.mark.parametrize(
    ("content", "name"), [(HTML, "photo.png"), (SVG, "logo.svg"), (SVG, "logo.png"), (PDF, "x.html")]
)
async def test_what_only_calls_itself_an_image_is_bytes_to_be_saved(
    site: Site, content: bytes, name: str
) -> None:
    _, token = await site.introduced()
    _, file = await upload(site, token, content, X_File_Name=name, Content_Type="image/png")
    assert file["mime"] == "application/octet-stream"
    async with site.client.get(f"/files/{file['file']}", headers={SESSION: token}) as got:
        assert got.content_type == "application/octet-stream"
        assert got.headers["Content-Disposition"].startswith("attachment;")
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in got.headers["Content-Security-Policy"]


async def test_a_file_is_given_to_its_own_session_only(site: Site) -> None:
    _, token = await site.introduced()
    _, strangers = await site.introduced()
    _, file = await upload(site, token)
    path = f"/files/{file['file']}"
    for headers, status in (
        ({}, 401),
        ({SESSION: "wrong"}, 401),
        ({SESSION: "x" * 5000}, 401),
        ({SESSION: strangers}, 404),
        ({"Cookie": f"session={token}"}, 401),
    ):
        async with site.client.get(path, headers=headers) as got:
            assert got.status == status, headers
            assert PNG not in await got.read()
    async with site.client.get(f"{path}?token={token}") as got:
        assert got.status == 401


@pytest.mark.parametrize(
    "path", ["/files/../frontdesk.db", "/files/%2e%2e%2ffrontdesk.db", "/files/" + "0" * 32]
)
async def test_no_path_leads_out_of_the_folder(site: Site, path: str) -> None:
    _, token = await site.introduced()
    async with site.client.get(path, headers={SESSION: token}) as got:
        assert got.status == 404


async def test_anothers_upload_cannot_be_said_nor_one_twice(site: Site) -> None:
    visitor, token = await site.introduced()
    stranger, _ = await site.introduced()
    _, file = await upload(site, token)
    await say_file(stranger, file["file"])
    assert (await stranger.next("error"))["code"] == "upload_gone"
    await say_file(visitor, file["file"])
    await visitor.next("accepted")
    await say_file(visitor, file["file"], client_id="aaaaaaaa-0002")
    refused = await visitor.next("error")
    assert (refused["code"], refused["client_id"]) == ("upload_gone", "aaaaaaaa-0002")


async def test_uploads_that_are_refused(site: Site) -> None:
    _, token = await site.introduced()

    async def chunked(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"x" * 65_536

    assert (await upload(site, None))[0] == 401
    assert (await upload(site, "wrong" * 9))[0] == 401
    assert (await upload(site, token, Origin="https://evil.example"))[0] == 403
    assert (await upload(site, token, b""))[0] == 422
    assert (await upload(site, token, BytesIO(b"x" * (MEGABYTE + 1))))[0] == 413
    assert (await upload(site, token, chunked(17)))[0] == 413
    assert (await upload(site, token, chunked(16)))[0] == 201
    async with site.house.store.read() as session:
        assert await session.scalar(select(func.count()).select_from(StoredFile)) == 1
        assert await session.scalar(select(func.count()).select_from(Customer)) == 0
    folder = site.lobby.files.folder
    assert sum(path.is_file() for path in folder.rglob("*")) == 1


async def test_names_of_all_kinds_stay_out_of_the_folder(site: Site) -> None:
    _, token = await site.introduced()
    for name in ("../../x.png", "%00.png", "%2e%2e%2f%2e%2e%2fetc%2fpasswd", "%ff%fe", "a" * 4000):
        status, file = await upload(site, token, X_File_Name=name)
        assert status == 201
        assert "/" not in file["name"]
        assert len(file["name"]) <= 128
        site.steady.now += 60
    folder = site.lobby.files.folder
    assert all(len(path.name) == 32 for path in folder.rglob("*") if path.is_file())


async def test_many_files_are_slowed_down_and_a_day_has_its_measure(site: Site) -> None:
    _, token = await site.introduced()
    burst = int(limits.UPLOADS_PER_SESSION.burst)
    statuses = [(await upload(site, token))[0] for _ in range(burst + 1)]
    assert statuses == [201] * burst + [429]
    site.steady.now += 600
    for _ in range(limits.FULL_UPLOADS_PER_DAY - 1):
        assert (await upload(site, token, BytesIO(b"x" * MEGABYTE)))[0] == 201
        site.steady.now += 60
    status, told = await upload(site, token, BytesIO(b"x" * MEGABYTE))
    assert (status, told) == (429, "that is enough for one day")


async def test_an_agents_file_reaches_the_visitor(site: Site) -> None:
    visitor, token = await site.introduced()
    await visitor.ask("talk to a person")
    ann = await site.house.agent()
    taken = await site.lobby.files.keep(PDF, "bill.pdf")
    now = site.house.clock()
    async with site.house.store.write() as session:
        lane = await stored_files.lane_of(session, await conversations.get(session, 1))
        row = await stored_files.add(session, taken, lane=lane, now=now, claimed_by="agent:1")
        attachment = stored_files.attachment(row)
        await conversations.reply(session, 1, ann, "Here it is", now=now, attachment=attachment, kind="file")
    joined = await visitor.next("message")
    assert joined["author"] == "system"
    told = await visitor.next("message")
    assert (told["author"], told["kind"], told["text"]) == ("agent", "file", "Here it is")
    async with site.client.get(f"/files/{told['attachment']['file']}", headers={SESSION: token}) as got:
        assert await got.read() == PDF


async def test_a_file_that_left_the_folder_is_not_there(site: Site) -> None:
    _, token = await site.introduced()
    _, file = await upload(site, token)
    await site.lobby.files.remove([file["file"]])
    async with site.client.get(f"/files/{file['file']}", headers={SESSION: token}) as got:
        assert got.status == 404


async def test_a_file_that_gets_no_row_goes_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    _, token = await site.introduced()

    async def fails(*_args: object, **_more: object) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(stored_files, "add", fails)
    assert (await upload(site, token))[0] == 500
    assert not any(path.is_file() for path in site.lobby.files.folder.rglob("*"))
