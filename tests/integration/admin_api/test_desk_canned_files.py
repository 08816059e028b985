"""A canned reply is written, and changed, with a file on the desk: by a plain form, within the limit of all files."""

from io import BytesIO
from typing import Any

import pytest
from aiohttp import FormData

from admin_api.services import SERVICES
from tests.admin_stage import Stage
from tests.desk_stage import FROM_HERE, Visitor, agent_browser

MEGABYTE = 1024 * 1024


@pytest.fixture
async def browser(stage: Stage) -> Visitor:
    return await agent_browser(stage, "supervisor")


async def sent(browser: Visitor, path: str, file: tuple[str, bytes] | None, **fields: str) -> Any:
    """The answer to the form as a browser sends it: with an empty part where no file is chosen."""
    form = FormData()
    for name, value in fields.items():
        form.add_field(name, value)
    name, content = file or ("", b"")
    form.add_field("file", BytesIO(content), filename=name, content_type="application/octet-stream")
    headers = FROM_HERE | browser.headers
    async with browser.stage.client.post(path, data=form, headers=headers, allow_redirects=True) as answer:
        return answer.status, await answer.text()


async def kept(stage: Stage) -> list[bytes]:
    """What lies in the folder of files."""
    folder = stage.client.app[SERVICES].files.folder
    return [one.read_bytes() for one in folder.rglob("*") if one.is_file()]


NEW = {"shortcode": "way", "text": "The way:", "category": "", "whose": "shared"}


async def test_a_file_comes_with_the_words_and_is_exchanged_and_taken_away(
    stage: Stage, browser: Visitor
) -> None:
    status, seen = await sent(browser, "/canned", ("map.png", b"a map"), **NEW)
    assert (status, "map.png" in seen) == (200, True)
    assert (await stage.get("/canned-replies/1"))["file"] == "map.png"
    change = {"shortcode": "way", "text": "This way:", "category": ""}
    await sent(browser, "/canned/1", None, version="2", **change)
    one = await stage.get("/canned-replies/1")
    assert (one["text"], one["file"]) == ("This way:", "map.png")
    _, seen = await sent(browser, "/canned/1", ("plan.png", b"a plan"), version=str(one["version"]), **change)
    assert "plan.png" in seen
    assert await kept(stage) == [b"a plan"]
    assert "plan.png" not in (await browser.send("/canned/1/detach")).text
    assert await kept(stage) == []


async def test_what_is_refused_leaves_no_file_behind(stage: Stage, browser: Visitor) -> None:
    status, seen = await sent(browser, "/canned", ("film.mov", b"x" * (MEGABYTE + 1)), **NEW)
    assert (status, "up to 1 MB" in seen or "1 MB" in seen) == (413, True)
    assert (await stage.get("/canned-replies"))["items"] == []
    await sent(browser, "/canned", None, **NEW)
    status, seen = await sent(browser, "/canned", ("map.png", b"a map"), **NEW)
    assert (status, "/way" in seen) == (409, True)
    status, _ = await sent(browser, "/canned", ("map.png", b"a map"), **{**NEW, "whose": "nobody"})
    assert status == 422
    status, _ = await sent(
        browser, "/canned/1", ("map.png", b"a map"), version="9", shortcode="way", text="x"
    )
    assert status == 412
    by_agent = await agent_browser(stage)
    status, _ = await sent(
        by_agent, "/canned/1", ("map.png", b"a map"), version="1", shortcode="way", text="x"
    )
    assert status == 403
    assert await kept(stage) == []
