"""Pages by keyset: an opaque, signed cursor says where the next page begins."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from itsdangerous import BadData, URLSafeSerializer

from admin_api.problems import ApiError, Fault

Position = list[str | int]
"""The sort values of the last row shown."""


@dataclass(slots=True)
class Cursors:
    """Signs positions, so that nobody can make the store compare a column with a value of another type.

    The installation's secret is set when the application starts: before that the store is not open.
    """

    secret: str = ""

    def sign(self, listing: str, position: Sequence[str | int]) -> str:
        """The cursor that continues `listing` after this position."""
        return str(URLSafeSerializer(self.secret, salt=listing).dumps(list(position)))

    def read(self, listing: str, cursor: str) -> Position:
        """The position; ApiError 422 for a cursor of another listing, another installation or nobody."""
        try:
            position: Any = URLSafeSerializer(self.secret, salt=listing).loads(cursor)
        except BadData:
            fault = Fault(place="query", field="cursor", message="not a cursor that this list gave out")
            told = "the cursor is not valid; begin again without one"
            raise ApiError(422, told, errors=[fault], kind="cursor") from None
        return list(position)


CURSORS = web.AppKey("cursors", Cursors)
