"""A canned reply is written, and changed, with a file on the desk: by a plain form, within the limit of all files."""

import asyncio
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


async def sent_bytes(browser: Visitor, path: str, body: bytes, boundary: str = "; boundary=q") -> int:
    """The status of the answer to these bytes, which are said to be a form."""
    headers = FROM_HERE | browser.headers | {"Content-Type": f"multipart/form-data{boundary}"}
    async with browser.stage.client.post(path, data=body, headers=headers) as answer:
        return answer.status


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


async def test_a_form_sent_twice_is_one_wish(both_stage: Stage) -> None:
    """As a double click sends it, or whoever heard no answer, with a file and without one."""
    stage, browser = both_stage, await agent_browser(both_stage, "supervisor")
    for number, file in enumerate((("map.png", b"a map"), None), 1):
        once, new = f"?once={number:032}", NEW | {"shortcode": f"way{number}"}
        seen = [await sent(browser, f"/canned{once}", file, **new) for _ in range(2)]
        assert [status for status, _ in seen] == [200, 200]
        assert f"/way{number}" in seen[1][1]
        change = new | {
            "text": "This way:",
            "version": str((await stage.get(f"/canned-replies/{number}"))["version"]),
        }
        del change["whose"]
        both = (sent(browser, f"/canned/{number}{once}", file, **change) for _ in range(2))
        seen = [*await asyncio.gather(*both), await sent(browser, f"/canned/{number}{once}", file, **change)]
        assert [status for status, _ in seen] == [200] * 3
    assert len((await stage.get("/canned-replies"))["items"]) == 2
    assert await kept(stage) == [b"a map"], "a repeat's file is none"
    audited = [one["action"] for one in (await stage.get("/audit"))["items"]]
    assert [audited.count(f"canned_replies.{act}") for act in ("create", "change", "attach")] == [2, 2, 2]


async def test_another_file_is_another_wish(stage: Stage, browser: Visitor) -> None:
    once = f"?once={1:032}"
    change = {"shortcode": "way", "text": "The way:", "category": ""}
    await sent(browser, "/canned", None, **NEW)
    for version, content in enumerate((b"a map", b"a plan"), 1):
        name = f"/canned/1{once}"
        status, _ = await sent(browser, name, ("map.png", content), version=str(2 * version - 1), **change)
        assert status == 200
    assert await kept(stage) == [b"a plan"]


BEGUN = b'--q\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n'
FILE = BEGUN % (b"file", b'; filename="map.png"') + b"a map\r\n"


@pytest.mark.parametrize(
    "path", ["/canned", "/canned/1", "/articles/import", "/search/views", "/settings/hours"]
)
async def test_what_is_no_form_is_refused(stage: Stage, path: str) -> None:
    browser = await agent_browser(stage, "admin")
    await sent(browser, "/canned", None, **NEW)
    broken = {
        "no boundary": await sent_bytes(browser, path, b"x", ""),
        "garbage": await sent_bytes(browser, path, b"garbage"),
        "cut off": await sent_bytes(browser, path, BEGUN % (b"text", b"") + b"hello"),
        "too many headers": await sent_bytes(browser, path, b"--q\r\n" + b"a: b\r\n" * 200),
        "form inside": await sent_bytes(
            browser,
            path,
            b"--q\r\nContent-Type: multipart/mixed; boundary=r\r\n\r\n--r\r\n\r\n--r--\r\n--q--\r\n",
        ),
    }
    assert set(broken.values()) <= {400, 415, 422}, broken
    assert [one for one in await kept(stage) if one] == []


async def test_a_fault_after_the_file_leaves_no_file_behind(stage: Stage, browser: Visitor) -> None:
    long = BEGUN % (b"text", b"") + b"x" * 20_000 + b"\r\n--q--\r\n"
    nul = BEGUN % (b"text", b"") + b"\0\r\n--q--\r\n"
    for body, told in (
        (long, 422),
        (nul, 422),
        (BEGUN % (b"text", b"") + b"The w", 400),
        (b"--q--garbage", 400),
    ):
        assert await sent_bytes(browser, "/canned", FILE + body) == told, body[-20:]
        assert await kept(stage) == []
    for path in ("/canned", "/articles/import"):
        cut_off = BEGUN % (b"file", b'; filename="a.csv"') + b"question,an"
        assert await sent_bytes(browser, path, cut_off) == 400
        assert await kept(stage) == []


def part(name: bytes, words: bytes) -> bytes:
    return BEGUN % (name, b"") + words + b"\r\n"


async def test_a_form_has_each_field_once_and_no_others(stage: Stage, browser: Visitor) -> None:
    whole = FILE + part(b"shortcode", b"way") + part(b"text", b"The way:") + part(b"whose", b"shared")
    for more in (part(b"text", b"Way:"), FILE, part(b"colour", b"red"), part(b"file", b"x" * 20_000)):
        assert await sent_bytes(browser, "/canned", whole + more + b"--q--\r\n") == 422
        assert await kept(stage) == []
    assert (await stage.get("/canned-replies"))["items"] == []
    assert await sent_bytes(browser, "/canned", whole + b"--q--\r\n") == 200
    assert await kept(stage) == [b"a map"]
