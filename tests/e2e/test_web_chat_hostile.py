"""The web chat in a browser when things go against it: lost servers, hostile texts, other people's pages."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port
from playwright.async_api import Browser, FrameLocator, expect

from crm_store import conversations
from crm_store.engine import Store
from tests.browser import PHONE, Watched, watch
from tests.e2e.test_web_chat_browser import ask, said, texts, visit
from tests.webchat import Site, open_site

pytestmark = pytest.mark.browser

PAYLOADS = (
    "<script>window.hacked=1</script>",
    "<img src=x onerror=window.hacked=1>",
    '"><svg/onload=window.hacked=1>',
    "<iframe srcdoc='<script>parent.hacked=1</script>'></iframe>",
    "javascript:window.hacked=1",
    "<style>*{display:none}</style>",
    "{{constructor.constructor('window.hacked=1')()}}",
    "<math><mtext></form><form><mglyph><style></math><img src onerror=window.hacked=1>",
    "\u202e<b onmouseover=window.hacked=1>txt",
)


async def unhurt(watched: Watched) -> None:
    for frame in watched.page.frames:
        assert await frame.evaluate("window.hacked") is None
        assert await frame.locator(".lines :is(script, img, iframe, style, b, math, form)").count() == 0
    assert await watched.all_complaints() == []


async def test_a_restarted_server_costs_nothing(sqlite_store: Store, browser: Browser) -> None:
    port = unused_port()
    async with open_site(sqlite_store, port=port) as site:
        watched = await visit(browser, site)
        page = watched.page
        await ask(page, "Where is my order?")
        await expect(said(page, "bot", "The tracking link is in your dispatch mail.")).to_be_visible()
        clock = site.house.clock
        ann = await site.house.agent()
    await expect(page.locator("body.offline")).to_be_visible()
    await ask(page, "Is there a warranty?")
    async with sqlite_store.write() as session:
        await conversations.reply(session, 1, ann, "Ann here.", now=clock())
    async with open_site(sqlite_store, port=port):
        await expect(said(page, "agent", "Ann here.")).to_be_visible(timeout=20_000)
        await expect(page.get_by_role("img", name="Sent")).to_have_count(2)
        before = await texts(page)
        assert sorted(before) == sorted(set(before))
        await page.reload()
        await expect(said(page, "agent", "Ann here.")).to_be_visible()
        assert sorted(await texts(page)) == sorted(before)


@pytest.fixture
async def site(sqlite_store: Store) -> AsyncIterator[Site]:
    async with open_site(sqlite_store) as opened:
        yield opened


async def test_hostile_texts_and_names_stay_text(site: Site, browser: Browser) -> None:
    hostile, token = await site.introduced(name=PAYLOADS[1], language="en")
    await hostile.ask("hi")  # the greeting repeats the name
    for payload in PAYLOADS[:6]:
        await hostile.say(payload)
        await hostile.next("accepted")
    ann = await site.house.agent(name=PAYLOADS[0])
    async with site.house.store.write() as session:
        for payload in PAYLOADS:
            await conversations.reply(session, 1, ann, payload, now=site.house.clock())
    context = await browser.new_context(locale="en-GB")
    await context.add_init_script(f"localStorage.setItem('frontdesk.token', '{token}')")
    watched = await watch(context)
    page = watched.page
    await page.goto(site.url)
    await expect(said(page, "agent", PAYLOADS[-1])).to_be_visible()
    await expect(said(page, "bot", f"Hello {PAYLOADS[1]}!")).to_be_visible()
    for payload in PAYLOADS:
        await ask(page, payload)
    await expect(said(page, "customer", PAYLOADS[-1])).to_be_visible()
    await expect(page.locator(".sending")).to_have_count(0)
    await unhurt(watched)


HOST_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>A shop</title>
<meta name="viewport" content="width=device-width">
<style>body {{ font: 16px sans-serif; margin: 3rem }} iframe, button {{ display: none; width: 1px }}</style>
<script src="{chat}widget.js" async></script></head>
<body><h1>Harbour &amp; Pine</h1><p>Lamps and linen.</p></body></html>"""


@asynccontextmanager
async def host(chat_url: str) -> AsyncIterator[str]:
    """The origin of a shop's own site, with its own strict policy and styles that would spoil a guest's."""

    async def page(_request: web.Request) -> web.Response:
        policy = f"default-src 'self'; style-src 'unsafe-inline'; script-src {chat_url}; frame-src {chat_url}"
        return web.Response(
            text=HOST_PAGE.format(chat=chat_url),
            content_type="text/html",
            headers={"Content-Security-Policy": policy},
        )

    async def icon(_request: web.Request) -> web.Response:
        return web.Response(status=204)

    app = web.Application()
    app.router.add_get("/", page)
    app.router.add_get("/favicon.ico", icon)
    async with TestServer(app) as server:
        yield str(server.make_url("/")).rstrip("/")


def chat_in(watched: Watched) -> FrameLocator:
    return watched.page.frame_locator("iframe[title=Chat]")


@pytest.mark.parametrize("device", [{}, PHONE], ids=["desktop", "phone"])
async def test_the_widget_opens_on_a_shops_page(
    sqlite_store: Store, browser: Browser, device: dict[str, object]
) -> None:
    port = unused_port()
    async with (
        host(f"http://127.0.0.1:{port}/") as origin,
        open_site(sqlite_store, port=port, origins=(origin,)),
    ):
        options: dict[str, Any] = {"locale": "en-GB", "reduced_motion": "reduce", **device}
        watched = await watch(await browser.new_context(**options))
        page = watched.page
        await page.goto(origin)
        await page.get_by_role("button", name="Open the chat").click()
        chat = chat_in(watched)
        await chat.locator("#text").fill("Where is my order?")
        await chat.get_by_role("button", name="Send").click()
        await expect(chat.get_by_text("The tracking link is in your dispatch mail.")).to_be_visible()
        size = await chat.locator("html").evaluate("e => [e.scrollWidth, e.clientWidth]")
        assert size[0] == size[1]
        await watched.picture("web-widget-phone" if device else "web-widget")
        await chat.get_by_role("button", name="Close the chat").click()
        await expect(page.get_by_role("button", name="Open the chat")).to_be_focused()
        assert await watched.all_complaints() == []


async def test_a_site_that_is_not_named_cannot_frame_the_chat(site: Site, browser: Browser) -> None:
    async with host(site.url) as origin:
        watched = await watch(await browser.new_context())
        async with watched.page.expect_console_message(lambda told: "frame-ancestors" in told.text):
            await watched.page.goto(origin)
            await watched.page.get_by_role("button", name="Open the chat").click()
        assert await chat_in(watched).locator("#text").count() == 0
