"""Files of our own that Telegram has already: sent again by its `file_id`, not uploaded to every customer anew."""

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

from bot.channels.telegram.api import Stored

Json = dict[str, Any]
MOST: Final = 1024
FORGOTTEN: Final = ("file identifier", "file_id", "file_reference", "file reference", "wrong type of file")
"""What Telegram says of an id that it does not take (any more)."""


class KnownFiles:
    """What Telegram called the files that were sent, by how they went and by their keys; the newest few."""

    def __init__(self) -> None:
        self._ids: OrderedDict[tuple[str, str], str] = OrderedDict()
        self._no_photos: OrderedDict[tuple[str, ...], None] = OrderedDict()
        """Keys of what was sent as one call; of an album nobody says which was at fault."""

    def known(self, params: Json) -> Json:
        """The same parameters with ids in the place of files that Telegram has."""
        if isinstance(params.get("media"), list):
            album = [one | {"media": self._now(one["type"], one["media"])} for one in params["media"]]
            return params | {"media": album}
        return {name: self._now(name, value) for name, value in params.items()}

    def _now(self, name: str, value: Any) -> Any:
        return self._ids.get((name, value.key), value) if isinstance(value, Stored) else value

    def note(self, params: Json, answer: object) -> None:
        """Keep what Telegram calls the files it was given with this call."""
        for name, file, message in _stored(params, answer):
            number = _id_of(message, name)
            if number is not None:
                self._ids[name, file.key] = number
                self._ids.move_to_end((name, file.key))
                if len(self._ids) > MOST:
                    self._ids.popitem(last=False)

    def refuse(self, params: Json) -> None:
        """Telegram does not take these for photos."""
        self._no_photos[_keys(params)] = None
        if len(self._no_photos) > MOST:
            self._no_photos.popitem(last=False)

    def are_refused(self, params: Json) -> bool:
        """Whether it said so already."""
        return _keys(params) in self._no_photos

    def forget(self, params: Json) -> None:
        """Telegram does not know them any more."""
        for name, file, _ in _stored(params):
            self._ids.pop((name, file.key), None)


def has_files(params: Json) -> bool:
    """Whether anything in a call may be a file of our own; most are words alone."""
    return "media" in params or any(isinstance(value, Stored) for value in params.values())


def _keys(params: Json) -> tuple[str, ...]:
    return tuple(file.key for _, file, _ in _stored(params))


def _stored(params: Mapping[str, Any], answer: object = None) -> list[tuple[str, Stored, object]]:
    """How each file of our own goes, the file, and the message that it became."""
    media = params.get("media")
    if isinstance(media, list):
        made = answer if isinstance(answer, list) else [None] * len(media)
        parts = [(str(one["type"]), one["media"], part) for one, part in zip(media, made, strict=False)]
    else:
        parts = [(name, value, answer) for name, value in params.items()]
    return [(name, file, message) for name, file, message in parts if isinstance(file, Stored)]


def _id_of(answer: object, name: str) -> str | None:
    """The id in a sent message; a photo comes in several sizes, the largest last."""
    made = answer.get(name) if isinstance(answer, dict) else None
    largest = made[-1] if isinstance(made, list) and made else made
    found = largest.get("file_id") if isinstance(largest, dict) else None
    return found if isinstance(found, str) else None
