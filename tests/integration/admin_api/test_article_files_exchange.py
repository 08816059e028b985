"""Articles with files, out through the API and in again: nothing is lost, and what cannot go along is named."""

import base64
import io
import json
import re
import secrets
from typing import Any

import pytest

from admin_api.article_files import MEDIA_TYPES
from knowledge_base import exchange_markdown
from tests.admin_stage import Answer, Stage
from tests.desk_stage import agent_browser
from tests.integration.admin_api.test_api_article_files import attach, names
from tests.integration.admin_api.test_api_learning import fill
from tests.integration.admin_api.test_article_files import as_sent, exported, packed, upload
from tests.pictures import HTML, PDF, PNG

PAGE = b"---\nquestion: Where are you?\nattachments: [way.en/way.png]\n---\nAt the harbour.\n"


async def imported(stage: Stage, body: dict[str, Any]) -> Answer:
    return await stage.ask("POST", "/api/v1/articles/import", json=body, key="supervisor")


async def handed_in(stage: Stage, data: bytes, name: str) -> str:
    path = f"/api/v1/articles/import/files?name={name}"
    answer = await stage.ask("POST", path, data=io.BytesIO(data), key="supervisor")
    assert answer.status == 201, answer.body
    return str(answer.body["file"])


@pytest.mark.parametrize("kind", list(MEDIA_TYPES))
async def test_an_export_that_replaces_everything_keeps_every_file(both_stage: Stage, kind: str) -> None:
    stage = both_stage
    number = (await fill(stage))["returns"]
    for name, content in (("label.pdf", PDF), ("way.png", PNG)):
        await attach(stage, f"/articles/{number}", name, content)
    before = await stage.get(f"/articles/{number}")
    data = await exported(stage, kind)
    body = {"format": kind, "data": as_sent(data, kind), "replace": True}
    again = (await imported(stage, body)).body
    assert (again["added"], again["changed"], again["removed"]) == (0, 0, 0)
    await stage.ask("DELETE", f"/api/v1/articles/{number}")
    back = (await imported(stage, body)).body
    assert (back["added"], back["changed"], back["removed"]) == (1, 0, 0)
    found = (await stage.get("/articles?text=return"))["items"]
    [article] = [one for one in found if one["key"] == "returns"]
    assert article["attachments"] == before["attachments"]
    assert await names(stage, article["id"]) == ["label.pdf", "way.png"]


@pytest.mark.parametrize(
    ("kind", "data", "told"),
    [
        ("csv", b"text,article,answer,attachments\nhow,a,Yes.,label.pdf\n", "is not there; put it beside"),
        (
            "jsonl",
            b'{"key": "a", "answer": "Yes.", "attachments": ["' + b"0" * 32 + b'"]}',
            "hand it in first",
        ),
        ("yaml", b"- {key: a, answer: 'Yes.', attachments: [1]}", "list of texts"),
        ("yaml", b"- {key: a, answer: 'Yes.', attachments: [a, b, c, d, e, f]}", "keep 5 at most"),
        ("md.zip", packed(**{"way.en.md": PAGE}), "is not there; put it beside"),
        ("md.zip", packed(**{"way.en.md": PAGE, "way.en/way.png": HTML}), "is not what its name says"),
        ("md.zip", packed(**{"way.en.md": PAGE, "way.en/way.png": b""}), "is empty"),
        (
            "md.zip",
            packed(**{"way.en.md": PAGE, "way.en/way.png": PNG + bytes(2**20)}),
            "has 1.0 MB; files may",
        ),
        ("md.zip", packed(**{"way.en.md": PAGE.replace(b"way.en/way.png", b"../x.png")}), "leads out of"),
    ],
)
async def test_what_cannot_go_along_is_named_and_nothing_is_imported(
    stage: Stage, kind: str, data: bytes, told: str
) -> None:
    refused = await imported(stage, {"format": kind, "data": as_sent(data, kind)})
    assert refused.status == 422
    errors = [one["message"] for one in refused.body["errors"]]
    assert any(told in one for one in errors), errors
    assert kind != "md.zip" or all("way.en.md" in one for one in errors)
    assert (await stage.get("/articles"))["items"] == []


async def test_what_is_too_large_for_a_body_is_handed_in_first(stage: Stage) -> None:
    pictures = {f"way.en/{n}.png": PNG + secrets.token_bytes(700_000) for n in range(3)}
    page = PAGE.replace(b"way.en/way.png", b", ".join(path.encode() for path in pictures))
    data = packed(**{"way.en.md": page, **pictures})
    assert len(data) > stage.settings.current.max_upload_mb * 2**20
    sent = json.dumps({"format": "md.zip", "data": base64.b64encode(data).decode()}).encode()
    kind = {"Content-Type": "application/json"}
    large = await stage.ask("POST", "/api/v1/articles/import", data=io.BytesIO(sent), headers=kind)
    assert large.status == 413
    key = await handed_in(stage, data, "faq.md.zip")
    assert (await imported(stage, {"format": "md.zip", "file": key})).body["added"] == 1
    assert await names(stage, 1) == ["0.png", "1.png", "2.png"]
    both, neither = {"format": "csv", "file": key, "data": "x"}, {"format": "csv"}
    for body in (both, neither):
        assert "give either data or file" in str((await imported(stage, body)).body)
    assert (await imported(stage, {"format": "csv", "file": "0" * 32})).status == 404
    attached = (await stage.get("/articles/1"))["attachments"][0]
    assert (await imported(stage, {"format": "csv", "file": attached})).status == 404, "no file of articles"


