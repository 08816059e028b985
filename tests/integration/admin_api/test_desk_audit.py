"""The audit page names what it speaks of, leads there, and says what was deleted; ids are tooltips."""

import html
import re

import pytest

from admin_api.desk import texts
from admin_api.schemas.cases import CaseFields
from crm_store import audit
from crm_store.audit_names import KINDS
from tests.admin_stage import Stage
from tests.audit_steps import ARTICLE
from tests.desk_stage import Visitor, agent_browser, customer_waits
from tests.integration.admin_api.test_api_cases import opened
from tests.query_counter import counted_queries

CELL = re.compile(r'<td[^>]* data-label="(?P<label>[^"]+)"[^>]*>(?P<what>.*?)</td>', re.DOTALL)


def plain(text: str) -> str:
    return " ".join(html.unescape(re.sub("<svg.*?</svg>|<[^>]+>", " ", text)).split())


async def rows(browser: Visitor, language: str = "en") -> list[list[str]]:
    """The cells of the page, tags and all."""
    browser.headers["Cookie"] += f"; frontdesk_language={language}"
    page = (await browser.visit("/audit")).text
    return [[one["what"] for one in CELL.finditer(row)] for row in page.split("<tr>")[2:]]


async def written(stage: Stage, subject: str, action: str = "x.y", **detail: object) -> None:
    async with stage.store.write() as session:
        await audit.record(
            session,
            actor=f"agent:{stage.agents['agent']} the agent",
            action=action,
            subject=subject,
            now=stage.clock(),
            detail=dict(detail),
        )


@pytest.mark.parametrize(
    ("language", "kind", "setting"),
    [("en", "Conversation", "Setting How agents get conversations"), ("zh", "对话", "设置")],
)
async def test_things_are_called_by_their_names_and_lead_there(
    stage: Stage, language: str, kind: str, setting: str
) -> None:
    number = await customer_waits(stage, "hi", name="Ann & Co")
    to = stage.agents["supervisor"]
    await written(stage, f"conversation:{number}", "conversations.transfer", to=to, agent_id=to)
    article = await stage.post("/articles", ARTICLE)
    await stage.post("/settings/dispatch", {"value": "pull"}, method="PUT")
    changed, created, moved = await rows(await agent_browser(stage, "admin"), language)
    assert f'title="conversation:{number}"' in moved[3]
    assert f'href="/conversations/{number}"' in moved[3]
    assert plain(moved[3]).startswith(f"{kind} Ann & Co")
    assert "the supervisor" in plain(moved[4])
    assert f'href="/articles/{article["id"]}"><bdi>{ARTICLE["question"]}</bdi>' in created[3]
    assert 'href="/settings#dispatch"' in changed[3]
    assert plain(moved[1]) == "the agent"
    assert f'title="agent:{stage.agents["agent"]}"' in moved[1]
    for cells in (changed, created, moved):
        assert not re.search(r"(agent|conversation|article|setting):", plain(" ".join(cells)))
    assert setting in plain(changed[3])


async def test_what_was_deleted_says_so(stage: Stage) -> None:
    await stage.post("/articles", ARTICLE)
    await stage.ask("DELETE", "/api/v1/articles/1", headers={"If-Match": '"1"'})
    await written(stage, "customer:999", merged_id=998)
    [gone, *_, created] = await rows(await agent_browser(stage, "admin"))
    assert plain(gone[3]).startswith("Customer deleted")
    assert plain(gone[4]) == "merged: Customer deleted"
    assert plain(created[3]).startswith("Article deleted")
    assert "/articles/" not in created[3]


async def test_a_supervisor_is_led_nowhere_they_may_not_go_and_reads_no_personal_reply(stage: Stage) -> None:
    own = {"shortcode": "bye", "text": "Bye", "personal": True}
    await stage.post("/canned-replies", own, "agent")
    await stage.post("/settings/dispatch", {"value": "pull"}, method="PUT")
    changed, wrote = await rows(await agent_browser(stage, "supervisor"))
    assert "/settings" not in changed[3]
    assert "/staff" not in "".join((*changed, *wrote))
    assert "/canned/" not in wrote[3]
    assert "bye" not in wrote[3]


async def test_every_kind_has_a_word_in_both_languages_and_one_query(stage: Stage) -> None:
    for kind in sorted(KINDS):
        await written(stage, f"{kind}:1", message_id=3, changed=["team"], until="2026-03-03T09:00:00Z")
    browser = await agent_browser(stage, "admin")
    for language in ("en", "zh"):
        assert len(await rows(browser, language)) == len(KINDS)
    with counted_queries(stage.store) as few:
        await rows(browser)
    for kind in sorted(KINDS):
        await written(stage, f"{kind}:2", message_id=4)
    with counted_queries(stage.store) as many:
        await rows(browser)
    assert len(many) == len(few)


@pytest.mark.parametrize(
    ("language", "owner", "words", "step"),
    [
        (
            "en",
            "changed: owner · before: owner: the agent",
            "changed: what the customer is told",
            "before: state: approved · state: paid",
        ),
        (
            "zh",
            "更改: 负责人 · 之前: 负责人: the agent",
            "更改: 告知客户的内容",
            "之前: 状态: 已同意 · 状态: 已退款",
        ),
    ],
)
async def test_what_became_of_a_case_is_told_in_words(
    stage: Stage, language: str, owner: str, words: str, step: str
) -> None:
    case = await opened(stage, await customer_waits(stage, "hi"))
    for sent in ({"state": "approved"}, {"state": "paid"}, {"told": "On its way."}, {"owner_id": None}):
        await stage.post(f"/cases/{case['id']}", sent, "agent", "PATCH")
    newest = (await rows(await agent_browser(stage, "admin"), language))[:3]
    assert [plain(one[4]) for one in newest] == [owner, words, step]
    [_, told, paid, *_] = (await stage.get(f"/audit?subject=case:{case['id']}", "admin"))["items"]
    assert told["detail"] == {"changed": ["told"]}, "the words themselves are in no entry"
    assert paid["detail"] == {"was": {"state": "approved"}, "state": "paid"}


@pytest.mark.parametrize("language", texts.SUPPORTED)
def test_every_field_of_a_case_has_a_name_in_the_audit(language: str) -> None:
    words = texts.Words(language)
    assert [name for name in CaseFields.model_fields if not words.maybe(f"audit_field.{name}", "")] == []
