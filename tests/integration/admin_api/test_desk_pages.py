"""The desk's other pages: customers, knowledge base, insights, staff and keys; refusals as pages."""

import re
from datetime import timedelta

import pytest

from admin_api.access import ROLES, Access
from admin_api.contract import Audience
from admin_api.desk.insights import plotted, segments_of, shares_of
from admin_api.desk.routes import DESK
from admin_api.schemas.reports import AspectReport
from crm_store import articles, demo
from crm_store.models.knowledge import Gap
from crm_store.staff import Role
from tests.admin_stage import Stage
from tests.desk_stage import Visitor, agent_browser, customer_waits

PAGES = [r for r in DESK if r.method == "GET" and "{" not in r.path and r.needs is not Access.PUBLIC]
SCRIPTED = {"HX-Request": "true"}


async def with_demo(stage: Stage) -> None:
    async with stage.store.write() as session:
        await demo.seed(session, now=stage.clock())


def test_every_route_of_the_desk_is_for_browsers() -> None:
    assert {route.audience for route in DESK} == {Audience.BROWSERS}
    assert {route.method for route in DESK} == {"GET", "POST"}


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("filled", [False, True])
async def test_every_page_draws_for_every_role_that_may_see_it(
    stage: Stage, language: str, filled: bool
) -> None:
    if filled:
        await with_demo(stage)
        await (await agent_browser(stage, "admin")).send("/insights/scores")
    for role in Role:
        browser = await agent_browser(stage, role)
        for route in PAGES:
            if route.path == "/desk/live":
                continue
            seen = await browser.visit(route.path, **{"Accept-Language": language})
            may = role in ROLES[route.needs]
            assert seen.status == (200 if may else 403), (route.path, role)
            assert f'lang="{language}"' in seen.text or "<html" not in seen.text


@pytest.mark.parametrize(("role", "links"), [("admin", 9), ("supervisor", 8), ("agent", 7), ("analyst", 5)])
async def test_only_admins_are_shown_the_way_to_staff(stage: Stage, role: str, links: int) -> None:
    seen = await (await agent_browser(stage, role)).visit("/")
    nav = seen.text.split("<nav", 2)[1].split("</nav>")[0]
    assert nav.count("<a ") == links
    assert ('href="/staff"' in nav) is (role == "admin")
    assert ('href="/team"' in nav) is (role in ("admin", "supervisor"))


async def test_a_customer_is_found_shown_and_corrected(stage: Stage) -> None:
    await with_demo(stage)
    browser = await agent_browser(stage)
    found = await browser.visit("/customers?q=okafor")
    assert "Amara Okafor" in found.text
    assert "Liu Wei" not in found.text
    path = re.findall(r'href="(/customers/\d+)"', found.text)[0]
    shown = await browser.visit(path)
    for words in ("amara@example.com", "D1001", "215.50", "Product"):
        assert words in shown.text
    version = re.findall(r'name="version" value="(\d+)"', shown.text)[0]
    fields = {"version": version, "name": "Amara O.", "email": "amara@new.example"}
    saved = await browser.send(path, **fields)
    assert "Saved." in saved.text or "Amara O." in saved.text
    late = await browser.send(path, headers=SCRIPTED, **{**fields, "name": "someone else"})
    assert late.status == 412
    assert "Somebody changed it meanwhile" in late.text
    assert (await browser.visit("/customers?q=zzzz")).text.count("Nobody found") == 1


async def test_an_article_is_written_changed_and_brought_back(stage: Stage) -> None:
    browser = await agent_browser(stage, "supervisor")
    assert "The knowledge base is empty" in (await browser.visit("/articles")).text
    made = await browser.send(
        "/articles",
        key="opening",
        language="en",
        question="When are you open?",
        answer="From 9 to 18.",
        phrasings="opening hours\n\n opening hours \nare you open today",
        tags="shop, hours",
        enabled="yes",
    )
    assert "Published." in made.text, made.text
    path = made.path
    await browser.send(path, version=1, question="When are you open?", answer="From 10 to 18.", enabled="yes")
    stale = await browser.send(path, headers=SCRIPTED, version=1, question="When?", answer="never")
    assert stale.status == 412
    back = await browser.send("/articles/restore", key="opening", language="en", version=1)
    assert "From 9 to 18." in back.text
    async with stage.store.read() as session:
        [past, *_] = await articles.versions(session, "opening", "en")
    assert past.version == 3
    assert past.draft is not None
    assert past.draft.phrasings == ("opening hours", "are you open today")
    empty = await browser.send(path, headers=SCRIPTED, version=3, question="", answer="x")
    assert empty.status == 422
    gone = await browser.send(f"{path}/remove", version=3)
    assert "Taken away." in gone.text
    agent = await agent_browser(stage)
    assert (await agent.send("/articles", key="x", question="q", answer="a")).status == 403


