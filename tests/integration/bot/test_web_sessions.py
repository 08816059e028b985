"""Sessions of the web chat: whose history a secret opens, and what a lost connection costs (nothing)."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import func, select

from bot.channels.web.sessions import hashed
from crm_store import conversations
from crm_store.engine import Store
from crm_store.models.conversations import Message
from crm_store.models.customers import Customer, Identity
from tests.webchat import Site, open_site


@pytest.fixture
async def site(sqlite_store: Store) -> AsyncIterator[Site]:
    async with open_site(sqlite_store) as opened:
        yield opened


async def rows(site: Site, table: type) -> int:
    async with site.house.store.read() as session:
        return int(await session.scalar(select(func.count()).select_from(table)) or 0)


async def test_who_only_looks_leaves_nothing_behind(site: Site) -> None:
    visitor, token = await site.introduced()
    assert len(token) >= 43  # 256 bits in base64
    assert visitor.told[0]["history"] == []
    assert (await rows(site, Customer), await rows(site, Identity)) == (0, 0)


async def test_only_the_hash_of_the_secret_is_stored(site: Site) -> None:
    visitor, token = await site.introduced(name="Zoe")
    await visitor.ask("hi")
    async with site.house.store.read() as session:
        identity = (await session.scalars(select(Identity))).one()
    assert identity.secret_hash == hashed(token)
    assert identity.address.startswith("w_")
    assert identity.display_name == "Zoe"
    assert token not in identity.address


async def test_the_secret_opens_the_history_again(site: Site) -> None:
    first, token = await site.introduced()
    await first.ask("Where is my order?")
    await first.socket.close()
    again = await (await site.visitor()).hello(token=token)
    assert again["token"] == token
    assert [(m["author"], m["text"]) for m in again["history"]] == [
        ("customer", "Where is my order?"),
        ("bot", "The tracking link is in your dispatch mail."),
    ]
    assert again["history"][0]["client_id"] == "00000000-0001"


@pytest.mark.parametrize("wrong", ["x" * 43, "", "w_", "a b", "ä", None])
async def test_a_wrong_secret_gets_a_fresh_session(site: Site, wrong: str | None) -> None:
    first, token = await site.introduced()
    await first.ask("hi")
    welcome = await (await site.visitor()).hello(token=wrong)
    assert welcome["token"] not in (token, wrong)
    assert welcome["history"] == []


async def test_an_address_or_a_hash_is_no_secret(site: Site) -> None:
    first, token = await site.introduced()
    await first.ask("hi")
    async with site.house.store.read() as session:
        identity = (await session.scalars(select(Identity))).one()
    for guess in (identity.address, identity.secret_hash, token[:-1], token + "=", token.swapcase()):
        assert (await (await site.visitor()).hello(token=guess))["history"] == []


async def test_a_secret_not_yet_spoken_with_is_kept(site: Site) -> None:
    first, token = await site.introduced()
    await first.socket.close()
    second = await site.visitor()
    assert (await second.hello(token=token))["token"] == token
    await second.ask("hi")
    assert await rows(site, Identity) == 1


async def test_a_text_said_twice_counts_once(site: Site) -> None:
    first, token = await site.introduced()
    client_id = await first.say("Where is my order?")
    await first.next("accepted")
    await first.socket.close()
    again = await site.visitor()
    await again.hello(token=token)
    await again.say("Where is my order?", client_id)
    assert (await again.next("accepted"))["client_id"] == client_id
    await site.house.settle()
    assert await rows(site, Message) == 2


async def test_the_same_client_id_of_two_visitors_is_two_messages(site: Site) -> None:
    for _ in range(2):
        visitor, _ = await site.introduced()
        await visitor.say("hi", "11111111-1111")
        await visitor.next("message")
    assert await rows(site, Customer) == 2


async def test_what_was_missed_comes_after_a_reconnect_and_notes_never(site: Site) -> None:
    first, token = await site.introduced()
    newest = (await first.ask("talk to a person"))["id"]
    await first.socket.close()
    ann = await site.house.agent()
    async with site.house.store.write() as session:
        await conversations.note(session, 1, ann, "a difficult one", now=site.house.clock())
        await conversations.reply(session, 1, ann, "Ann here, hello!", now=site.house.clock())
    await site.house.settle()
    again = await (await site.visitor()).hello(token=token, since=newest)
    missed = [(m["author"], m["text"]) for m in again["history"] if m["id"] > newest]
    assert missed == [("system", "Ann is with you now."), ("agent", "Ann here, hello!")]
    assert "difficult" not in str(again)


async def test_the_other_window_of_a_session_sees_everything(site: Site) -> None:
    one, token = await site.introduced()
    await one.ask("hi")
    other = await site.visitor()
    await other.hello(token=token)
    await one.say("Where is my order? My card is 4111 1111 1111 1111")
    own = await other.next("message")
    assert own["author"] == "customer"
    assert own["text"].startswith("Where is my order? My card is •")
    assert own["text"].endswith("1111")
    answer = await other.next("message")
    await one.press(answer, 0)
    assert await other.next("choices_used") == {
        "type": "choices_used",
        "message_id": answer["id"],
        "index": 0,
    }


async def test_a_strangers_button_cannot_be_pressed(site: Site) -> None:
    owner, owners_token = await site.introduced()
    answer = await owner.ask("Where is my order?")
    stranger, _ = await site.introduced()
    await stranger.press(answer, 0)
    assert (await stranger.next("message"))["text"].startswith("That button is no longer valid")
    history = (await (await site.visitor()).hello(token=owners_token))["history"]
    assert [m["is_used"] for m in history] == [False, False]


async def test_history_shows_which_button_was_pressed(site: Site) -> None:
    visitor, token = await site.introduced()
    answer = await visitor.ask("Where is my order?")
    await visitor.press(answer, 1)
    await visitor.next("message")
    history = (await (await site.visitor()).hello(token=token))["history"]
    assert [(m["author"], m["chosen"], m["is_used"]) for m in history] == [
        ("customer", None, False),
        ("bot", 1, True),
        ("bot", None, False),
    ]
