"""Articles out as a file and in again: nothing is left out, hostile archives are refused, the desk shows a report."""

import base64
import io
import re
import zipfile

import pytest
from aiohttp import FormData

from admin_api.article_files import MEDIA_TYPES
from tests.admin_stage import Stage
from tests.desk_stage import agent_browser
from tests.integration.admin_api.test_api_learning import fill, labelled

CSV = "text,article,answer\nis it wrapped,gift,Yes.\nas a present,gift,\n"


async def exported(stage: Stage, kind: str) -> bytes:
    headers = {"Authorization": f"Bearer {stage.keys['analyst']}"}
    path = f"/api/v1/articles/export?format={kind}"
    async with stage.client.get(path, headers=headers) as answer:
        assert (answer.status, answer.content_type) == (200, MEDIA_TYPES[kind])  # type: ignore[index]
        return await answer.read()


def as_sent(data: bytes, kind: str) -> str:
    return base64.b64encode(data).decode() if kind == "md.zip" else data.decode()


def packed(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as folder:
        for path, content in files.items():
            folder.writestr(path, content)
    return out.getvalue()


@pytest.mark.parametrize("kind", list(MEDIA_TYPES))
async def test_an_export_that_replaces_everything_changes_nothing(stage: Stage, kind: str) -> None:
    articles = await fill(stage)
    await stage.post(f"/articles/{articles['payment']}", {"enabled": False}, method="PATCH")
    data = await exported(stage, kind)
    body = {"format": kind, "data": as_sent(data, kind), "replace": True}
    again = await stage.post("/articles/import", body)
    assert (again["added"], again["changed"], again["removed"]) == (0, 0, 0)
    kept = await stage.get(f"/articles/{articles['payment']}")
    assert (kept["enabled"], kept["version"]) == (False, 2)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (packed(**{"big.md": b"a" * 51_000_000}), "holds too much"),
        (packed(**{"../../out.en.md": b"# Out?\nYes.\n"}), "leads out of it"),
        (packed(**{"/etc/out.en.md": b"# Out?\nYes.\n"}), "leads out of it"),
        (packed(**{"c:\\out.en.md": b"# Out?\nYes.\n"}), "leads out of it"),
        (packed(**{"a.en.md": b"# Sound?\nYes.\n"})[:-30], "no ZIP"),
        (b"text", "no ZIP"),
        (packed(**{"a.en.md": b"# No answer?\n"}), "no answer"),
    ],
    ids=["size", "up", "root", "drive", "cut off", "no zip", "unsound"],
)
async def test_an_archive_that_should_not_be_unpacked_is_refused(
    stage: Stage, data: bytes, told: str
) -> None:
    body = {"format": "md.zip", "data": base64.b64encode(data).decode()}
    refused = await stage.ask("POST", "/api/v1/articles/import", json=body)
    assert refused.status == 422, refused.body
    assert told in refused.body["errors"][0]["message"]
    assert (await stage.get("/articles"))["items"] == []


async def test_a_zip_comes_in_base64(stage: Stage) -> None:
    body = {"format": "md.zip", "data": "no base64!"}
    refused = await stage.ask("POST", "/api/v1/articles/import", json=body)
    assert (refused.status, "Base64" in refused.body["errors"][0]["message"]) == (422, True)


def upload(name: str, data: bytes, **fields: str) -> FormData:
    form = FormData(fields)
    form.add_field("file", io.BytesIO(data), filename=name)
    return form


async def test_the_desk_shows_what_a_file_holds_before_it_publishes_it(stage: Stage) -> None:
    await fill(stage)
    await labelled(stage, "delivery time", "shipping", source="helped")
    browser = await agent_browser(stage, "supervisor")
    assert 'action="/articles/import"' in (await browser.visit("/articles/import")).text
    report = await browser._ask("POST", "/articles/import", {}, data=upload("faq.csv", CSV.encode()))
    assert "The file is sound: 1 article, 2 phrasings." in report.text
    assert len((await stage.get("/articles"))["items"]) == 3
    fields = {"format": "csv", "file": re.findall(r'name="file" value="([0-9a-f]{32})"', report.text)[0]}
    refused = await browser.send("/articles/import/publish", **fields, replace="yes")
    assert (refused.status, "would become wrong: “delivery time”." in refused.text) == (409, True)
    done = await browser.send("/articles/import/publish", **fields)
    assert (done.path, "Imported." in done.text) == ("/articles", True)
    assert len((await stage.get("/articles"))["items"]) == 4


async def test_the_desk_names_what_is_wrong_with_a_file(stage: Stage) -> None:
    browser = await agent_browser(stage, "supervisor")
    bad = upload("faq.csv", f"{CSV}nobody answers this,,\n".encode(), replace="yes")
    report = await browser._ask("POST", "/articles/import", {}, data=bad)
    assert "<b>Line 4</b>" in report.text
    assert "/articles/import/publish" not in report.text
    odd = await browser._ask("POST", "/articles/import", {}, data=upload("faq.txt", b""))
    assert (odd.status, ".jsonl" in odd.text) == (422, True)
    assert (await browser.send("/articles/import", replace="yes")).status == 422


async def test_the_desk_gives_all_formats_and_takes_a_zip(stage: Stage) -> None:
    await fill(stage)
    browser = await agent_browser(stage, "supervisor")
    listed = await browser.visit("/articles")
    links = re.findall(r'href="(/articles/export[^"]+)"', listed.text)
    assert [link.rpartition("=")[2] for link in links] == list(MEDIA_TYPES)
    assert "do you take cards" in (await browser.visit(links[0])).text
    file = upload("articles.md.zip", await exported(stage, "md.zip"))
    report = await browser._ask("POST", "/articles/import", {}, data=file)
    assert "The file is sound: 3 articles" in report.text


async def test_only_who_leads_brings_files(stage: Stage) -> None:
    browser = await agent_browser(stage)
    assert (await browser.visit("/articles/import")).status == 403
    assert "/articles/import" not in (await browser.visit("/articles")).text