async def test_a_gap_is_listed_and_closed(stage: Stage) -> None:
    number = await customer_waits(stage, "do you sell elephants?")
    async with stage.store.write() as session:
        gap = Gap(
            conversation_id=number,
            question="do you sell <elephants>?",
            language="en",
            reason="unknown",
            created_at=stage.clock(),
        )
        session.add(gap)
    browser = await agent_browser(stage, "supervisor")
    listed = await browser.visit("/gaps")
    assert "do you sell &lt;elephants&gt;?" in listed.text
    link = re.findall(r'href="(/articles/new\?[^"]+)"', listed.text)[0].replace("&amp;", "&")
    assert 'value="do you sell &lt;elephants&gt;?"' in (await browser.visit(link)).text
    assert "Nothing is unanswered" in (await browser.send(f"/gaps/{gap.id}", state="closed")).text


async def test_a_group_of_gaps_becomes_an_article_or_phrasings_of_one(stage: Stage) -> None:
    number = await customer_waits(stage, "do you sell elephants?")
    asked = ("do you sell elephants?", "can I buy an elephant", "elephants for sale?", "is there parking")
    async with stage.store.write() as session:
        for question in asked:
            values = {"language": "en", "reason": "unknown", "created_at": stage.clock()}
            offered = [{"article_key": "animals"}] if question == "is there parking" else []
            session.add(Gap(conversation_id=number, question=question, candidates=offered, **values))
    browser = await agent_browser(stage, "supervisor")
    made = await browser.send("/articles", key="animals", language="en", question="Animals?", answer="None.")
    listed = await browser.visit("/gaps")
    assert "asked: 3 · customers: 1" in listed.text
    (link, _) = re.findall(r'href="(/articles/new\?[^"]+)"', listed.text)
    begun = (await browser.visit(link.replace("&amp;", "&"))).text
    assert "Begun with 3 questions" in begun
    assert all(question in begun for question in asked[:3])
    numbers = re.findall(r'name="gaps" value="([0-9,]+)"', begun)[0]
    published = await browser.send(
        "/articles",
        key="elephants",
        language="en",
        question="Elephants?",
        answer="No elephants.",
        gaps=numbers,
    )
    assert "Published." in published.text
    listed = await browser.visit("/gaps")
    assert "Did not do (×1)" in listed.text
    parking = re.findall(r'name="gaps" value="([0-9]+)"', listed.text)[0]
    article_id = made.path.partition("?")[0].rpartition("/")[2]
    taught = await browser.send("/gaps/teach", gaps=parking, article_id=article_id)
    assert "is there parking" in taught.text
    assert "Nothing is unanswered" in (await browser.visit("/gaps")).text
    assert (await browser.visit("/articles/new?gaps=1,x")).status == 422


async def test_the_insights_tell_what_the_report_tells(stage: Stage) -> None:
    await with_demo(stage)
    browser = await agent_browser(stage, "supervisor")
    start = (stage.clock() - timedelta(days=30)).isoformat()
    told = await stage.get("/reports/summary", params={"start": start, "end": stage.clock().isoformat()})
    seen = await browser.visit("/insights")
    assert f"{told['ratings']['csat']:.0%}" in seen.text
    assert "No segments yet" in seen.text
    scored = await browser.send("/insights/scores")
    assert "Scores and segments are computed." in scored.text
    assert scored.text.count('class="segment-row"') == len((await stage.get("/segments"))["segments"])
    assert (await browser.visit("/insights?days=8")).status == 422


