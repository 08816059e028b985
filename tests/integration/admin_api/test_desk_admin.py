"""The admin area's settings and audit pages."""

import re

import pytest
from pydantic import SecretStr
from pydantic_settings import SettingsConfigDict

from admin_api.desk.settings_page import lines_of
from crm_store import audit
from crm_store.settings import Settings
from tests.admin_stage import Stage
from tests.desk_stage import agent_browser


class Secretive(Settings):
    """Settings of which one is a secret."""

    model_config = SettingsConfigDict(env_prefix="FRONTDESK_TEST_", env_file=None, toml_file=None)
    token: SecretStr = SecretStr("hunter2")
    database_url: str = "postgresql://me:hunter2@db/x"
    limit: int = 3


def test_no_secret_is_shown() -> None:
    lines = lines_of(Secretive(limit=4), address="postgresql://me:***@db/x")
    assert "hunter2" not in str(lines)
    assert [(line.name, line.value, line.is_default) for line in lines] == [
        ("FRONTDESK_TOKEN", "•••", True),
        ("FRONTDESK_DATABASE_URL", "postgresql://me:***@db/x", True),
        ("FRONTDESK_LIMIT", "4", False),
    ]


async def test_admins_see_the_settings_in_force(stage: Stage) -> None:
    seen = await (await agent_browser(stage, "admin")).visit("/settings")
    assert "FRONTDESK_MAX_UPLOAD_MB" in seen.text
    assert (await (await agent_browser(stage, "supervisor")).visit("/settings")).status == 403


async def test_who_leads_reads_the_audit_page_by_page_and_by_subject(stage: Stage) -> None:
    for n in range(55):
        await stage.post("/canned-replies", {"shortcode": f"c{n}"}, "supervisor")
    browser = await agent_browser(stage, "supervisor")
    first = await browser.visit("/audit")
    assert 'title="canned_reply:55"' in first.text
    assert 'title="canned_reply:3"' not in first.text
    link = first.text.split('class="more"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
    assert 'title="canned_reply:3"' in (await browser.visit(link)).text
    one = await browser.visit("/audit?subject=canned_reply:7")
    assert 'title="canned_reply:7"' in one.text
    assert 'title="canned_reply:8"' not in one.text
    assert (await (await agent_browser(stage)).visit("/audit")).status == 403


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("en", ["The command line", "Somebody not signed in", "The system"]),
        ("zh", ["命令行", "未登录者", "系统"]),
    ],
)
async def test_who_is_nobody_of_the_staff_is_named_in_words(
    stage: Stage, language: str, shown: list[str]
) -> None:
    async with stage.store.write() as session:
        for actor in ("command line", "anonymous", "system", "agent:1 Ann Lee", "key:2 Till"):
            await audit.record(session, actor=actor, action="x.y", subject="z", now=stage.clock())
    browser = await agent_browser(stage, "admin")
    browser.headers["Cookie"] += f"; frontdesk_language={language}"
    page = await browser.visit("/audit?subject=z")
    who = re.findall('<td data-label="(?:Who|谁)">.*?<bdi>(.*?)</bdi>', page.text)
    assert who[::-1] == [*shown, "Ann Lee", "Till"]


@pytest.mark.parametrize(("language", "told"), [("en", "took the conversation"), ("zh", "接待了对话")])
async def test_what_was_done_is_told_in_words(stage: Stage, language: str, told: str) -> None:
    """What was written down by a newer or older program stands there as it is."""
    async with stage.store.write() as session:
        for action in ("conversations.take", "old.deed"):
            await audit.record(session, actor="system", action=action, subject="z", now=stage.clock())
    browser = await agent_browser(stage, "admin")
    browser.headers["Cookie"] += f"; frontdesk_language={language}"
    page = await browser.visit("/audit?subject=z")
    assert f">{told}<" in page.text
    assert ">old.deed<" in page.text
    assert ">conversations.take<" not in page.text
