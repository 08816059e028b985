"""Files of articles and drafts through the API and on the desk's pages."""

import asyncio
import io
import re
from typing import Any

from aiohttp import FormData

from crm_store import stored_files
from knowledge_base.articles import Article
from tests.admin_stage import Answer, Stage
from tests.admin_world import conversation
from tests.desk_stage import agent_browser
from tests.integration.admin_api.test_api_learning import fill
from tests.pictures import HTML, PDF, PNG

API = "/api/v1"


async def attach(
    stage: Stage, at: str, name: str = "label.pdf", content: Any = PDF, key: str = "supervisor", **more: Any
) -> Answer:
    return await stage.ask("POST", f"{API}{at}/attachments?name={name}", data=content, key=key, **more)


async def names(stage: Stage, number: int) -> list[str]:
    return [one["name"] for one in (await stage.get(f"/articles/{number}/attachments", "analyst"))["items"]]


async def test_files_come_go_and_come_back_with_their_versions(both_stage: Stage) -> None:
    stage = both_stage
    number = (await fill(stage))["returns"]
    at = f"/articles/{number}"
    first = await attach(stage, at)
    assert (first.status, first.body["version"], first.headers["ETag"]) == (201, 2, '"2"')
    second = await attach(stage, at, "way.png", PNG)
    label, way = second.body["attachments"]
    told = (await stage.get(f"{at}/attachments"))["items"]
    assert told[1] == {"file": way, "name": "way.png", "mime": "image/png", "size": len(PNG)}
    for file, content, kind in ((label, PDF, "application/octet-stream"), (way, PNG, "image/png")):
        headers = {"Authorization": f"Bearer {stage.keys['analyst']}"}
        async with stage.client.get(f"{API}/article-files/{file}", headers=headers) as got:
            assert (got.status, got.content_type, await got.read()) == (200, kind, content)
    gone = await stage.ask("DELETE", f"{API}{at}/attachments/{label}")
    assert (gone.status, gone.body["attachments"], await names(stage, number)) == (200, [way], ["way.png"])
    changed = await stage.post(at, {"attachments": [way, label]}, method="PATCH")
    assert (changed["version"], await names(stage, number)) == (5, ["way.png", "label.pdf"])
    await stage.post("/articles/restore", {"key": "returns", "version": 1})
    assert await names(stage, number) == []
    await stage.post("/articles/restore", {"key": "returns", "version": 3})
    assert await names(stage, number) == ["label.pdf", "way.png"]
    versions = (await stage.get(f"{at}/versions"))["items"]
    assert [len(one["content"]["attachments"]) for one in versions] == [2, 0, 2, 1, 2, 1, 0]


async def test_what_a_colleague_changed_meanwhile_is_not_written_over(both_stage: Stage) -> None:
    stage = both_stage
    article, draft = f"/articles/{(await fill(stage))['returns']}", f"/drafts/{await drafted(stage)}"
    for at, field in ((article, "answer"), (draft, "answer")):
        read = (await stage.ask("GET", f"{API}{at}", key="supervisor")).body["version"]
        changed = await stage.ask("PATCH", f"{API}{at}", key="supervisor", json={field: "By post."})
        assert changed.status == 200
        refused = await attach(stage, at, headers={"If-Match": f'"{read}"'})
        assert (refused.status, refused.body["kind"]) == (412, "changed_meanwhile")
        now = changed.body["version"]
        for name in ("label.pdf", "way.pdf"):
            given = await attach(stage, at, name, headers={"If-Match": f'"{now}"'})
            now += 1
            assert (given.status, given.headers["ETag"]) == (201, f'"{now}"')


async def test_of_files_given_to_a_draft_at_once_each_is_there(both_stage: Stage) -> None:
    at = f"/drafts/{await drafted(both_stage)}"
    given = await asyncio.gather(*(attach(both_stage, at, f"{n}.pdf") for n in range(5)))
    assert {one.status for one in given} == {201}
    shown = (await both_stage.get(at, "agent"))["content"]["attachments"]
    assert len(set(shown)) == 5


