"""Copies and forwards: copyMessage(s), forwardMessage(s)."""

from __future__ import annotations

from itertools import pairwise

from tests.botapi.entities import read_caption
from tests.botapi.errors import bad_request
from tests.botapi.posting import find_post, send, target_chat, writable_chat
from tests.botapi.wire import Json, Params
from tests.botapi.world import Chat, Post, World

BATCH_LIMIT = 100
_CONTENT = (
    "text",
    "entities",
    "caption",
    "caption_entities",
    "photo",
    "document",
    "voice",
    "video",
    "audio",
    "sticker",
    "animation",
    "video_note",
    "location",
    "contact",
    "venue",
    "poll",
    "dice",
    "link_preview_options",
)


def copied_content(body: Json) -> Json:
    """What a copy takes over; empty for service messages, which cannot be copied."""
    return {name: body[name] for name in _CONTENT if name in body}


def forward_origin(body: Json) -> Json:
    """MessageOrigin of a forwarded message; a forward of a forward keeps the first origin."""
    if "forward_origin" in body:
        origin: Json = body["forward_origin"]
        return origin
    if "sender_chat" in body:
        return {"type": "chat", "date": body["date"], "sender_chat": body["sender_chat"]}
    return {"type": "user", "date": body["date"], "sender_user": body["from"]}


def copy_message(world: World, params: Params) -> Json:
    """copyMessage: only the new message's id."""
    chat = writable_chat(world, params)
    source = target_chat(world, params, "from_chat_id")
    original = find_post(source, params.find_integer("message_id"), "message to copy not found")
    content = copied_content(original.body)
    if not content:
        raise bad_request("message can't be copied")
    if "caption" in params and "text" not in content:
        caption, entities = read_caption(params)
        content |= {"caption": caption, "caption_entities": entities}
    return {"message_id": send(world, params, "copyMessage", content, chat).id}


def forward_message(world: World, params: Params) -> Json:
    """forwardMessage: the new message with its origin."""
    chat = writable_chat(world, params)
    source = target_chat(world, params, "from_chat_id")
    original = find_post(source, params.find_integer("message_id"), "message to forward not found")
    content = copied_content(original.body)
    if not content:
        raise bad_request("message can't be forwarded")
    content["forward_origin"] = forward_origin(original.body)
    return send(world, params, "forwardMessage", content, chat).body


def _batch(world: World, params: Params) -> tuple[Chat, list[Post]]:
    """The chat and the posts to take there; missing and uncopyable ones are skipped silently."""
    chat = writable_chat(world, params)
    source = target_chat(world, params, "from_chat_id")
    ids = params.json("message_ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= BATCH_LIMIT:
        raise bad_request("message identifiers must be an array of 1-100 identifiers")
    numbers = [int(number) for number in ids]
    if any(later <= earlier for earlier, later in pairwise(numbers)):
        raise bad_request("message identifiers must be in a strictly increasing order")
    posts = [source.posts[number] for number in numbers if number in source.posts]
    posts = [post for post in posts if not post.deleted and copied_content(post.body)]
    if not posts:
        raise bad_request("there are no messages to copy")
    return chat, posts


def _send_batch(world: World, params: Params, method: str, *, shows_origin: bool) -> list[Json]:
    chat, posts = _batch(world, params)
    albums: dict[str, str] = {}
    ids = []
    for post in posts:
        content = copied_content(post.body)
        if post.media_group_id is not None:
            album = albums.setdefault(post.media_group_id, str(next(world.serial)))
            content["media_group_id"] = album
        if params.flag("remove_caption"):
            content.pop("caption", None)
            content.pop("caption_entities", None)
        if shows_origin:
            content["forward_origin"] = forward_origin(post.body)
        ids.append({"message_id": send(world, params, method, content, chat).id})
    return ids


def copy_messages(world: World, params: Params) -> list[Json]:
    """copyMessages: the new ids in order; albums stay albums."""
    return _send_batch(world, params, "copyMessages", shows_origin=False)


def forward_messages(world: World, params: Params) -> list[Json]:
    """forwardMessages: the new ids in order; albums stay albums."""
    return _send_batch(world, params, "forwardMessages", shows_origin=True)