async def test_the_desk_takes_a_large_zip_and_counts_the_files(stage: Stage) -> None:
    pictures = {f"way.en/{n}.png": PNG + secrets.token_bytes(700_000) for n in range(3)}
    page = PAGE.replace(b"way.en/way.png", b", ".join(path.encode() for path in pictures))
    browser = await agent_browser(stage, "supervisor")
    form = upload("faq.zip", packed(**{"way.en.md": page, **pictures}), replace="yes")
    report = await browser._ask("POST", "/articles/import", {}, data=form)
    assert "The file is sound: 1 article, 0 phrasings. 3 files go along with the answers." in report.text
    assert "All articles that are not in this file will be taken away." in report.text
    fields = dict(re.findall(r'type="hidden" name="(format|file|replace)" value="([^"]+)"', report.text))
    done = await browser.send("/articles/import/publish", **fields)
    assert "Imported." in done.text
    assert await names(stage, 1) == ["0.png", "1.png", "2.png"]
    bad = upload("faq.zip", packed(**{"way.en.md": PAGE}))
    report = await browser._ask("POST", "/articles/import", {}, data=bad)
    assert "is not there; put it beside the articles" in report.text
    assert "/articles/import/publish" not in report.text


SAID_BEFORE = {"category": "Orders", "tags": ["parcel"], "valid_until": "2030-01-01T00:00:00Z"}
SILENT = "text,article,answer,language\nsend it back,returns,Within 60 days.,en\n"
EMPTY = "text,article,answer,language,attachments\nsend it back,returns,Within 60 days.,en,\n"


async def test_what_a_file_does_not_speak_of_stays_and_an_empty_column_takes_it_away(
    both_stage: Stage,
) -> None:
    stage = both_stage
    number = (await fill(stage))["returns"]
    await attach(stage, f"/articles/{number}", "label.pdf", PDF)
    before = await stage.post(f"/articles/{number}", SAID_BEFORE, method="PATCH")
    assert (await imported(stage, {"format": "csv", "data": SILENT})).body["changed"] == 1
    after = await stage.get(f"/articles/{number}")
    assert (after["answer"], after["phrasings"]) == ("Within 60 days.", ["send it back"])
    for name in ("attachments", "question", "enabled", *SAID_BEFORE):
        assert after[name] == before[name], name
    again = await imported(stage, {"format": "csv", "data": SILENT, "replace": True})
    assert (again.body["changed"], again.body["removed"]) == (0, 2)
    assert (await imported(stage, {"format": "csv", "data": EMPTY})).body["changed"] == 1
    emptied = await stage.get(f"/articles/{number}")
    assert (emptied["attachments"], emptied["category"]) == ([], "Orders")


async def test_what_stays_is_checked_with_what_comes(stage: Stage) -> None:
    """Alone the file is sound; over the date that stays, its article would never be seen."""
    number = (await fill(stage))["returns"]
    await stage.post(f"/articles/{number}", {"valid_from": "2026-06-01T00:00:00Z"}, method="PATCH")
    data = "text,article,answer,language,valid_until\nsend it back,returns,Yes.,en,2026-01-01\n"
    refused = await imported(stage, {"format": "csv", "data": data})
    assert refused.status == 422
    assert "valid until before it is valid from" in refused.body["errors"][0]["message"]
    browser = await agent_browser(stage, "supervisor")
    report = await browser._ask(
        "POST", "/articles/import", {}, data=upload("faq.csv", data.encode(), replace="")
    )
    assert "valid until before it is valid from" in report.text
    assert "/articles/import/publish" not in report.text


async def test_a_file_without_answers_leaves_those_that_are_there(stage: Stage) -> None:
    number = (await fill(stage))["returns"]
    before = await stage.get(f"/articles/{number}")
    data = "text,article,language\nmay I send it back,returns,en\n"
    assert (await imported(stage, {"format": "csv", "data": data})).body["changed"] == 1
    after = await stage.get(f"/articles/{number}")
    assert (after["answer"], after["phrasings"]) == (before["answer"], ["may I send it back"])
    refused = await imported(stage, {"format": "csv", "data": data + "how,new,en\n"})
    assert [one["field"] for one in refused.body["errors"]] == ["data, line 3"]
    assert "'new' has no answer" in refused.body["errors"][0]["message"]


@pytest.mark.parametrize("spoken", [False, True])
@pytest.mark.parametrize("kind", ["jsonl", "yaml", "md.zip"])
async def test_a_record_without_a_field_keeps_it_and_an_empty_field_takes_it_away(
    stage: Stage, kind: str, spoken: bool
) -> None:
    number = (await fill(stage))["returns"]
    before = (await attach(stage, f"/articles/{number}", "label.pdf", PDF)).body
    record: dict[str, Any] = {"key": "returns", "language": "en"}
    record |= {"attachments": [], "phrasings": []} if spoken else {}
    page = f"---\n{json.dumps(record)}\n---\nWithin 60 days.\n".encode()
    whole = json.dumps(record | {"answer": "Within 60 days."})
    data = (
        packed(**{"returns.en.md": page})
        if kind == "md.zip"
        else f"{'- ' * (kind == 'yaml')}{whole}".encode()
    )
    done = await imported(stage, {"format": kind, "data": as_sent(data, kind)})
    assert (done.status, done.body.get("changed")) == (200, 1), done.body
    after = await stage.get(f"/articles/{number}")
    assert after["answer"] == "Within 60 days."
    kept = ([], []) if spoken else (before["attachments"], before["phrasings"])
    assert (after["attachments"], after["phrasings"]) == kept


async def test_a_zip_that_could_not_be_imported_is_refused_with_another_way(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await fill(stage)
    monkeypatch.setattr(exchange_markdown, "MOST_BYTES", 100)
    answer = await stage.ask("GET", "/api/v1/articles/export?format=md.zip")
    assert answer.status == 413
    assert "frontdesk kb export FOLDER" in answer.body["detail"]
