"""Files on disk and their rows: complete or not there, whose they are, and gone with their people."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from crm_store import conversations, customers, privacy, stored_files
from crm_store.engine import Store
from crm_store.errors import InvalidValue, NotFound
from crm_store.files import INCOMING, OWNER, RESERVE, Files, NoRoom, TooLarge
from crm_store.models.conversations import Conversation
from crm_store.models.staff import Agent
from tests.pictures import HTML, PNG

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CANARY = b"QZXV8841 the canary"


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "files", 1000)


def lying(files: Files) -> list[Path]:
    return [path for path in files.folder.rglob("*") if path.is_file() and path.name != OWNER]


async def stream(*chunks: bytes | Exception) -> AsyncIterator[bytes]:
    for chunk in chunks:
        if isinstance(chunk, Exception):
            raise chunk
        yield chunk


async def test_a_stream_becomes_a_file_named_by_chance(files: Files) -> None:
    taken = await files.take_in(stream(PNG[:3], PNG[3:]), "../holiday.png")
    assert (taken.name, taken.mime, taken.size) == ("holiday.png", "image/png", len(PNG))
    path = files.path(taken.key)
    assert path.read_bytes() == PNG
    assert "holiday" not in str(path)
    assert path.stat().st_mode & 0o077 == 0
    other = await files.keep(PNG, "holiday.png")
    assert other.key != taken.key


async def test_new_files_stay_with_their_rows_or_go(files: Files) -> None:
    used, needless, refused = [await files.keep(PNG, f"{n}.png") for n in range(3)]
    async with files.new(used.key, needless.key) as going:
        going.add(needless.key)
    with pytest.raises(NotFound, match="no conversation"):
        async with files.new(refused.key):
            raise NotFound("there is no conversation 7")
    assert lying(files) == [files.path(used.key)]


@pytest.mark.parametrize("error", [OperationalError("COMMIT", None, OSError()), asyncio.CancelledError()])
async def test_new_files_stay_where_nobody_knows_whether_their_rows_were_written(
    files: Files, error: BaseException
) -> None:
    """The database went away amid the COMMIT, or who waited for it did: a row without its file cannot be mended."""
    kept = await files.keep(PNG, "a.png")
    with pytest.raises(type(error)):
        async with files.new(kept.key):
            raise error
    assert lying(files) == [files.path(kept.key)]


@pytest.mark.parametrize(
    ("chunks", "error"),
    [
        ((b"x" * 600, b"x" * 401), TooLarge),
        ((), InvalidValue),
        ((b"half", ConnectionResetError()), ConnectionResetError),
    ],
)
async def test_what_fails_leaves_nothing_behind(
    files: Files, chunks: tuple[bytes | Exception, ...], error: type[Exception]
) -> None:
    with pytest.raises(error):
        await files.take_in(stream(*chunks), "x")
    assert lying(files) == []


async def test_a_nearly_full_disk_takes_nothing(files: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage:
        free = RESERVE

    monkeypatch.setattr("crm_store.files.shutil.disk_usage", lambda _: Usage)
    with pytest.raises(NoRoom, match="nearly full"):
        await files.keep(PNG, None)


@pytest.mark.parametrize(
    "key", ["../../etc/passwd", "", "a" * 31, "A" * 32, "0" * 32, "00/" + "0" * 29, "..%2f"]
)
async def test_a_key_is_no_path(files: Files, key: str) -> None:
    with pytest.raises(NotFound):
        files.path(key)
    await files.remove([key])


async def test_one_message_of_one_sender_claims_a_file(store: Store, files: Files) -> None:
    taken = await files.keep(HTML, "page.png")
    async with store.write() as session:
        await stored_files.add(session, taken, lane="web:w_1", now=NOW)

    async def claim(lane: str, message: str) -> bool:
        async with store.write() as session:
            return await stored_files.claim(session, taken.key, lane=lane, claimed_by=message) is not None

    assert not await claim("web:w_2", "m1")
    assert await claim("web:w_1", "m1")
    assert await claim("web:w_1", "m1")
    assert not await claim("web:w_1", "m2")
    async with store.read() as session:
        row = await stored_files.find(session, taken.key)
        assert row is not None
        assert stored_files.attachment(row) == {
            "type": "file",
            "file": taken.key,
            "name": "page.png",
            "mime": "application/octet-stream",
            "size": len(HTML),
        }
        assert await stored_files.volume(session, "web:w_1", since=NOW) == len(HTML)
        assert await stored_files.volume(session, "web:w_1", since=NOW + timedelta(seconds=1)) == 0


async def sent(store: Store, files: Files, address: str, content: bytes) -> tuple[int, int, str]:
    """A customer who got a file from an agent: (customer, conversation, key)."""
    taken = await files.keep(content, "bill.pdf")
    async with store.write() as session:
        customer, identity = await customers.for_identity(session, "web", address, now=NOW)
        agent = Agent(name=f"Ann {address}", role="agent", created_at=NOW)
        values = {
            "customer_id": customer.id,
            "identity_id": identity.id,
            "channel": "web",
            "status": "assigned",
        }
        session.add(agent)
        await session.flush()
        talk = Conversation(**values, agent_id=agent.id, created_at=NOW, last_message_at=NOW)
        session.add(talk)
        await session.flush()
        lane = await stored_files.lane_of(session, talk)
        row = await stored_files.add(session, taken, lane=lane, now=NOW, claimed_by="agent:1")
        attachment = stored_files.attachment(row)
        await conversations.reply(session, talk.id, agent, "", now=NOW, attachment=attachment, kind="file")
        return customer.id, talk.id, taken.key


async def test_erasing_a_person_erases_their_files_and_nobody_elses(store: Store, files: Files) -> None:
    customer, _, key = await sent(store, files, "w_1", CANARY)
    unclaimed = await files.keep(CANARY, "never said")
    async with store.write() as session:
        await stored_files.add(session, unclaimed, lane="web:w_1", now=NOW)
    _, _, others = await sent(store, files, "w_2", b"somebody else's")
    async with store.write() as session:
        erased = await privacy.erase_person(session, customer, now=NOW, erased_by="tests")
    assert sorted(erased.files) == sorted([key, unclaimed.key])
    await files.remove(erased.files)
    assert [path.name for path in lying(files)] == [others]
    assert not any(CANARY in path.read_bytes() for path in lying(files))


@pytest.mark.parametrize("way", ["deleted", "aged"])
async def test_files_go_with_what_is_deleted(
    store: Store, files: Files, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    customer, talk, _ = await sent(store, files, "w_1", CANARY)
    _, _, others = await sent(store, files, "w_2", b"somebody else's")
    async with store.write() as session:
        if way == "deleted":
            await customers.remove(session, customer)
        else:
            conversation = await session.get_one(Conversation, talk)
            conversation.status, conversation.resolved_at = "resolved", NOW
            await session.flush()
            await privacy.delete_resolved(session, before=NOW + timedelta(days=1))
    assert await stored_files.sweep(store, files, now=NOW) == 0  # too young: its row might still come
    monkeypatch.setattr(stored_files, "SETTLED_S", -10.0)
    assert await stored_files.sweep(store, files, now=NOW) == 1
    assert [path.name for path in lying(files)] == [others]


async def test_what_no_message_claims_goes_after_a_day(
    store: Store, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken = await files.keep(PNG, None)
    begun = files.folder / INCOMING / ("a" * 32)
    begun.write_bytes(b"half")
    (files.folder / "README").write_text("the owner's own")
    async with store.write() as session:
        await stored_files.add(session, taken, lane="web:w_1", now=NOW)
    monkeypatch.setattr(stored_files, "SETTLED_S", -10.0)
    assert await stored_files.sweep(store, files, now=NOW + timedelta(hours=23)) == 0
    assert files.path(taken.key)
    assert await stored_files.sweep(store, files, now=NOW + timedelta(hours=25)) == 1
    assert [path.name for path in lying(files)] == ["README"]


async def test_a_folder_of_another_database_is_left_alone(
    store: Store, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sent(store, files, "w_1", PNG)
    monkeypatch.setattr(stored_files, "SETTLED_S", -10.0)
    await stored_files.sweep(store, files, now=NOW)
    own = await files.owner()
    (files.folder / OWNER).write_text("somebody else")
    stray = await files.keep(PNG, None)
    assert await stored_files.sweep(store, files, now=NOW) == 0
    assert files.path(stray.key)
    (files.folder / OWNER).write_text(own or "")
    assert await stored_files.sweep(store, files, now=NOW) == 1


async def test_a_folder_nobody_owns_is_not_taken_by_a_store_that_knows_none_of_it(
    store: Store, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    stray = await files.keep(PNG, None)
    monkeypatch.setattr(stored_files, "SETTLED_S", -10.0)
    assert await stored_files.sweep(store, files, now=NOW) == 0
    assert files.path(stray.key)
    assert await files.owner() is None
