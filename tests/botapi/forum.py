"""Forum topics and pinned messages."""

from __future__ import annotations

from tests.botapi.errors import bad_request
from tests.botapi.members import need_right
from tests.botapi.posting import add_post, bot_service, find_post, writable_chat
from tests.botapi.wire import Json, Params
from tests.botapi.world import GENERAL_TOPIC, Chat, Topic, World

NAME_LIMIT = 128
ICON_COLORS = (0x6FB9F0, 0xFFD67E, 0xCB86DB, 0x8EEE98, 0xFF93B2, 0xFB6F5F)


def open_topic(
    world: World, chat: Chat, creator: Json, name: str, color: int = ICON_COLORS[0], icon: str = ""
) -> Topic:
    """A new topic; its id is that of its first (service) message, of which nobody is told yet."""
    look = {"name": name, "icon_color": color} | ({"icon_custom_emoji_id": icon} if icon else {})
    post = add_post(world, chat, creator, {"forum_topic_created": look}, by_bot=False, method="service")
    post.body |= {"message_thread_id": post.id, "is_topic_message": True}
    topic = Topic(post.id, name, color, icon)
    chat.topics[topic.id] = topic
    return topic


def remove_topic(chat: Chat, thread: int) -> None:
    """Delete a topic with all its posts."""
    del chat.topics[thread]
    for post in chat.posts.values():
        if post.thread_id == thread:
            post.deleted = True


def _forum(world: World, params: Params) -> Chat:
    chat = writable_chat(world, params)
    if not chat.is_forum:
        raise bad_request("the chat is not a forum")
    need_right(world, chat, "can_manage_topics", "not enough rights to manage topics")
    return chat


def _named(world: World, params: Params) -> tuple[Chat, Topic]:
    chat = _forum(world, params)
    thread = params.integer("message_thread_id")
    if thread == GENERAL_TOPIC or thread not in chat.topics:
        raise bad_request("message thread not found")
    return chat, chat.topics[thread]


def create_forum_topic(world: World, params: Params) -> Json:
    """createForumTopic: the topic; its service message also comes to the bot as an update."""
    chat = _forum(world, params)
    name = params.text("name").strip()
    if not 1 <= len(name) <= NAME_LIMIT:
        raise bad_request("topic name must be 1-128 characters")
    color = params.integer("icon_color", ICON_COLORS[0])
    if color not in ICON_COLORS:
        raise bad_request("invalid icon color specified")
    icon = params.text("icon_custom_emoji_id")
    topic = open_topic(world, chat, world.bot_user, name, color, icon)
    post = chat.posts[topic.id]
    world.updates.add("message", post.body)
    look: Json = post.body["forum_topic_created"]
    return {"message_thread_id": topic.id, **look}


def edit_forum_topic(world: World, params: Params) -> bool:
    """editForumTopic: new name or icon."""
    chat, topic = _named(world, params)
    change: Json = {}
    name = params.text("name").strip()
    if len(name) > NAME_LIMIT:
        raise bad_request("topic name must be 1-128 characters")
    if name and name != topic.name:
        topic.name = change["name"] = name
    icon = params.text("icon_custom_emoji_id")
    if "icon_custom_emoji_id" in params and icon != topic.icon_custom_emoji_id:
        topic.icon_custom_emoji_id = change["icon_custom_emoji_id"] = icon
    if not change:
        raise bad_request("TOPIC_NOT_MODIFIED")
    bot_service(world, chat, {"forum_topic_edited": change}, topic.id)
    return True


def close_forum_topic(world: World, params: Params) -> bool:
    """closeForumTopic; a closed topic still takes an admin's posts."""
    return _set_closed(world, params, closed=True)


def reopen_forum_topic(world: World, params: Params) -> bool:
    """reopenForumTopic."""
    return _set_closed(world, params, closed=False)


def _set_closed(world: World, params: Params, *, closed: bool) -> bool:
    chat, topic = _named(world, params)
    if topic.is_closed == closed:
        raise bad_request("TOPIC_NOT_MODIFIED")
    topic.is_closed = closed
    bot_service(world, chat, {"forum_topic_closed" if closed else "forum_topic_reopened": {}}, topic.id)
    return True


def delete_forum_topic(world: World, params: Params) -> bool:
    """deleteForumTopic with everything in it."""
    chat, topic = _named(world, params)
    need_right(world, chat, "can_delete_messages", "not enough rights to delete a topic")
    remove_topic(chat, topic.id)
    return True


def pin_chat_message(world: World, params: Params) -> bool:
    """pinChatMessage; in a group its service message also comes to the bot as an update."""
    chat = writable_chat(world, params)
    post = find_post(chat, params.find_integer("message_id"), "message to pin not found")
    need_right(world, chat, "can_pin_messages", "not enough rights to manage pinned messages in the chat")
    if post.id in chat.pinned:
        chat.pinned.remove(post.id)
    chat.pinned.append(post.id)
    if not chat.is_private:
        bot_service(world, chat, {"pinned_message": post.body}, post.thread_id)
    return True


def unpin_chat_message(world: World, params: Params) -> bool:
    """unpinChatMessage: one message, or the latest pinned one."""
    chat = writable_chat(world, params)
    need_right(world, chat, "can_pin_messages", "not enough rights to manage pinned messages in the chat")
    message_id = params.find_integer("message_id")
    if message_id is None and chat.pinned:
        message_id = chat.pinned[-1]
    if message_id not in chat.pinned:
        raise bad_request("message to unpin not found")
    chat.pinned.remove(message_id)
    return True


def unpin_all(world: World, params: Params) -> bool:
    """unpinAllChatMessages, or only a topic's."""
    chat = writable_chat(world, params)
    thread = params.find_integer("message_thread_id")
    chat.pinned = [one for one in chat.pinned if thread not in (None, chat.posts[one].thread_id)]
    return True
