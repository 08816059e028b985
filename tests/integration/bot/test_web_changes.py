"""What an agent edits or takes back is changed in open windows, in each process, and in pages that come back."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import ClientSession
from sqlalchemy import select

from bot.channels.web.changing import Changing
from bot.channels.web.channel import WebChannel
from bot.places import Places
from crm_store import conversations, desk, queue, relaying, rewording, stored_files
from crm_store.engine import Store
from crm_store.files import Files
from crm_store.models.conversations import Message
from crm_store.models.plumbing import DeskPost
from crm_store.models.staff import Agent
from tests.webchat import Frame, Site, Visitor, open_site


@pytest.fixture
async def site(store: Store, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    files = Files(tmp_path_factory.mktemp("files"), 2**20)
    async with open_site(store, files=files) as opened:
        yield opened


async def served(site: Site) -> tuple[Visitor, str, Agent, int]:
    """A visitor whom an agent has taken: their window, their token, the agent, the conversation."""
    visitor, token = await site.introduced(language="en")
    await visitor.taken("/human")
    agent = await site.house.agent()
    async with site.house.store.write() as session:
        taken = await queue.take_next(session, agent, now=site.house.clock())
        assert taken is not None
    return visitor, token, agent, taken.id


async def reply(site: Site, agent: Agent, conversation: int, text: str, **more: object) -> int:
    async with site.house.store.write() as session:
        message = await conversations.reply(
            session,
            conversation,
            agent,
            text,
            now=site.house.clock(),
            **more,  # type: ignore[arg-type]
        )
        number = message.id
    await site.house.settle()
    return number


async def heard(visitor: Visitor, number: int) -> Frame:
    while (frame := await visitor.next("message")).get("id") != number:
        pass
    return frame


async def reword(site: Site, number: int, text: str) -> None:
    async with site.house.store.write() as session:
        message = await session.get(Message, number)
        assert message is not None
        assert await rewording.reword(session, message, text, now=site.house.clock())


async def take_back(site: Site, number: int, agent: Agent) -> None:
    async with site.house.store.write() as session:
        message = await session.get(Message, number)
        assert message is not None
        await relaying.take_back(session, message, agent, now=site.house.clock())


async def test_an_edit_and_a_deletion_come_to_the_open_window(site: Site) -> None:
    visitor, _, agent, conversation = await served(site)
    number = await reply(site, agent, conversation, "It comes on Monday.")
    first = await heard(visitor, number)
    assert (first["text"], "is_edited" in first) == ("It comes on Monday.", False)
    await reword(site, number, "It comes on Tuesday.")
    again = await heard(visitor, number)
    assert (again["text"], again["is_edited"]) == ("It comes on Tuesday.", True)
    await take_back(site, number, agent)
    gone = await heard(visitor, number)
    assert (gone["text"], gone["is_deleted"], gone["attachment"], gone["choices"]) == ("", True, None, [])


async def test_a_page_that_comes_back_learns_what_changed_meanwhile(site: Site) -> None:
    visitor, token, agent, conversation = await served(site)
    kept = await reply(site, agent, conversation, "It comes on Monday.")
    lost = await reply(site, agent, conversation, "My own number is 0151 2345.")
    await heard(visitor, lost)
    await visitor.socket.close()
    await reword(site, kept, "It comes on Tuesday.")
    await take_back(site, lost, agent)
    back = await (await site.visitor()).hello(token=token, since=lost)
    shown = {frame["id"]: frame for frame in back["history"]}
    assert (shown[kept]["text"], shown[lost]["text"]) == ("It comes on Tuesday.", "")
    assert shown[lost]["is_deleted"]
    fresh = await (await site.visitor()).hello(token=token)
    assert [frame["id"] for frame in fresh["history"] if frame["author"] == "agent"] == [kept]


async def test_the_staff_group_is_told_once_that_it_is_gone(site: Site) -> None:
    visitor, _, agent, conversation = await served(site)
    async with site.house.store.write() as session:
        await desk.set_groups(session, ["-100"])
    number = await reply(site, agent, conversation, "wrong window")
    await heard(visitor, number)
    await take_back(site, number, agent)
    assert (await heard(visitor, number))["is_deleted"]
    other = Changing(site.house.store, WebChannel(), site.house.clock)
    await other.round()
    await other.round()
    async with site.house.store.read() as session:
        posts = await session.scalars(select(DeskPost.kind).where(DeskPost.message_id == number))
        assert sorted(posts) == ["delete", "deleted", "message"]


async def test_the_file_of_a_message_taken_back_is_not_given_out(site: Site) -> None:
    visitor, token, agent, conversation = await served(site)
    taken = await site.lobby.files.keep(b"%PDF-1.4 not yours", "bill.pdf")
    async with site.house.store.write() as session:
        lane = await session.scalar(select(Message.lane).where(Message.lane.like("web:%")).limit(1))
        row = await stored_files.add(session, taken, lane=str(lane), now=site.house.clock(), claimed_by="1")
        attachment = stored_files.attachment(row)
    number = await reply(site, agent, conversation, "", attachment=attachment, kind="file")
    address = site.client.make_url(f"/files/{(await heard(visitor, number))['attachment']['file']}")
    async with ClientSession(headers={"X-Frontdesk-Session": token}) as browser:
        async with browser.get(address) as before:
            assert before.status == 200
        await take_back(site, number, agent)
        async with browser.get(address) as after:
            assert after.status == 404


async def test_a_place_in_the_queue_is_told_anew_in_the_window(site: Site) -> None:
    others = []
    for _ in range(2):
        visitor, _ = await site.introduced(language="en")
        await visitor.taken("/human")
        others.append(visitor)
    clock = site.house.clock
    agent = await site.house.agent()
    await site.house.settle()
    async with site.house.store.write() as session:
        assert await queue.take_next(session, agent, now=clock()) is not None
    clock.advance(timedelta(minutes=4))
    assert await Places(site.house.store, clock, site.house.settings).tell_all() == 1
    while "number 1 in the queue" not in (frame := await others[1].next("message"))["text"]:
        pass
    assert "is_edited" not in frame


async def test_what_is_still_on_its_way_is_changed_once_it_has_arrived(site: Site) -> None:
    visitor, _, agent, conversation = await served(site)
    number = await reply(site, agent, conversation, "It comes on Monday.")
    await heard(visitor, number)
    async with site.house.store.write() as session:
        message = await session.get(Message, number)
        assert message is not None
        message.delivery = "sending"
        await rewording.reword(session, message, "It comes on Tuesday.", now=site.house.clock())
    changing = Changing(site.house.store, WebChannel(), site.house.clock)
    await changing.round()
    async with site.house.store.write() as session:
        assert await session.scalar(select(DeskPost.delivery).where(DeskPost.kind == "reword")) == "pending"
        message = await session.get(Message, number)
        assert message is not None
        message.delivery = "sent"
    assert (await heard(visitor, number))["text"] == "It comes on Tuesday."


async def test_where_several_serve_every_process_is_told(site: Site) -> None:
    _, _, agent, conversation = await served(site)
    number = await reply(site, agent, conversation, "It comes on Monday.")
    told: list[int] = []

    async def tell(one: int) -> None:
        told.append(one)

    channel = site.lobby.channel
    channel.tell = tell
    await reword(site, number, "It comes on Tuesday.")
    await Changing(site.house.store, channel, site.house.clock).round()
    assert set(told) == {number}
