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

    def known(self, params: Json) -> Json:
        """The same parameters with ids in the place of files that Telegram has."""
        ids = {name: self._ids.get((name, file.key)) for name, file in _stored(params).items()}
        return params | {name: number for name, number in ids.items() if number is not None}

    def note(self, params: Json, answer: object) -> None:
        """Keep what Telegram calls the files it was given with this call."""
        for name, file in _stored(params).items():
            number = _id_of(answer, name)
            if number is not None:
                self._ids[name, file.key] = number
                self._ids.move_to_end((name, file.key))
                if len(self._ids) > MOST:
                    self._ids.popitem(last=False)

    def forget(self, params: Json) -> None:
        """Telegram does not know them any more."""
        for name, file in _stored(params).items():
            self._ids.pop((name, file.key), None)


def _stored(params: Mapping[str, object]) -> dict[str, Stored]:
    return {name: value for name, value in params.items() if isinstance(value, Stored)}


def _id_of(answer: object, name: str) -> str | None:
    """The id in a sent message; a photo comes in several sizes, the largest last."""
    made = answer.get(name) if isinstance(answer, dict) else None
    largest = made[-1] if isinstance(made, list) and made else made
    found = largest.get("file_id") if isinstance(largest, dict) else None
    return found if isinstance(found, str) else None
