"""Pictures of one answer that go together where the platform shows them so. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any

Json = dict[str, Any]
SHOWN_ON = frozenset({"telegram"})
"""The channels that show several pictures as one message."""
MAX_PICTURE = 10 * 1024 * 1024
"""What Telegram takes for a photo; larger ones are files there."""
MOST, MOST_BYTES = 10, 45 * 1024 * 1024
"""Of an album (Bot API: sendMediaGroup); and of what is uploaded at once, of which Telegram takes 50 MB."""


def is_picture(attachment: Json) -> bool:
    """Whether it is shown as a picture; a GIF would stand still."""
    is_photo = attachment.get("type") == "photo" and attachment.get("mime") != "image/gif"
    return is_photo and int(attachment.get("size") or 0) <= MAX_PICTURE


def together(attachments: Sequence[Json], channel: str) -> list[Json]:
    """The attachments of as many messages as they take: pictures as albums, where the first one stood; the others
    each by itself. An album is its first part with the further ones as its "album"."""
    if channel not in SHOWN_ON:
        return list(attachments)
    albums = {id(album[0]): album for album in _albums(filter(is_picture, attachments))}
    made = []
    for attachment in attachments:
        album = albums.get(id(attachment), [])
        if len(album) > 1:
            made.append(attachment | {"album": album[1:]})
        elif album or not is_picture(attachment):
            made.append(attachment)
    return made


def _albums(pictures: Iterable[Json]) -> list[list[Json]]:
    albums: list[list[Json]] = []
    for one in pictures:
        size = int(one.get("size") or 0)
        is_full = not albums or len(albums[-1]) == MOST
        if is_full or sum(int(each.get("size") or 0) for each in albums[-1]) + size > MOST_BYTES:
            albums.append([one])
        else:
            albums[-1].append(one)
    return albums
