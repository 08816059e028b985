"""Files in conversations through the API: what customers sent, and what agents send."""

from io import BytesIO
from typing import Any

import pytest
from aiohttp import FormData
from sqlalchemy import select

from admin_api.services import SERVICES, Services
from crm_store import conversations, stored_files
from crm_store.files import Files
from crm_store.models.conversations import Message
from crm_store.models.files import StoredFile
from tests.admin_stage import Stage
from tests.admin_world import conversation
from tests.pictures import HTML, PDF, PNG


@pytest.fixture
def files(stage: Stage) -> Files:
    """The API's folder, for files of 1 MB."""
    return services_of(stage).files


def services_of(stage: Stage) -> Services:
    app = stage.client.app
    assert app is not None
    services: Services = app[SERVICES]
    return services


async def talk(stage: Stage) -> int:
    return await conversation(stage.store, stage.clock())


async def received(stage: Stage, number: int, attachment: dict[str, Any], kind: str = "photo") -> int:
    """A message of the customer's with this attachment; its id."""
    async with stage.store.write() as session:
        talk = await conversations.get(session, number)
        message = Message(
            conversation_id=number,
            customer_id=talk.customer_id,
            author="customer",
            kind=kind,
            attachment=attachment,
            created_at=stage.clock(),
        )
        session.add(message)
    return message.id


async def stored(stage: Stage, files: Files, number: int, content: bytes, name: str) -> int:
    taken = await files.keep(content, name)
    async with stage.store.write() as session:
        lane = await stored_files.lane_of(session, await conversations.get(session, number))
        row = await stored_files.add(session, taken, lane=lane, now=stage.clock(), claimed_by="x")
        attachment = stored_files.attachment(row)
    return await received(stage, number, attachment, attachment["type"])


async def fetch(
    stage: Stage, message: int, key: str = "agent", part: int = 0
) -> tuple[int, dict[str, str], bytes]:
    headers = {"Authorization": f"Bearer {stage.keys[key]}"}
    async with stage.client.get(f"/api/v1/messages/{message}/attachment?part={part}", headers=headers) as got:
        return got.status, dict(got.headers), await got.read()


async def test_staff_see_what_a_visitor_sent(stage: Stage, files: Files) -> None:
    number = await talk(stage)
    photo = await stored(stage, files, number, PNG, "lamp.png")
    status, headers, content = await fetch(stage, photo)
    assert (status, content, headers["Content-Type"]) == (200, PNG, "image/png")
    assert headers["Content-Disposition"] == "inline; filename*=UTF-8''lamp.png"
    page = await stored(stage, files, number, HTML, "lamp.html")
    status, headers, content = await fetch(stage, page)
    assert (content, headers["Content-Type"]) == (HTML, "application/octet-stream")
    assert headers["Content-Disposition"].startswith("attachment;")
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert (await fetch(stage, photo, "analyst"))[0] == 403


async def test_a_message_without_a_file_has_none(stage: Stage, files: Files) -> None:
    number = await talk(stage)
    place = await received(stage, number, {"type": "location", "latitude": 1.0}, "location")
    gone = await stored(stage, files, number, PNG, "x.png")
    forged = await received(stage, number, {"type": "photo", "file": "../../etc/passwd"})
    async with stage.store.read() as session:
        key = (await session.get_one(Message, gone)).attachment["file"]  # type: ignore[index]
    await files.remove([key])
    for message in (place, gone, forged, 999):
        assert (await fetch(stage, message))[0] == 404


