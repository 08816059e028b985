"""What a Telegram message carries: its kind, its words and its attachment as plain values. Pure; never raises."""

from collections.abc import Callable
from typing import Any

from bot.channels.base import Kind

Json = dict[str, Any]
MAX_TEXT = 16_384
"""Telegram's own limit is 4096 UTF-16 units; what is longer is no message of theirs."""
MAX_NAME = 255

FRAME = frozenset(
    {
        "message_id", "message_thread_id", "direct_messages_topic", "from", "sender_chat", "sender_boost_count",
        "sender_business_bot", "sender_tag", "date", "guest_query_id", "business_connection_id", "chat",
        "forward_origin", "is_topic_message", "is_automatic_forward", "reply_to_message", "external_reply",
        "quote", "reply_to_story", "reply_to_checklist_task_id", "reply_to_poll_option_id", "via_bot",
        "guest_bot_caller_user", "guest_bot_caller_chat", "edit_date", "has_protected_content",
        "is_from_offline", "is_paid_post", "media_group_id", "author_signature", "paid_star_count",
        "effect_id", "reply_markup", "entities", "link_preview_options", "show_caption_above_media",
        "has_media_spoiler", "caption_entities", "suggested_post_info",
    }
)  # fmt: skip
"""Fields of a message that are about it rather than in it (Bot API 10.1, type Message)."""

SERVICE = frozenset(
    {
        "new_chat_members", "left_chat_member", "chat_owner_left", "chat_owner_changed", "new_chat_title",
        "new_chat_photo", "delete_chat_photo", "group_chat_created", "supergroup_chat_created",
        "channel_chat_created", "message_auto_delete_timer_changed", "migrate_to_chat_id",
        "migrate_from_chat_id", "pinned_message", "successful_payment", "refunded_payment", "users_shared",
        "chat_shared", "gift", "unique_gift", "gift_upgrade_sent", "connected_website",
        "write_access_allowed", "passport_data", "proximity_alert_triggered", "boost_added",
        "chat_background_set", "checklist_tasks_done", "checklist_tasks_added",
        "direct_message_price_changed", "forum_topic_created", "forum_topic_edited", "forum_topic_closed",
        "forum_topic_reopened", "general_forum_topic_hidden", "general_forum_topic_unhidden",
        "giveaway_created", "giveaway_winners", "giveaway_completed", "managed_bot_created",
        "paid_message_price_changed", "poll_option_added", "poll_option_deleted", "suggested_post_approved",
        "suggested_post_approval_failed", "suggested_post_declined", "suggested_post_paid",
        "suggested_post_refunded", "video_chat_scheduled", "video_chat_started", "video_chat_ended",
        "video_chat_participants_invited", "web_app_data",
    }
)  # fmt: skip
"""What a chat reports about itself: nobody's words, never relayed."""


def text(value: object, limit: int = MAX_TEXT) -> str:
    """The value if it is text, cut, without what no database stores (NUL, half of a surrogate pair)."""
    if not isinstance(value, str) or not value:
        return ""
    cut = value[:limit]
    if cut.isascii():
        return cut.replace("\x00", "")
    return cut.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\x00", "")


def integer(value: object) -> int | None:
    """The value if it is a whole number that fits into 64 bits."""
    return value if type(value) is int and -(2**63) <= value < 2**63 else None


def number(value: object) -> float | None:
    """The value if it is a finite number."""
    return float(value) if type(value) in (int, float) and abs(value) < 1e15 else None  # type: ignore[arg-type]