async def test_a_new_article_names_files_that_were_handed_in_before(stage: Stage) -> None:
    form = FormData()
    form.add_field("file", PNG, filename="way.png")
    handed_in = await stage.ask("POST", f"{API}/article-files", data=form, key="agent")
    assert handed_in.status == 201
    body = {"key": "way", "question": "Where are you?", "answer": "At the harbour."}
    made = await stage.post("/articles", {**body, "attachments": [handed_in.body["file"]]})
    assert await names(stage, made["id"]) == ["way.png"]
    lost = {**body, "key": "lost", "attachments": ["0" * 32]}
    refused = await stage.ask("POST", f"{API}/articles", json=lost)
    assert (refused.status, "hand it in first" in refused.body["detail"]) == (422, True)


async def test_what_is_refused_says_why_and_leaves_nothing(stage: Stage) -> None:
    number = (await fill(stage))["returns"]
    at = f"/articles/{number}"
    label = (await attach(stage, at)).body["attachments"][0]
    refusals = (
        (await attach(stage, at, "page.html", HTML), 422, "does not go along with answers; there go png"),
        (await attach(stage, at, "way.png", HTML), 422, "is not what its name says"),
        (await attach(stage, at, "long.txt", io.BytesIO(b"x" * (2**20 + 1))), 413, "larger than"),
        (await attach(stage, at, "none.txt", b""), 422, "empty"),
        (await attach(stage, at), 409, "already"),
        (await attach(stage, at, "b.txt", b"b", headers={"If-Match": '"1"'}), 412, "meanwhile"),
        (await attach(stage, "/articles/4711"), 404, "no article"),
        (await attach(stage, at, key="agent"), 403, ""),
        (await stage.ask("DELETE", f"{API}{at}/attachments/{'0' * 32}"), 404, "has no file"),
        (await stage.ask("DELETE", f"{API}{at}/attachments/{label}", key="agent"), 403, ""),
        (await stage.ask("GET", f"{API}/article-files/{'0' * 32}"), 404, "no file"),
        (await stage.ask("GET", f"{API}/article-files/..%2Fx"), 404, ""),
    )
    for answer, status, told in refusals:
        assert (answer.status, told in str(answer.body)) == (status, True), answer.body
    assert (await stage.get(at))["version"] == 2
    for n in range(4):
        assert (await attach(stage, at, f"{n}.txt", b"n")).status == 201
    full = await attach(stage, at, "6.txt", b"n")
    assert (full.status, "5 files at most" in full.body["detail"]) == (422, True)


async def test_two_who_attach_at_once_lose_neither_file(stage: Stage) -> None:
    number = (await fill(stage))["returns"]
    at = f"/articles/{number}"
    both = await asyncio.gather(*(attach(stage, at, f"{n}.txt", b"n") for n in range(2)))
    kept = await names(stage, number)
    assert sorted(kept) == sorted(f"{n}.txt" for n, one in enumerate(both) if one.status == 201)
    assert {one.status for one in both} <= {201, 409}


async def test_a_file_of_a_conversation_is_no_articles_file(stage: Stage) -> None:
    talk = await conversation(stage.store, stage.clock())
    sent = await stage.ask("POST", f"{API}/conversations/{talk}/attachments?name=bill.pdf", data=PDF)
    private = sent.body["attachment"]["file"]
    assert (await stage.ask("GET", f"{API}/article-files/{private}")).status == 404
    number = (await fill(stage))["returns"]
    refused = await stage.ask("PATCH", f"{API}/articles/{number}", json={"attachments": [private]})
    assert refused.status == 422


async def drafted(stage: Stage) -> int:
    talk = await conversation(stage.store, stage.clock(), text="can I pay by bank transfer")
    reply = await stage.post(f"/conversations/{talk}/reply", {"text": "Yes, you can."}, "agent")
    return int((await stage.post(f"/messages/{reply['id']}/draft", None, "agent"))["id"])


