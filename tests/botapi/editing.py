"""Changing what was sent: edits, deletions; and the small answers: callbacks, reactions, chat actions."""

from __future__ import annotations

from tests.botapi.entities import read_caption, read_text, utf16_length
from tests.botapi.errors import bad_request
from tests.botapi.files import media_content, resolve
from tests.botapi.keyboards import read_markup
from tests.botapi.members import is_admin
from tests.botapi.posting import check_thread, find_post, target_chat, writable_chat
from tests.botapi.wire import Json, Params
from tests.botapi.world import Chat, Post, World

DELETABLE_SECONDS = 48 * 3600
ANSWER_LIMIT = 200
_NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same "
    "as a current content and reply markup of the message"
)
_EXPIRED = "query is too old and response timeout expired or query ID is invalid"
_ACTIONS = frozenset(
    [
        "typing",
        "upload_photo",
        "record_video",
        "upload_video",
        "record_voice",
        "upload_voice",
        "upload_document",
        "choose_sticker",
        "find_location",
        "record_video_note",
        "upload_video_note",
    ]
)


def _own_post(world: World, params: Params) -> Post:
    chat = writable_chat(world, params)
    post = find_post(chat, params.find_integer("message_id"), "message to edit not found")
    if not post.by_bot:
        raise bad_request("message can't be edited")
    return post


def _edit(world: World, params: Params, post: Post, fields: tuple[str, ...], content: Json) -> Json:
    """Replace `fields` of a post by `content`, and its keyboard by the one given (none takes it away)."""
    body = {name: value for name, value in post.body.items() if name not in fields}
    body |= content
    markup = read_markup(params)
    body.pop("reply_markup", None)
    if markup is not None and markup.get("inline_keyboard"):
        body["reply_markup"] = markup
    if {**body, "edit_date": 0} == {**post.body, "edit_date": 0}:
        raise bad_request(_NOT_MODIFIED)
    body["edit_date"] = world.date()
    post.replace(body)
    return body


def edit_message_text(world: World, params: Params) -> Json:
    """editMessageText."""
    post = _own_post(world, params)
    if "text" not in post.body:
        raise bad_request("there is no text in the message to edit")
    text, entities = read_text(params)
    content: Json = {"text": text} | ({"entities": entities} if entities else {})
    return _edit(world, params, post, ("text", "entities"), content)


def edit_message_caption(world: World, params: Params) -> Json:
    """editMessageCaption."""
    post = _own_post(world, params)
    if "text" in post.body:
        raise bad_request("there is no caption in the message to edit")
    caption, entities = read_caption(params)
    content: Json = {"caption": caption} if caption else {}
    content |= {"caption_entities": entities} if entities else {}
    return _edit(world, params, post, ("caption", "caption_entities"), content)


def edit_message_media(world: World, params: Params) -> Json:
    """editMessageMedia."""
    post = _own_post(world, params)
    item: Json = params.json("media") or {}
    kind = str(item.get("type", ""))
    stored = resolve(world, params, kind, str(item.get("media", "")))
    caption, entities = read_caption(Params(item))
    content = media_content(world, kind, stored, item) | ({"caption": caption} if caption else {})
    content |= {"caption_entities": entities} if entities else {}
    replaced = ("photo", "video", "audio", "document", "animation", "caption", "caption_entities")
    return _edit(world, params, post, replaced, content)


def edit_message_reply_markup(world: World, params: Params) -> Json:
    """editMessageReplyMarkup; without a keyboard it takes the old one away."""
    return _edit(world, params, _own_post(world, params), (), {})


def _check_deletable(world: World, chat: Chat, post: Post) -> None:
    is_ours = post.by_bot or chat.is_private or is_admin(chat, world.bot_id, "can_delete_messages")
    is_young = world.clock() - post.at < DELETABLE_SECONDS
    if not is_ours or not is_young or "forum_topic_created" in post.body:
        raise bad_request("message can't be deleted")


def delete_message(world: World, params: Params) -> bool:
    """deleteMessage: own messages, incoming ones in private, anyone's for an admin; within 48 hours."""
    chat = target_chat(world, params)
    post = find_post(chat, params.find_integer("message_id"), "message to delete not found")
    _check_deletable(world, chat, post)
    post.deleted = True
    return True


def delete_messages(world: World, params: Params) -> bool:
    """deleteMessages: missing ones are skipped."""
    chat = target_chat(world, params)
    ids = params.json("message_ids")
    if not isinstance(ids, list) or not 1 <= len(ids) <= 100:
        raise bad_request("message identifiers must be an array of 1-100 identifiers")
    found = [chat.posts[int(number)] for number in ids if int(number) in chat.posts]
    for post in found:
        if not post.deleted:
            _check_deletable(world, chat, post)
    for post in found:
        post.deleted = True
    return True


def answer_callback_query(world: World, params: Params) -> bool:
    """answerCallbackQuery: once, and not too late."""
    if utf16_length(params.text("text")) > ANSWER_LIMIT:
        raise bad_request("MESSAGE_TOO_LONG")
    press = world.presses.get(params.text("callback_query_id"))
    is_late = press is not None and world.clock() - press.at > world.callback_lifetime
    if press is None or press.answer is not None or is_late:
        raise bad_request(_EXPIRED)
    press.answer = {"text": params.text("text"), "show_alert": params.flag("show_alert")}
    return True


def set_message_reaction(world: World, params: Params) -> bool:
    """setMessageReaction: the bot's one reaction, or none."""
    chat = writable_chat(world, params)
    post = find_post(chat, params.find_integer("message_id"), "message to react not found")
    reaction = params.json("reaction") or []
    if len(reaction) > 1:
        raise bad_request("too many reactions")
    post.reactions[world.bot_id] = reaction
    return True


def send_chat_action(world: World, params: Params) -> bool:
    """sendChatAction; the latest are kept in `world.actions`."""
    chat = writable_chat(world, params)
    check_thread(chat, params)
    action = params.text("action")
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.actions.append({"chat_id": chat.id, "action": action})
    return True
