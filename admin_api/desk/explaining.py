"""Why the bot answered, or did not: the API's explanation in words, below the message."""

from aiohttp import web

from admin_api.contract import Context
from admin_api.desk.pages import page
from admin_api.desk.through import through
from admin_api.handlers import whys
from admin_api.schemas.base import IdPath
from admin_api.schemas.whys import WordShown

SHOWN_WORDS = 6
LEAST = 0.005
"""A weight that would be shown as 0.00 says nothing."""


def telling(words: list[WordShown]) -> list[WordShown]:
    """The few words that count most."""
    return [word for word in words[:SHOWN_WORDS] if abs(word.weight) >= LEAST]


async def show(context: Context, path: IdPath) -> web.Response:
    """What the articles in force today say to the customer's words, and why."""
    why = (await through(whys.read, context, path)).body
    return page(
        context,
        "why_told.html",
        why=why,
        words_for=telling(why.words_for),
        words_against=telling(why.words_against),
    )
