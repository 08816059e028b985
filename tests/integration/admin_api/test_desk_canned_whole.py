"""A canned reply and its file are written together on the desk: whatever fails, there are both or neither."""

import errno
from typing import Any

import pytest

from admin_api.desk import canned
from admin_api.services import SERVICES
from crm_store import article_files, article_import, stored_files
from crm_store.article_import import offered_by
from crm_store.errors import StoreError
from crm_store.files import Files
from tests.admin_stage import Stage
from tests.desk_stage import Visitor, agent_browser
from tests.integration.admin_api.test_desk_canned_files import NEW, kept, sent

MAP = ("map.png", b"a map")
PLAN = ("plan.png", b"a plan")
ONCE = f"?once={7:032}"
FAILS = [StoreError("no"), OSError("no"), RuntimeError("no")]


@pytest.fixture
async def browser(stage: Stage) -> Visitor:
    return await agent_browser(stage, "supervisor")


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """From here on no file gets its row."""

    async def fails(*_args: Any, **_more: Any) -> None:
        raise error

    monkeypatch.setattr(stored_files, "add", fails)


async def replies(stage: Stage) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await stage.get("/canned-replies"))["items"]
    return found


@pytest.mark.parametrize("error", FAILS, ids=lambda error: type(error).__name__)
async def test_no_canned_reply_is_left_without_its_file(
    stage: Stage, browser: Visitor, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """And the same form, sent once more when that is over, is still the one wish."""
    failing(monkeypatch, error)
    status, _ = await sent(browser, f"/canned{ONCE}", MAP, **NEW)
    assert status in (400, 500, 503)
    assert (await replies(stage), await kept(stage)) == ([], [])
    assert [one["action"] for one in (await stage.get("/audit"))["items"] if "canned" in one["action"]] == []
    monkeypatch.undo()
    for _ in range(2):
        status, seen = await sent(browser, f"/canned{ONCE}", MAP, **NEW)
        assert (status, "map.png" in seen) == (200, True)
    assert [(one["shortcode"], one["file"]) for one in await replies(stage)] == [("way", "map.png")]
    assert await kept(stage) == [b"a map"]


@pytest.mark.parametrize("error", FAILS, ids=lambda error: type(error).__name__)
async def test_a_changed_one_keeps_its_words_and_its_file(
    stage: Stage, browser: Visitor, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    await sent(browser, "/canned", MAP, **NEW)
    before = await stage.get("/canned-replies/1")
    failing(monkeypatch, error)
    change = {"shortcode": "path", "text": "This way:", "category": "", "version": str(before["version"])}
    status, _ = await sent(browser, f"/canned/1{ONCE}", PLAN, **change)
    assert status in (400, 500, 503)
    assert await stage.get("/canned-replies/1") == before
    assert await kept(stage) == [b"a map"]
    monkeypatch.undo()
    for _ in range(2):
        status, seen = await sent(browser, f"/canned/1{ONCE}", PLAN, **change)
        assert (status, "plan.png" in seen, "This way:" in seen) == (200, True, True)
    assert await kept(stage) == [b"a plan"]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
async def test_a_disk_that_fills_up_amid_the_file_is_told(
    stage: Stage, browser: Visitor, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """A quota, or other writers, are not seen when the file begins."""

    def full(*_args: object) -> None:
        raise OSError(number, "full")

    monkeypatch.setattr(Files, "_finish", full)
    browser.headers["Accept-Language"] = "en"
    status, seen = await sent(browser, "/canned", MAP, **NEW)
    assert (status, "Nothing was saved" in seen, "without the file" in seen) == (507, True, True)
    assert (await replies(stage), await kept(stage)) == ([], [])


async def test_what_cannot_be_removed_afterwards_does_no_harm(
    stage: Stage, browser: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new file is the reply's by then: the old one is swept later, as it has no row."""
    await sent(browser, "/canned", MAP, **NEW)

    def stuck(_files: Files, keys: list[str]) -> None:
        if keys:
            raise OSError(errno.EACCES, "no")

    monkeypatch.setattr(Files, "_remove", stuck)
    change = {"shortcode": "way", "text": "This way:", "category": "", "version": "2"}
    status, seen = await sent(browser, "/canned/1", PLAN, **change)
    assert (status, "plan.png" in seen) == (200, True)
    assert sorted(await kept(stage)) == [b"a map", b"a plan"]


async def test_an_error_after_the_commit_takes_no_file_away(
    stage: Stage, browser: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks(_path: str) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(canned, "see", breaks)
    status, _ = await sent(browser, "/canned", MAP, **NEW)
    assert (status, [one["file"] for one in await replies(stage)]) == (500, ["map.png"])
    assert await kept(stage) == [b"a map"]


async def test_a_file_of_articles_without_a_row_goes_again(
    stage: Stage, browser: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing(monkeypatch, StoreError("no"))
    status, _ = await sent(browser, "/articles/import", ("a.csv", b"question,answer\n"))
    assert (status, await kept(stage)) == (400, [])


async def test_a_file_that_comes_with_articles_goes_again_without_a_row(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = stage.client.app[SERVICES]
    failing(monkeypatch, StoreError("no"))
    offer = offered_by({"map.txt": b"a map"})
    with pytest.raises(StoreError):
        await article_import.hand_in(services.store, services.files, ["map.txt"], offer, now=services.clock())
    assert await kept(stage) == []


async def test_two_who_hand_in_the_same_at_once_leave_one_file(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second looks before the first has written it down."""
    services, offer = stage.client.app[SERVICES], offered_by({"map.txt": b"a map"})
    first = await article_import.hand_in(
        services.store, services.files, ["map.txt"], offer, now=services.clock()
    )
    look, looked = article_files.like, 0

    async def blind_at_first(*args: Any) -> Any:
        nonlocal looked
        looked += 1
        return await look(*args) if looked > 1 else None

    monkeypatch.setattr(article_files, "like", blind_at_first)
    again = await article_import.hand_in(
        services.store, services.files, ["map.txt"], offer, now=services.clock()
    )
    assert (again, await kept(stage)) == (first, [b"a map"])