async def test_each_file_of_an_album_is_had(
    stage: Stage, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    album = [
        {"type": "photo", "file_id": "B", "caption": "the <b>back</b>"},
        {"type": "photo", "file_id": "C"},
    ]
    number = await talk(stage)
    photo = await received(stage, number, {"type": "photo", "file_id": "A", "album": album})

    async def download(file_id: str) -> bytes | None:
        return PNG + file_id.encode()

    object.__setattr__(services_of(stage), "download", download)
    assert [(await fetch(stage, photo, part=n))[2][-1:] for n in range(3)] == [b"A", b"B", b"C"]
    assert (await fetch(stage, photo, part=3))[0] == 404
    assert (await fetch(stage, photo, part=-1))[0] == 422


async def test_a_file_at_telegram_is_fetched_through_the_bot(
    stage: Stage, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await talk(stage)
    photo = await received(stage, number, {"type": "photo", "file_id": "AgAC", "mime": "image/jpeg"})
    status, _, told = await fetch(stage, photo)
    assert (status, b"runs no bot" in told) == (409, True)
    asked = []

    async def download(file_id: str) -> bytes | None:
        asked.append(file_id)
        return PNG if len(asked) == 1 else None

    object.__setattr__(services_of(stage), "download", download)
    status, headers, content = await fetch(stage, photo)
    assert (status, content, headers["Content-Type"], asked) == (200, PNG, "image/png", ["AgAC"])
    assert (await fetch(stage, photo))[0] == 404


async def send(stage: Stage, number: int, key: str = "agent", **options: Any) -> tuple[int, Any]:
    answer = await stage.ask("POST", f"/api/v1/conversations/{number}/attachments", key=key, **options)
    return answer.status, answer.body


async def test_an_agent_sends_a_file_as_it_is(stage: Stage, files: Files) -> None:
    number = await talk(stage)
    status, message = await send(stage, number, data=PNG, params={"name": "../plan.png", "text": "The plan"})
    assert (status, message["kind"], message["text"], message["author"]) == (
        201,
        "photo",
        "The plan",
        "agent",
    )
    assert (message["delivery"], message["attachment"]["name"]) == ("pending", "plan.png")
    assert files.path(message["attachment"]["file"]).read_bytes() == PNG
    assert (await fetch(stage, message["id"]))[2] == PNG
    assert (await stage.get(f"/conversations/{number}"))["status"] == "waiting_customer"


async def test_an_agent_sends_a_file_by_a_form(stage: Stage, files: Files) -> None:
    form = FormData()
    form.add_field("text", "Your bill 发票")
    form.add_field("file", PDF, filename="bill.pdf", content_type="text/html")
    status, message = await send(stage, await talk(stage), data=form)
    assert (status, message["kind"], message["text"]) == (201, "file", "Your bill 发票")
    assert message["attachment"]["mime"] == "application/octet-stream"


async def test_words_of_a_form_keep_one_kind_of_line_ends(stage: Stage, files: Files) -> None:
    number = await talk(stage)
    told = "Dear Anna,\n\nyour bill\nis here"
    for sent in (told.replace("\n", "\r\n"), told.replace("\n", "\r"), told):
        form = FormData()
        form.add_field("text", sent)
        form.add_field("file", PDF, filename="bill.pdf")
        status, message = await send(stage, number, data=form)
        assert (status, message["text"]) == (201, told)
    form = FormData()
    form.add_field("text", "a\x00b")
    form.add_field("file", PDF, filename="bill.pdf")
    assert (await send(stage, number, data=form))[0] == 422


async def test_files_that_are_refused_leave_nothing(stage: Stage, files: Files) -> None:
    number = await talk(stage)
    big = b"x" * (1024 * 1024 + 1)

    def form(**fields: bytes | str | BytesIO) -> FormData:
        made = FormData()
        for name, value in fields.items():
            made.add_field(name, value, filename=None if isinstance(value, str) else name)
        return made

    multipart = {"Content-Type": "multipart/form-data"}
    refusals: list[tuple[int, dict[str, Any]]] = [
        (413, {"data": BytesIO(big)}),
        (413, {"data": form(file=BytesIO(big))}),
        (422, {"data": b""}),
        (415, {"data": form(text="words alone")}),
        (422, {"data": form(file2=PNG)}),
        (422, {"data": form(file=PNG, text="x" * 5000)}),
        (422, {"data": form(file=PNG, text="x" * 50_000)}),
        (422, {"data": PNG, "params": {"other": "x"}}),
        (400, {"data": b"no form", "headers": multipart}),
        (400, {"data": b"no form", "headers": {"Content-Type": "multipart/form-data; boundary=x"}}),
    ]
    for place, (status, options) in enumerate(refusals):
        answer = await send(stage, number, **options)
        assert answer[0] == status, (place, answer)
    assert (await send(stage, 999, data=PNG))[0] == 404
    assert (await send(stage, number, key="analyst", data=PNG))[0] == 403
    await stage.post(f"/conversations/{number}/take", key="admin")
    status, told = await send(stage, number, data=PNG)
    assert (status, "has this conversation" in told["detail"]) == (409, True)
    async with stage.store.read() as session:
        assert (await session.scalars(select(StoredFile))).all() == []
    assert [path for path in files.folder.rglob("*") if path.is_file()] == []


async def test_a_file_goes_with_the_erased_person(stage: Stage, files: Files) -> None:
    number = await talk(stage)
    await send(stage, number, data=PNG)
    customer = (await stage.get(f"/conversations/{number}"))["customer_id"]
    gone = await stage.post(f"/customers/{customer}/erase")
    assert gone["rows"]["stored_file"] == 1
    assert [path for path in files.folder.rglob("*") if path.is_file()] == []
