"""What is sent to a customer as calls of the Bot API. Pure.

Words go as plain text without a parse mode, so nothing in them can be taken for markup.
"""

from collections.abc import Callable
from typing import Any

from telegram import InputFile

from bot.albums import is_picture
from bot.channels.base import Outgoing
from bot.channels.telegram.api import Stored
from bot.channels.telegram.drawing import MAX_CAPTION, choice_data, keyboard, split, units

Json = dict[str, Any]
_FORMATS = ("entities", "caption_entities", "parse_mode")

FILE_METHODS = {
    # attachment's type -> (method, parameter, whether it takes a caption)
    "photo": ("sendPhoto", "photo", True),
    "document": ("sendDocument", "document", True),
    "voice": ("sendVoice", "voice", True),
    "video": ("sendVideo", "video", True),
    "video_note": ("sendVideoNote", "video_note", False),
    "audio": ("sendAudio", "audio", True),
    "animation": ("sendAnimation", "animation", True),
    "sticker": ("sendSticker", "sticker", False),
}
TYPES = {"file": "document"}
"""The house's kinds that Telegram calls otherwise."""


def _location(attachment: Json) -> tuple[str, Json] | None:
    place = {name: attachment.get(name) for name in ("latitude", "longitude")}
    return ("sendLocation", place) if None not in place.values() else None


def _venue(attachment: Json) -> tuple[str, Json] | None:
    place = _location(attachment)
    if place is None or not attachment.get("title") or not attachment.get("address"):
        return place
    return "sendVenue", place[1] | {name: attachment[name] for name in ("title", "address")}


def _contact(attachment: Json) -> tuple[str, Json] | None:
    names = ("phone_number", "first_name", "last_name")
    given = {name: attachment[name] for name in names if attachment.get(name)}
    return ("sendContact", given) if {"phone_number", "first_name"} <= given.keys() else None


def _dice(attachment: Json) -> tuple[str, Json] | None:
    return "sendMessage", {"text": attachment.get("emoji") or "🎲"}


_OTHERS: dict[str, Callable[[Json], tuple[str, Json] | None]] = {
    "location": _location,
    "venue": _venue,
    "contact": _contact,
    "dice": _dice,
}


def media_call(kind: str, attachment: Json) -> tuple[str, Json, bool] | None:
    """(method, parameters, whether a caption may go along); None for what cannot be sent as it is."""
    name = _stored_type(attachment) or str(attachment.get("type") or TYPES.get(kind, kind))
    if name in _OTHERS:
        call = _OTHERS[name](attachment)
        return None if call is None else (*call, False)
    method, parameter, takes_caption = FILE_METHODS.get(name, FILE_METHODS["document"])
    source = _file(attachment)
    return None if source is None else (method, {parameter: source}, takes_caption)


def _stored_type(attachment: Json) -> str | None:
    """How a file of our own goes: a photo only as far as Telegram takes it for one (10 MB; a GIF would stand still)."""
    if "file" not in attachment:
        return None
    if attachment.get("mime") == "image/gif":
        return "animation"
    return "photo" if is_picture(attachment) else "document"


def _file(attachment: Json) -> str | InputFile | Stored | None:
    if attachment.get("file_id"):
        return str(attachment["file_id"])
    if attachment.get("file"):
        return Stored(str(attachment["file"]), str(attachment.get("name") or "file"))
    content = attachment.get("content")
    if isinstance(content, bytes):
        return InputFile(content, filename=str(attachment.get("name") or "file"), attach=False)
    return str(attachment["url"]) if attachment.get("url") else None


def _album_call(attachment: Json) -> tuple[str, Json, bool] | None:
    """An album, as an agent put it together, or an article's; each part keeps its own words, the first one's are the
    message's."""
    items = []
    for part in (attachment, *attachment["album"]):
        item: Json = {"type": _stored_type(part) or part.get("type"), "media": _file(part)}
        if units(part.get("caption", "")) <= MAX_CAPTION:
            item |= {"caption": part.get("caption"), "caption_entities": part.get("marks")}
        items.append({name: value for name, value in item.items() if value})
    return "sendMediaGroup", {"media": items}, True


