"""Sending anything but text: files, albums, places, contacts."""

from __future__ import annotations

from tests.botapi.entities import read_caption
from tests.botapi.errors import bad_request
from tests.botapi.files import media_content, resolve
from tests.botapi.methodtypes import Handler
from tests.botapi.posting import send, writable_chat
from tests.botapi.wire import Json, Params
from tests.botapi.world import World

ALBUM_LIMIT = 10
ALBUM_KINDS = frozenset({"photo", "video", "audio", "document", "live_photo"})
_WITHOUT_CAPTION = frozenset({"sticker", "video_note"})


def _caption_content(params: Params) -> Json:
    caption, entities = read_caption(params)
    content: Json = {"caption": caption} if caption else {}
    if entities:
        content["caption_entities"] = entities
    return content


def sender_of(kind: str) -> Handler:
    """The handler of sendPhoto, sendDocument, ... for the file kind."""

    def send_media(world: World, params: Params) -> Json:
        chat = writable_chat(world, params)
        stored = resolve(world, params, kind, params.text(kind))
        content = media_content(world, kind, stored, params.values)
        if kind not in _WITHOUT_CAPTION:
            content |= _caption_content(params)
        method = "send" + kind.title().replace("_", "")
        return send(world, params, method, content, chat).body

    return send_media


def send_media_group(world: World, params: Params) -> list[Json]:
    """sendMediaGroup: one message per item, all with the same media_group_id."""
    chat = writable_chat(world, params)
    items = params.json("media")
    if not isinstance(items, list) or not 1 <= len(items) <= ALBUM_LIMIT:
        raise bad_request("media must be an array of 2-10 items")
    contents = []
    for item in items:
        kind = item.get("type")
        if kind not in ALBUM_KINDS:
            raise bad_request("type of file mismatch")
        stored = resolve(world, params, kind, str(item.get("media", "")))
        contents.append(media_content(world, kind, stored, item) | _caption_content(Params(item)))
    album = {"media_group_id": str(next(world.serial))}
    return [send(world, params, "sendMediaGroup", album | content, chat).body for content in contents]


def send_location(world: World, params: Params) -> Json:
    """sendLocation."""
    try:
        place = {name: float(params.values[name]) for name in ("latitude", "longitude")}
    except (KeyError, ValueError):
        raise bad_request("latitude and longitude must be numbers") from None
    return send(world, params, "sendLocation", {"location": place}).body


def send_contact(world: World, params: Params) -> Json:
    """sendContact."""
    contact = {name: params.text(name) for name in ("phone_number", "first_name", "last_name")}
    if not contact["phone_number"] or not contact["first_name"]:
        raise bad_request("phone number or first name is empty")
    content = {"contact": {name: text for name, text in contact.items() if text}}
    return send(world, params, "sendContact", content).body
