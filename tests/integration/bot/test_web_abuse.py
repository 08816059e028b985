"""The web chat against nonsense, floods and strange origins; and what its pages forbid."""

from collections.abc import AsyncIterator

import pytest
from aiohttp import WSMsgType, WSServerHandshakeError

from bot.channels.web import limits
from crm_store.engine import Store
from tests.webchat import Site, open_site

SHOP = "https://shop.example"


@pytest.fixture
async def site(sqlite_store: Store) -> AsyncIterator[Site]:
    async with open_site(sqlite_store, origins=(SHOP,), trusted_proxies=frozenset({"127.0.0.1"})) as opened:
        yield opened


async def test_nonsense_is_answered_and_the_chat_goes_on(site: Site) -> None:
    visitor, _ = await site.introduced()
    for nonsense in ("{", "[]", '{"type":"erase"}', '{"type":"hello"}'):
        await visitor.socket.send_str(nonsense)
        assert (await visitor.next("error"))["code"] == "bad_frame"
    await visitor.socket.send_bytes(b"\xff\xfe")
    assert (await visitor.next("error"))["code"] == "bad_frame"
    assert (await visitor.ask("hi"))["author"] == "bot"


@pytest.mark.parametrize(
    ("first", "code"), [("{}", "bad_frame"), ('{"type":"press","message_id":1,"index":0}', "hello_first")]
)
async def test_who_does_not_say_hello_is_dismissed(site: Site, first: str, code: str) -> None:
    visitor = await site.visitor()
    await visitor.socket.send_str(first)
    assert (await visitor.next("error"))["code"] == code
    assert (await visitor.socket.receive()).type is WSMsgType.CLOSE


async def test_a_text_may_be_long_but_not_too_long(site: Site) -> None:
    visitor, _ = await site.introduced(language="zh")
    client_id = await visitor.say("很" * 4097)
    refused = await visitor.next("error")
    assert (refused["code"], refused["client_id"]) == ("too_long", client_id)
    assert "4097" in refused["text"]
    assert "每次最多 4096" in refused["text"]
    await visitor.say("x" * 4096)
    await visitor.next("accepted")


async def test_a_frame_that_is_far_too_large_ends_the_connection(site: Site) -> None:
    visitor, _ = await site.introduced()
    await visitor.say("x" * 70_000)
    received = await visitor.socket.receive()
    assert (received.type, received.data) == (WSMsgType.CLOSE, 1009)


async def test_a_flood_is_refused_while_others_are_served(site: Site) -> None:
    loud, _ = await site.introduced()
    for _ in range(int(limits.PER_SESSION.burst) + 1):
        await loud.say("hi")
    # On a busy machine it may be told before that its words are delayed.
    while (refused := await loud.next("error"))["code"] == "delayed":
        pass
    assert refused["code"] == "too_fast"
    assert refused["client_id"] == f"00000000-{int(limits.PER_SESSION.burst) + 1:04}"
    quiet, _ = await site.introduced()
    assert (await quiet.ask("hi"))["author"] == "bot"
    site.steady.now += 1
    await loud.say("hi", refused["client_id"])
    assert (await loud.next("accepted"))["client_id"] == refused["client_id"]


async def test_who_does_not_stop_is_cut_off(site: Site) -> None:
    loud, _ = await site.introduced()
    for _ in range(80):
        await loud.socket.send_str("{")
    while (received := await loud.socket.receive()).type is WSMsgType.TEXT:
        pass
    assert (received.type, received.data) == (WSMsgType.CLOSE, 1008)


async def test_one_network_address_gets_only_so_many_new_customers(site: Site) -> None:
    for _ in range(int(limits.NEWCOMERS_PER_PEER.burst)):
        visitor, _ = await site.introduced()
        await visitor.ask("hi")
        await visitor.socket.close()
    one_more, _ = await site.introduced()
    await one_more.say("hi")
    assert (await one_more.next("error"))["code"] == "too_fast"
    elsewhere = await site.visitor(**{"X-Forwarded-For": "198.51.100.7"})
    await elsewhere.hello()
    assert (await elsewhere.ask("hi"))["author"] == "bot"


async def test_one_network_address_gets_only_so_many_connections(site: Site) -> None:
    visitors = [await site.visitor() for _ in range(limits.SOCKETS_PER_PEER)]
    with pytest.raises(WSServerHandshakeError) as full:
        await site.visitor()
    assert full.value.status == 503
    await (await site.visitor(**{"X-Forwarded-For": "198.51.100.7"})).hello()
    await visitors[0].hello()
    await visitors[0].socket.close()
    await (await site.visitor()).hello()


@pytest.mark.parametrize("origin", [SHOP, None])
async def test_our_own_and_the_named_sites_may_connect(site: Site, origin: str | None) -> None:
    headers = {"Origin": origin or site.url.rstrip("/")}
    assert (await (await site.visitor(**headers)).hello())["history"] == []


async def test_other_sites_may_not_connect(site: Site) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await site.visitor(Origin="https://evil.example")
    assert refused.value.status == 403


async def test_pages_carry_a_strict_policy(site: Site) -> None:
    page = await site.client.get("/", headers={"Accept-Language": "zh-CN"})
    policy = page.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
    assert policy.endswith(f"frame-ancestors 'self' {SHOP}")
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["Server"] == "frontdesk"
    text = await page.text()
    assert '<html lang="zh">' in text
    assert "找人工客服" in text
    assert "Harbour &amp; Pine" in text


@pytest.mark.parametrize(
    ("path", "content_type"),
    [("/chat.js", "text/javascript"), ("/chat.css", "text/css"), ("/widget.js", "text/javascript")],
)
async def test_files_are_served_once_per_version(site: Site, path: str, content_type: str) -> None:
    first = await site.client.get(path)
    assert (first.status, first.content_type) == (200, content_type)
    assert "frame-ancestors 'none'" in first.headers["Content-Security-Policy"]
    again = await site.client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304


async def test_only_the_widget_is_for_other_sites(site: Site) -> None:
    policies = {
        path: (await site.client.get(path)).headers["Cross-Origin-Resource-Policy"]
        for path in ("/widget.js", "/chat.js", "/")
    }
    assert policies == {"/widget.js": "cross-origin", "/chat.js": "same-origin", "/": "same-origin"}


async def test_errors_tell_nothing_of_the_inside(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = await site.client.get("/../etc/passwd")
    assert (missing.status, missing.content_type) == (404, "text/plain")
    assert (await site.client.post("/chat.js")).status == 405
    assert await (await site.client.get("/healthz")).text() == "ok"

    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("bot.channels.web.page.preferred_language", broken)
    failed = await site.client.get("/")
    assert (failed.status, await failed.text()) == (
        500,
        "500: something went wrong on our side; please try again",
    )
    assert failed.headers["X-Content-Type-Options"] == "nosniff"