async def test_a_drafts_files_are_published_with_it(stage: Stage) -> None:
    number = await drafted(stage)
    at = f"/drafts/{number}"
    await attach(stage, at, key="agent")
    with_both = (await attach(stage, at, "way.png", PNG, key="agent")).body
    label, way = with_both["content"]["attachments"]
    await stage.ask("DELETE", f"{API}{at}/attachments/{label}", key="agent")
    published = await stage.post(f"{at}/publish", None, "supervisor")
    assert published["attachments"] == [way]
    assert (await attach(stage, at, "late.pdf", key="agent")).status == 409


async def test_the_pages_show_the_files_and_what_the_customer_gets(stage: Stage) -> None:
    number = (await fill(stage))["returns"]
    blank = "Dear {customer.first_name|customer}, order {order.number} can be sent back."
    await stage.post(f"/articles/{number}", {"answer": blank}, method="PATCH")
    browser = await agent_browser(stage, "supervisor")
    at = f"/articles/{number}"
    assert f'data-upload="{API}{at}/attachments"' in (await browser.visit(at)).text
    await attach(stage, at)
    file = (await attach(stage, at, "way.png", PNG)).body["attachments"][1]
    page = (await browser.visit(at)).text
    preview = page[page.index('id="answer-preview"') :]
    assert "Dear customer, order … can be sent back." in preview
    assert f'<img src="{API}/article-files/{file}" alt="way.png"' in preview
    assert preview.index("can be sent back") < preview.index("label.pdf") < preview.index("way.png")
    version = re.findall(r'name="version" value="(\d+)" form="writing"', page)
    done = await browser.send(f"{at}/files/remove", file=file, version=version[0])
    assert (done.path, await names(stage, number)) == (at, ["label.pdf"])
    stale = await browser.send(f"{at}/files/remove", file=file, version=version[0])
    assert stale.status == 412
    looker = await agent_browser(stage, "agent")
    shown = (await looker.visit(at)).text
    assert "label.pdf" in shown
    assert "data-upload" not in shown
    draft = await drafted(stage)
    key = (await attach(stage, f"/drafts/{draft}", "way.png", PNG)).body["content"]["attachments"][0]
    assert "way.png" in (await looker.visit(f"/drafts/{draft}")).text
    version = re.findall(r'name="version" value="(\d+)"', (await looker.visit(f"/drafts/{draft}")).text)
    await looker.send(f"/drafts/{draft}/files/remove", file=key, version=version[0])
    assert "way.png" not in (await looker.visit(f"/drafts/{draft}")).text


async def test_a_suggested_answer_names_its_files_and_each_is_sent_as_a_copy(both_stage: Stage) -> None:
    stage = both_stage
    number = (await fill(stage))["returns"]
    file = (await attach(stage, f"/articles/{number}")).body["attachments"][0]
    told = "Put it into the box it came in."
    stage.shelf.fill(Article("returns", "How do I return it?", ("return it",), told, attachments=(file,)))
    talk = await conversation(stage.store, stage.clock(), text="how do I return it")
    [offered] = (await stage.get(f"/conversations/{talk}/suggestions", "agent"))["items"]
    assert (offered["text"], [one["name"] for one in offered["files"]]) == (told, ["label.pdf"])
    at, body = f"/conversations/{talk}/attachments/of-article", {"file": file, "text": told}
    sent = [await stage.post(at, body, "agent") for _ in range(2)]
    copies = {one["attachment"]["file"] for one in sent}
    assert {(one["text"], one["kind"], one["attachment"]["name"]) for one in sent} == {
        (told, "file", "label.pdf")
    }
    assert len(copies | {file}) == 3
    async with stage.store.write() as session:
        assert set(await stored_files.forget_conversations(session, [talk])) == copies
    assert await names(stage, number) == ["label.pdf"]
    for wrong in (sent[0]["attachment"]["file"], "0" * 32):
        refused = await stage.ask("POST", f"{API}{at}", json={"file": wrong}, key="agent")
        assert refused.status == 404