def _too_long(attachment: Json) -> list[str]:
    """The words below an album's parts that are no captions any more: people may write longer ones than a bot."""
    words = [str(part.get("caption", "")) for part in attachment.get("album", ())]
    return [one for one in words if units(one) > MAX_CAPTION]


def calls_for(outgoing: Outgoing) -> list[tuple[str, Json]]:
    """The calls that make up the message, in order; buttons on the last."""
    words = "\n\n".join(part for part in (outgoing.text, outgoing.question) if part)
    if outgoing.attachment and outgoing.attachment.get("album"):
        media = _album_call(outgoing.attachment)
    else:
        media = media_call(outgoing.kind, outgoing.attachment) if outgoing.attachment else None
    calls: list[tuple[str, Json]] = []
    if media is not None:
        method, params, takes_caption = media
        if takes_caption and words and units(words) <= MAX_CAPTION:
            marks = list(outgoing.marks) if words == outgoing.text else []
            params, words = _captioned(params, words, marks), ""
        calls.append((method, params))
    elif outgoing.attachment:
        words = "\n".join(part for part in (words, _described(outgoing.attachment)) if part)
    told = [words, *_too_long(outgoing.attachment or {})]
    calls += [("sendMessage", {"text": part}) for one in told for part in split(one)]
    if outgoing.marks and calls and calls[-1][1].get("text") == outgoing.text:
        calls[-1][1]["entities"] = list(outgoing.marks)
    if calls:
        data = choice_data(outgoing.message_id, range(len(outgoing.choices)))
        calls[-1][1]["reply_markup"] = keyboard(outgoing.choices, data) or _sharing(outgoing.asks_phone)
        calls[0][1]["reply_parameters"] = reply_parameters(outgoing.reply_to_platform_id)
    return calls


def _sharing(label: str) -> Json | None:
    """A button in place of the customer's keyboard that shares their own number, gone once it is used."""
    if not label:
        return None
    buttons = [[{"text": label, "request_contact": True}]]
    return {"keyboard": buttons, "one_time_keyboard": True, "resize_keyboard": True}


def _captioned(params: Json, words: str, marks: list[Json]) -> Json:
    caption = {"caption": words} | ({"caption_entities": marks} if marks else {})
    if "media" in params:
        first, *others = params["media"]
        return params | {"media": [first | caption, *others]}
    return params | caption


def _described(attachment: Json) -> str:
    """What cannot be sent, in words."""
    told = attachment.get("question") or attachment.get("title") or attachment.get("name")
    return f"[{attachment.get('type') or 'file'}{': ' if told else ''}{told or ''}]"


def reply_parameters(platform_id: str | None) -> Json | None:
    """The quoted message; sent without the quote where it is gone."""
    if platform_id is None or not platform_id.isdecimal():
        return None
    return {"message_id": int(platform_id), "allow_sending_without_reply": True}


def without_formatting(params: Json) -> Json:
    """The same call with its words alone."""
    kept = {name: value for name, value in params.items() if name not in _FORMATS}
    if "media" in kept and isinstance(kept["media"], list):
        kept["media"] = [without_formatting(one) for one in kept["media"]]
    return kept


def as_files(method: str, params: Json) -> tuple[str, Json] | None:
    """The call that sends our own picture, or an album of them, as files, which may be of any measure."""
    if method == "sendPhoto" and isinstance(params["photo"], Stored):
        others = {name: value for name, value in params.items() if name != "photo"}
        return "sendDocument", others | {"document": params["photo"]}
    if method == "sendMediaGroup" and all(isinstance(one["media"], Stored) for one in params["media"]):
        return method, params | {"media": [one | {"type": "document"} for one in params["media"]]}
    return None
