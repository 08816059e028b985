"""How honest confidence is, through the API and on the desk's page."""

import xml.etree.ElementTree as ET
from functools import partial

import pytest

from knowledge_base import building
from knowledge_base.articles import Article
from knowledge_base.index import build_index
from knowledge_base.samples import load_sample
from tests import admin_stage
from tests.admin_stage import Stage
from tests.desk_stage import agent_browser

SVG = "{http://www.w3.org/2000/svg}"


async def test_the_promise_and_its_curves_are_told(stage: Stage) -> None:
    assert (await stage.get("/articles/confidence"))["items"] == []
    stage.shelf.fill(*load_sample("shop_en"))

    [told] = (await stage.get("/articles/confidence"))["items"]

    assert told["script"] == "alphabetic"
    assert told["budget"] == pytest.approx(0.02)
    assert told["wrong_low"] <= told["wrong"] <= told["wrong_high"]
    assert told["evidence_count"] > 0
    assert told["learned_from_log"] == 0
    assert [each["confidence"] for each in told["reliability"]] == sorted(
        each["confidence"] for each in told["reliability"]
    )
    assert told["risk"][-1]["answered"] == pytest.approx(1)
    assert all(0 <= point["wrong"] <= 1 for point in told["risk"])


async def test_how_many_questions_of_customers_helped_is_told(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "is_better", lambda logged, plain: True)
    monkeypatch.setattr(admin_stage, "build_index", partial(build_index, log=["has the courier got it"]))
    stage.shelf.fill(*load_sample("shop_en"))
    browser = await agent_browser(stage)

    assert (await stage.get("/articles/confidence"))["items"][0]["learned_from_log"] == 1
    page = await browser.visit("/articles/confidence", **{"Accept-Language": "en"})
    assert "1 question of customers" in page.text


@pytest.mark.parametrize(("language", "word"), [("en", "answered"), ("zh", "已回答")])
async def test_the_page_shows_them_as_a_picture_in_its_language(
    stage: Stage, language: str, word: str
) -> None:
    stage.shelf.fill(*load_sample("shop_en"))
    browser = await agent_browser(stage)

    page = await browser.visit("/articles/confidence", **{"Accept-Language": language})
    picture = await browser.visit(
        "/articles/confidence.svg?script=alphabetic", **{"Accept-Language": language}
    )

    assert 'src="/articles/confidence.svg?script=alphabetic"' in page.text
    drawn = ET.fromstring(picture.text)
    assert word in [each.text for each in drawn.findall(f"{SVG}text")]
    assert len(drawn.findall(f"{SVG}circle")) > 2


ONE = Article(
    "card", "Where is my card?", ("my card has not come", "when does the card arrive"), "Look here."
)


async def test_little_evidence_is_told(stage: Stage) -> None:
    stage.shelf.fill(ONE)
    [told] = (await stage.get("/articles/confidence"))["items"]
    assert (told["evidence_count"] < 100, told["caveats"]) == (True, ["little_evidence"])
    page = await (await agent_browser(stage)).visit("/articles/confidence", **{"Accept-Language": "en"})
    assert "There is little evidence yet" in page.text
    assert "than you allow" not in page.text


TWO_GERMAN = (
    Article("preis", "Was kostet der Eintritt?", ("was kostet das", "wie teuer ist es"), "12 Euro.", "de"),
    Article("zeit", "Wann habt ihr offen?", ("wann macht ihr auf", "öffnungszeiten"), "Immer.", "de"),
)


async def test_where_no_phrasing_was_sure_enough_nothing_is_promised(stage: Stage) -> None:
    stage.shelf.fill(*TWO_GERMAN)
    [told] = (await stage.get("/articles/confidence"))["items"]
    assert told["answered"] == 0
    page = await (await agent_browser(stage)).visit("/articles/confidence", **{"Accept-Language": "en"})
    assert page.text.count("not known yet: no phrasing held out") == 2
    assert "0.0–100.0 %" not in page.text


async def test_more_wrong_answers_than_allowed_are_told(stage: Stage) -> None:
    stage.shelf.fill(*load_sample("shop_en"))
    [told] = (await stage.get("/articles/confidence"))["items"]
    assert told["wrong"] > told["budget"]
    assert "over_budget" in told["caveats"]
    page = await (await agent_browser(stage)).visit("/articles/confidence", **{"Accept-Language": "zh"})
    assert "预计答错的比例高于您允许的上限" in page.text
