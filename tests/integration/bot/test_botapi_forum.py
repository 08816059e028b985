"""The own Bot API server's forum supergroup: topics, members, service messages, anonymous admins."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from telegram import Bot
from telegram.error import BadRequest, ChatMigrated, Forbidden

from bot.channels.telegram.transport import build_bot
from tests.botapi.groups import Group
from tests.botapi.server import BotApiServer

DESK = -1001234567890


@pytest.fixture
async def bot(bot_api: BotApiServer) -> AsyncIterator[Bot]:
    async with build_bot(bot_api.token, bot_api.base_url) as bot:
        yield bot


@pytest.fixture
def desk(bot_api: BotApiServer) -> Group:
    group = bot_api.group(DESK, "Desk")
    group.add(bot_api.user(7, "Eve"))
    return group


async def test_a_topic_lives_and_dies(bot: Bot, bot_api: BotApiServer, desk: Group) -> None:
    topic = await bot.create_forum_topic(DESK, "Ann")
    created = (await bot.get_updates())[-1].message
    assert created is not None
    assert created.forum_topic_created is not None
    assert (created.message_id, created.from_user.id) == (topic.message_thread_id, bot.id)
    await bot.send_message(DESK, "card", message_thread_id=topic.message_thread_id)
    await bot.send_message(DESK, "general")
    assert (await desk.hears("card", thread=desk.topic("Ann"))).thread_id == topic.message_thread_id
    assert [post.text for post in bot_api.sent(DESK, thread=topic.message_thread_id)] == ["card"]
    await bot.edit_forum_topic(DESK, topic.message_thread_id, name="Ann (done)")
    await bot.close_forum_topic(DESK, topic.message_thread_id)
    assert desk.topic("Ann (done)").is_closed
    await bot.send_message(DESK, "an admin still can", message_thread_id=topic.message_thread_id)
    await bot.reopen_forum_topic(DESK, topic.message_thread_id)
    with pytest.raises(BadRequest, match=r"(?i)topic_not_modified"):
        await bot.reopen_forum_topic(DESK, topic.message_thread_id)
    await bot.delete_forum_topic(DESK, topic.message_thread_id)
    with pytest.raises(BadRequest, match="thread not found"):
        await bot.send_message(DESK, "gone", message_thread_id=topic.message_thread_id)


@pytest.mark.parametrize("thread", [1, 77])
async def test_the_general_topic_cannot_be_named(bot: Bot, desk: Group, thread: int) -> None:
    with pytest.raises(BadRequest, match="thread not found"):
        await bot.send_message(DESK, "hello", message_thread_id=thread)


async def test_a_topic_deleted_by_hand_is_not_found(bot: Bot, desk: Group) -> None:
    topic = await bot.create_forum_topic(DESK, "Ann")
    pending = len(await bot.get_updates())
    desk.delete_topic(desk.topic("Ann"))
    assert len(await bot.get_updates()) == pending
    with pytest.raises(BadRequest, match="thread not found"):
        await bot.send_chat_action(DESK, "typing", message_thread_id=topic.message_thread_id)


async def test_an_agents_words_in_a_topic(bot: Bot, bot_api: BotApiServer, desk: Group) -> None:
    eve = bot_api.user(7)
    topic = await bot.create_forum_topic(DESK, "Ann")
    await eve.says("hello", chat=desk, thread=desk.topic("Ann"))
    await eve.says("psst", chat=desk, thread=topic.message_thread_id, anonymous=True)
    await eve.says("/take", chat=desk)
    plain, anonymous, general = [update.message for update in (await bot.get_updates())[-3:]]
    assert (plain.message_thread_id, plain.is_topic_message) == (topic.message_thread_id, True)
    assert plain.reply_to_message.forum_topic_created is not None
    assert anonymous.sender_chat.id == DESK
    assert anonymous.from_user.username == "GroupAnonymousBot"
    assert (general.message_thread_id, general.is_topic_message) == (None, None)
    assert general.entities[0].type == "bot_command"


async def test_people_open_topics_too(bot: Bot, bot_api: BotApiServer, desk: Group) -> None:
    topic = await bot_api.user(7).creates_topic("Lunch", desk)
    message = (await bot.get_updates())[-1].message
    assert message is not None
    assert (message.message_thread_id, message.forum_topic_created.name) == (topic.id, "Lunch")


async def test_rights_are_asked_for(bot: Bot, bot_api: BotApiServer, desk: Group) -> None:
    desk.limit_bot(can_manage_topics=False)
    with pytest.raises(BadRequest, match=r"(?i)not enough rights"):
        await bot.create_forum_topic(DESK, "Ann")
    plain = bot_api.group(-1005, "Plain", forum=False)
    with pytest.raises(BadRequest, match="not a forum"):
        await bot.create_forum_topic(plain.id, "Ann")


async def test_members(bot: Bot, bot_api: BotApiServer, desk: Group) -> None:
    boss = bot_api.user(8, "Bo")
    bot_api.user(9, "Stranger")
    desk.add(boss, as_owner=True)
    statuses = [(await bot.get_chat_member(DESK, one)).status for one in (7, 8, 9, bot.id)]
    assert statuses == ["member", "creator", "left", "administrator"]
    assert {one.user.id for one in await bot.get_chat_administrators(DESK)} == {8, bot.id}
    chat = await bot.get_chat(DESK)
    assert (chat.title, chat.is_forum) == ("Desk", True)
    with pytest.raises(BadRequest, match=r"(?i)member not found"):
        await bot.get_chat_member(DESK, 404)


async def test_a_bot_without_rights_hears_only_commands(bot: Bot, bot_api: BotApiServer) -> None:
    group = bot_api.group(-1005, "Plain", bot_is_admin=False)
    eve = bot_api.user(7, "Eve")
    for text in ("hello", "/help"):
        await eve.says(text, chat=group)
    assert [update.message.text for update in await bot.get_updates()] == ["/help"]


async def test_pins(bot: Bot, bot_api: BotApiServer, desk: Group) -> None:
    sent = await bot.send_message(DESK, "card")
    await bot.pin_chat_message(DESK, sent.message_id)
    message = (await bot.get_updates())[-1].message
    assert message is not None
    assert message.pinned_message is not None
    assert (await bot.get_chat(DESK)).pinned_message.text == "card"
    await bot.unpin_chat_message(DESK, sent.message_id)
    assert desk.chat.pinned == []


async def test_a_kicked_bot_and_a_moved_group(bot: Bot, desk: Group) -> None:
    moved = desk.migrate(-1009)
    with pytest.raises(ChatMigrated) as caught:
        await bot.send_message(DESK, "hello")
    assert caught.value.new_chat_id == moved.id
    await bot.send_message(moved.id, "hello")
    moved.kick_bot()
    with pytest.raises(Forbidden, match="kicked"):
        await bot.send_message(moved.id, "hello")
    kinds = [update.to_dict() for update in await bot.get_updates()]
    assert "migrate_to_chat_id" in kinds[0]["message"]
    assert "my_chat_member" in kinds[-1]