def test_what_the_plots_draw() -> None:
    rows = [
        AspectReport(day="2026-03-01", aspect="price", mean=100, ratings=1),
        AspectReport(day="2026-03-02", aspect="price", mean=40, ratings=3),
        AspectReport(day="2026-03-02", aspect="service", mean=75, ratings=2),
    ]
    assert plotted(rows) == {
        "days": ["2026-03-01", "2026-03-02"],
        "series": [
            {"name": "price", "values": [100, 40]},
            {"name": "service", "values": [None, 75]},
        ],
    }
    assert segments_of(None) == []
    assert segments_of([{"name": "a", "size": 3}, {"name": "b", "size": 1}])[0]["share"] == 0.75
    grouped = segments_of([
        {"name": "a", "size": 3, "centroid": {"amount": 10.0}},
        {"name": "b", "size": 1, "centroid": {"amount": 90.0}},
        {"name": "c", "size": 4, "centroid": {"amount": None}},
    ])  # fmt: skip
    assert shares_of(grouped) == [[37.5, 12.5, 50.0], [25.0, 75.0, 0.0]]
    assert shares_of(grouped[2:]) == [[50.0]], "without orders there is no value to share"


async def test_staff_are_added_linked_and_shut_out(stage: Stage) -> None:
    browser = await agent_browser(stage, "admin")
    added = await browser.send("/staff", name="Noor", role="agent", languages="en, zh")
    code = re.findall(r'class="code secret">([A-Z2-7]{26})<', added.text)[0]
    newcomer = await Visitor(stage).send("/sign-in", code=code)
    assert newcomer.path == "/password"
    stage.client.session.cookie_jar.clear()
    number = stage.agents["agent"]
    linking = await browser.send(f"/staff/{number}/code", purpose="telegram")
    assert re.search(r"/link [A-Z2-7]{26}<", linking.text)
    assert "code secret" not in (await browser.visit("/staff")).text, "a code is shown once"
    await browser.send(f"/staff/{number}/access", disabled="yes")
    assert (await (await agent_browser(stage)).visit("/")).path == "/sign-in"
    twice = await browser.send("/staff", headers=SCRIPTED, name="Noor")
    assert (twice.status, twice.headers["HX-Retarget"]) == (409, "#notices")


async def test_a_key_is_shown_once_and_works_until_revoked(stage: Stage) -> None:
    browser = await agent_browser(stage, "admin")
    made = await browser.send("/staff/keys", name="till", role="analyst")
    key = re.findall(r'class="code secret">([^<]+)<', made.text)[0]
    assert (await stage.get("/me", key=key))["roles"] == ["analyst"]
    listed = await browser.visit("/staff")
    assert key not in listed.text
    revoke = re.findall(r'action="(/staff/keys/\d+/revoke)\?', listed.text)[-1]
    await browser.send(revoke)
    assert (await stage.ask("GET", "/api/v1/me", key=key)).status == 401


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/nothing-here", 404, "There is nothing here"),
        ("/conversations/999999", 404, "There is nothing here"),
        ("/conversations/x", 404, "There is nothing here"),
        ("/staff", 403, "This is not open to you"),
        ("/customers?limit=0", 422, "Something in the form is not right"),
    ],
)
async def test_refusals_are_pages_for_who_reads_pages(
    stage: Stage, path: str, status: int, words: str
) -> None:
    seen = await (await agent_browser(stage)).visit(path)
    assert (seen.status, seen.headers["Content-Type"]) == (status, "text/html; charset=utf-8")
    assert words in seen.text
    assert 'href="/"' in seen.text
    programs = await stage.ask("GET", path, key="agent")
    assert (programs.status, programs.body["status"]) == (status, status)


async def test_a_page_of_a_session_that_ended_is_told_to_sign_in(stage: Stage) -> None:
    told = await Visitor(stage).visit("/desk/lists", **SCRIPTED)
    assert told.headers["HX-Redirect"] == "/sign-in"
    assert told.text == ""


@pytest.mark.parametrize(("page", "back"), [
    ("http://desk.example/articles/new?gaps=3#words", "/sign-in?back=/articles/new?gaps%3D3"),
    ("http://desk.example/", "/sign-in"),
    ("http://[", "/sign-in"),
    ("nowhere", "/sign-in?back=nowhere"),  # which leads to the desk
])  # fmt: skip
async def test_who_saves_when_a_session_has_ended_comes_back_to_the_page(
    stage: Stage, page: str, back: str
) -> None:
    told = await Visitor(stage).visit("/desk/lists", **SCRIPTED, **{"HX-Current-URL": page})
    assert told.headers["HX-Redirect"] == back


async def test_every_page_keeps_the_content_policy(stage: Stage) -> None:
    await with_demo(stage)
    browser = await agent_browser(stage, "admin")
    for route in PAGES:
        if route.path == "/desk/live":
            continue
        seen = await browser.visit(route.path)
        policy = seen.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=|hx-on", seen.text), (
            route.path
        )
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', seen.text), route.path