def mapping(value: object) -> Json:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: object) -> list[Any]:
    """The value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def _file(part: Json) -> Json:
    return {
        "file_id": text(part.get("file_id"), MAX_NAME),
        "file_unique_id": text(part.get("file_unique_id"), MAX_NAME),
        "name": text(part.get("file_name"), MAX_NAME),
        "mime": text(part.get("mime_type"), MAX_NAME),
        "size": integer(part.get("file_size")),
        "duration": number(part.get("duration")),
        "emoji": text(part.get("emoji"), 64),
    }


def _photo(part: object) -> Json:
    sizes = [mapping(size) for size in sequence(part)]
    largest = max(sizes, key=lambda size: integer(size.get("width")) or 0, default={})
    return _file(largest) | {"mime": "image/jpeg"}


def _place(part: Json) -> Json:
    return {"latitude": number(part.get("latitude")), "longitude": number(part.get("longitude"))}


def _venue(part: Json) -> Json:
    words = {name: text(part.get(name), MAX_NAME) for name in ("title", "address")}
    return _place(mapping(part.get("location"))) | words


def _contact(part: Json) -> Json:
    words = {name: text(part.get(name), MAX_NAME) for name in ("phone_number", "first_name", "last_name")}
    return words | {"user_id": integer(part.get("user_id"))}


def _poll(part: Json) -> Json:
    options = [text(mapping(option).get("text"), MAX_NAME) for option in sequence(part.get("options"))]
    return {"question": text(part.get("question"), 1024), "options": options[:32]}


def _dice(part: Json) -> Json:
    return {"emoji": text(part.get("emoji"), 64), "value": integer(part.get("value"))}


def _named(part: Json) -> Json:
    return {"title": text(part.get("title"), MAX_NAME)}


MARKS = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler", "blockquote", "code", "pre",
                   "text_link"})  # fmt: skip
"""Formatting that is carried on; what Telegram finds in the words by itself, such as links, needs no carrying."""


def marks_of(message: Json) -> list[Json]:
    """The formatting of the message's words."""
    field = "entities" if text(message.get("text")) else "caption_entities"
    found = []
    for one in map(mapping, sequence(message.get(field))[:100]):
        kind, start, length = text(one.get("type")), integer(one.get("offset")), integer(one.get("length"))
        if kind not in MARKS or start is None or length is None or not (start >= 0 and length > 0):
            continue
        more = {name: text(one.get(name), 2048) for name in ("url", "language") if text(one.get(name), 2048)}
        found.append({"type": kind, "offset": start, "length": length} | more)
    return found


CONTENT: dict[str, tuple[Kind, Callable[[Any], Json]]] = {
    # An animation also comes with `document`, a venue with `location`: what says more stands first.
    "animation": (Kind.VIDEO, _file),
    "venue": (Kind.LOCATION, _venue),
    "live_photo": (Kind.VIDEO, _file),
    "photo": (Kind.PHOTO, _photo),
    "video": (Kind.VIDEO, _file),
    "video_note": (Kind.VIDEO, _file),
    "voice": (Kind.VOICE, _file),
    "audio": (Kind.AUDIO, _file),
    "document": (Kind.FILE, _file),
    "sticker": (Kind.STICKER, _file),
    "location": (Kind.LOCATION, _place),
    "contact": (Kind.CONTACT, _contact),
    "poll": (Kind.POLL, _poll),
    "dice": (Kind.OTHER, _dice),
    "game": (Kind.OTHER, _named),
    "invoice": (Kind.OTHER, _named),
    "checklist": (Kind.OTHER, _named),
}


def content_of(message: Json) -> tuple[Kind, str, Json | None] | None:
    """(kind, words, attachment); None for a service message and for one with nothing in it."""
    words = text(message.get("text"))
    if words:
        return Kind.TEXT, words, None
    caption = text(message.get("caption"))
    for name, (kind, read) in CONTENT.items():
        if name in message:
            part = message[name] if name == "photo" else mapping(message[name])
            attachment = {key: value for key, value in read(part).items() if value not in (None, "", [])}
            album = text(message.get("media_group_id"), 64)
            return kind, caption, {"type": name} | attachment | ({"media_group_id": album} if album else {})
    unknown = message.keys() - FRAME - SERVICE - {"text", "caption"}
    if not unknown or message.keys() & SERVICE:
        return None
    return Kind.OTHER, caption, {"type": text(min(unknown), 64)}
