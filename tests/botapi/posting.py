"""Putting posts into chats: where a call points, what a Message looks like, who learns of it."""

from __future__ import annotations

from typing import Any

from tests.botapi.entities import command_entities, read_text
from tests.botapi.errors import bad_request
from tests.botapi.keyboards import read_markup
from tests.botapi.wire import Json, Params
from tests.botapi.world import GENERAL_TOPIC, Chat, Post, World


def target_chat(world: World, params: Params, name: str = "chat_id") -> Chat:
    """The chat a call points at; 400 when unknown."""
    raw = params.values.get(name)
    if raw is None or raw == "":
        raise bad_request("chat_id is empty")
    number = params.find_integer(name)
    chat = world.find_chat(number if number is not None else str(raw))
    if chat is None:
        raise bad_request("chat not found")
    return chat


def writable_chat(world: World, params: Params) -> Chat:
    """The chat a call writes to; 400 or 403 when the bot may not."""
    chat = target_chat(world, params)
    refusal = world.refusal(chat)
    if refusal is not None:
        raise refusal
    return chat


def find_post(chat: Chat, message_id: int | None, missing: str) -> Post:
    """A post that still exists, else 400 with the reason `missing`."""
    post = chat.posts.get(message_id) if message_id is not None else None
    if post is None or post.deleted:
        raise bad_request(missing)
    return post


def check_thread(chat: Chat, params: Params) -> int | None:
    """The topic a call writes to; the General topic has no thread id and cannot be named."""
    thread = params.find_integer("message_thread_id")
    if thread is None or thread == 0:
        return None
    if thread == GENERAL_TOPIC or thread not in chat.topics:
        raise bad_request("message thread not found")
    return thread


def _replied(chat: Chat, params: Params) -> Post | None:
    reply: Json = params.json("reply_parameters") or {}
    message_id = reply.get("message_id")
    if message_id is None:
        return None
    post = chat.posts.get(int(message_id))
    if post is None or post.deleted:
        if reply.get("allow_sending_without_reply"):
            return None
        raise bad_request("message to be replied not found")
    return post


def shallow(body: Json) -> Json:
    """A Message as it appears inside another: without its own reply."""
    return {key: value for key, value in body.items() if key != "reply_to_message"}


def human_frame(chat: Chat, thread: int | None) -> Json:
    """The topic fields of a person's message; like Telegram it carries the topic's first message as a reply."""
    if thread is None or thread == GENERAL_TOPIC:
        return {}
    if thread not in chat.topics:
        raise ValueError(f"chat {chat.id} has no topic {thread}")
    root = shallow(chat.posts[thread].body)
    return {"message_thread_id": thread, "is_topic_message": True, "reply_to_message": root}


def add_post(
    world: World, chat: Chat, sender: Json, content: Json, *, by_bot: bool, method: str = ""
) -> Post:
    """Store a new message in `chat`; nobody is told of it yet."""
    now = world.clock()
    message_id = next(chat.ids)
    body = {"message_id": message_id, "from": sender, "chat": chat.face, "date": int(now), **content}
    post = Post(chat.id, message_id, body, by_bot, now, method)
    chat.posts[message_id] = post
    if by_bot:
        chat.sent.append(post)
        world.sent.append(post)
    return post


def send(world: World, params: Params, method: str, content: Json, chat: Chat | None = None) -> Post:
    """The bot's new message of `content` where the call points, with its reply, topic and keyboard."""
    chat = chat or writable_chat(world, params)
    thread = check_thread(chat, params)
    replied = _replied(chat, params)
    frame: dict[str, Any] = {}
    if thread is not None:
        frame = {"message_thread_id": thread, "is_topic_message": True}
    if replied is not None:
        frame["reply_to_message"] = shallow(replied.body)
    markup = read_markup(params)
    if markup is not None and "inline_keyboard" in markup:
        frame["reply_markup"] = markup
    post = add_post(world, chat, world.bot_user, {**frame, **content}, by_bot=True, method=method)
    post.reply_keyboard = markup if markup is not None and "inline_keyboard" not in markup else None
    return post


def bot_service(world: World, chat: Chat, content: Json, thread: int | None = None) -> Post:
    """A service message of the bot's own doing, which Telegram also sends to the bot as an update."""
    frame: Json = {} if thread is None else {"message_thread_id": thread, "is_topic_message": True}
    post = add_post(world, chat, world.bot_user, {**frame, **content}, by_bot=False, method="service")
    world.updates.add("message", post.body)
    return post


def write(world: World, chat: Chat, sender: Json, text: str) -> Post:
    """A person's plain text in a private chat: the cheapest way into the world."""
    content: Json = {"text": text}
    entities = command_entities(text)
    if entities:
        content["entities"] = entities
    post = add_post(world, chat, sender, content, by_bot=False)
    world.updates.add("message", post.body)
    return post


def send_message(world: World, params: Params) -> Json:
    """sendMessage."""
    chat = writable_chat(world, params)
    text, entities = read_text(params)
    content: Json = {"text": text}
    if entities:
        content["entities"] = entities
    return send(world, params, "sendMessage", content, chat).body
