"""Questions in languages the bot does not speak itself: taught, written and published as articles in theirs."""

import re
from typing import Any

import pytest

from crm_store.models.knowledge import Gap
from knowledge_base.articles import Article
from tests.admin_stage import Stage
from tests.admin_world import conversation
from tests.desk_stage import agent_browser

GERMAN = ("Kurse für Anfänger?", ("Einsteigerkurs buchen",), "Ja, samstags.")
FRENCH = ("Des cours pour débutants ?", ("cours d'initiation",), "Oui, le samedi.")
CHINESE = ("有初学者课程吗？", ("入门课程",), "有，周六。")
ENGLISH = ("Courses for beginners?", ("book a first course",), "Yes, on Saturdays.")


async def fill(stage: Stage, **by_language: tuple[str, tuple[str, ...], str]) -> dict[str, int]:
    """The ids of the article's variants, by language."""
    made, shelf = {}, []
    for language, (question, phrasings, answer) in by_language.items():
        body = {"key": "courses", "language": language, "question": question, "answer": answer}
        made[language] = (await stage.post("/articles", {**body, "phrasings": list(phrasings)}))["id"]
        shelf.append(Article("courses", question, phrasings, answer, language))
    stage.shelf.fill(*shelf)
    return made


async def unanswered(stage: Stage, question: str, language: str, offered: dict[str, str]) -> int:
    """A gap for which the article was offered."""
    talk = await conversation(stage.store, stage.clock(), text=question)
    candidates: list[dict[str, Any]] = [{"article_key": "courses", **offered}]
    async with stage.store.write() as session:
        gap = Gap(
            conversation_id=talk,
            question=question,
            language=language,
            reason="none_of_these",
            candidates=candidates,
            created_at=stage.clock(),
        )
        session.add(gap)
        await session.flush()
        return gap.id


@pytest.mark.parametrize(
    ("question", "language", "offered", "wanted"),
    [
        ("Kurs ohne Vorkenntnisse möglich?", "de", {"language": "de"}, "de"),
        ("Kurs ohne Vorkenntnisse möglich?", "de", {}, "de"),
        ("Kurs ohne Vorkenntnisse möglich?", "en", {}, "de"),  # as gaps were labelled before
        ("un cours sans expérience", "fr", {"language": "fr"}, "fr"),
        ("没有经验也能上课吗", "zh", {"language": "zh"}, "zh"),
        ("没有经验也能上课吗", "zh", {}, "zh"),
        ("a course without experience", "en", {}, "en"),
    ],
)
async def test_a_group_shows_what_was_offered_and_the_article_learns_it(
    stage: Stage, question: str, language: str, offered: dict[str, str], wanted: str
) -> None:
    made = await fill(stage, de=GERMAN, fr=FRENCH, zh=CHINESE, en=ENGLISH)
    number = await unanswered(stage, question, language, offered)
    [group] = (await stage.get("/gaps/groups"))["items"]
    assert [(one["article_id"], one["times"]) for one in group["offered"]] == [(made[wanted], 1)]
    browser = await agent_browser(stage, "supervisor")
    listed = (await browser.visit("/gaps")).text
    [taught] = re.findall(r'name="article_id" value="([0-9]+)"', listed)
    await browser.send("/gaps/teach", gaps=str(number), article_id=taught)
    article = await stage.get(f"/articles/{made[wanted]}")
    assert question in article["phrasings"]
    assert (await stage.get("/gaps/groups"))["items"] == []


async def test_an_article_that_was_offered_is_shown_in_the_language_there_is(stage: Stage) -> None:
    made = await fill(stage, de=GERMAN)
    await unanswered(stage, "a course without experience", "en", {"language": "de"})
    [group] = (await stage.get("/gaps/groups"))["items"]
    assert [(one["article_id"], one["question"]) for one in group["offered"]] == [(made["de"], GERMAN[0])]


@pytest.mark.parametrize(
    ("asked", "reply", "language", "name"),
    [
        ("Kann ich bei euch zelten?", "Ja, hinter der Halle können Sie zelten.", "de", "Deutsch"),
        ("Zelten?", "Wiese, Westseite.", "de", "Deutsch"),  # by the articles there are
        ("est-ce que je peux camper ?", "Oui, derrière la salle.", "fr", "Français"),
        ("can I camp there", "Yes, behind the hall.", "en", "English"),
        ("可以露营吗？", "可以，大厅后面有草地。", "zh", "中文"),
    ],
)
async def test_a_draft_of_a_reply_is_in_its_language_and_published_so_at_the_desk(
    stage: Stage, asked: str, reply: str, language: str, name: str
) -> None:
    await fill(stage, de=GERMAN)
    talk = await conversation(stage.store, stage.clock(), text=asked)
    said = await stage.post(f"/conversations/{talk}/reply", {"text": reply}, key="agent")
    draft = await stage.post(f"/messages/{said['id']}/draft", {}, key="agent")
    assert draft["content"]["language"] == language
    browser = await agent_browser(stage, "supervisor")
    shown = (await browser.visit(f"/drafts/{draft['id']}")).text
    assert re.findall(r'<option value="([a-z-]+)" selected>([^<]+)<', shown) == [(language, name)]
    written = {"question": draft["content"]["question"], "answer": reply, "key": "camping"}
    await browser.send(
        f"/drafts/{draft['id']}/publish", version=str(draft["version"]), language=language, **written
    )
    [article] = (await stage.get("/articles?text=camping"))["items"]
    assert (article["key"], article["language"]) == ("camping", language)


async def test_a_new_article_begins_in_the_language_of_the_others(stage: Stage) -> None:
    browser = await agent_browser(stage, "supervisor")
    chosen = r'<option value="([a-z-]+)" selected>'
    assert re.findall(chosen, (await browser.visit("/articles/new")).text) == ["en"]
    await fill(stage, de=GERMAN)
    assert re.findall(chosen, (await browser.visit("/articles/new")).text) == ["de"]
    assert re.findall(chosen, (await browser.visit("/articles/new?language=sw")).text) == ["sw"]
