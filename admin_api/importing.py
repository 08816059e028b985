"""Articles with their files, in and out: opened and looked at, then handed in; and packed.

A file of articles that is too large for a request's body is handed in by itself first, and goes after a day.
"""

import asyncio
import binascii
from collections.abc import AsyncIterable
from dataclasses import dataclass

from admin_api.article_files import ZIP, Format, offer_of, parse, render, sent_bytes
from admin_api.contract import Context
from admin_api.problems import ApiError
from crm_store import article_files, article_import, stored_files
from crm_store.article_import import Offer, offered_by
from crm_store.errors import NotFound
from crm_store.files import Files, NoRoom, TooLarge
from crm_store.models.files import StoredFile
from knowledge_base import exchange_markdown
from knowledge_base.articles import Article
from knowledge_base.attached import renamed
from knowledge_base.drafts import Parsed, Problem, complained

LANE = "import"
"""Of files of articles that wait to be published."""


@dataclass(frozen=True, slots=True)
class Brought:
    """A file of articles that was looked at: what it holds, what is wrong with it, and the files in it."""

    parsed: Parsed
    offer: Offer


def folder_of(context: Context) -> Files:
    """Where files of articles wait: the folder of all files, with room for a ZIP of many."""
    return Files(context.services.files.folder, exchange_markdown.MOST_BYTES)


async def keep(context: Context, chunks: AsyncIterable[bytes], name: str | None) -> StoredFile:
    """The stream as a file that waits; ApiError says why not."""
    try:
        taken = await folder_of(context).take_in(chunks, name)
    except TooLarge as error:
        raise ApiError(413, str(error), kind=error.kind, params=error.params) from None
    except NoRoom as error:
        raise ApiError(507, str(error), kind=error.kind, params=error.params) from None
    async with context.write() as session:
        return await stored_files.add(session, taken, lane=LANE, now=context.now)


async def kept(context: Context, key: str) -> bytes:
    """The bytes of a file that waits; raises NotFound."""
    async with context.read() as session:
        row = await stored_files.find(session, key)
    if row is None or row.lane != LANE:
        raise NotFound(f"there is no file {key} of articles; hand it in again")
    return await context.services.files.read(key)


async def opened_text(context: Context, data: str, kind: Format, answer: str | None) -> Brought:
    """The same as `opened` of a file as a JSON text holds it."""
    try:
        content = sent_bytes(data, kind)
    except binascii.Error:
        problem = Problem(1, "This is no Base64: send the bytes of the ZIP so encoded.")
        return Brought(Parsed((), (problem,)), offered_by({}))
    return await opened(context, content, kind, answer)


async def opened(context: Context, data: bytes, kind: Format, answer: str | None) -> Brought:
    """What the file holds, and every row and every file in it that cannot be taken."""
    parsed = await asyncio.to_thread(parse, data, kind, answer)
    if not parsed.named:
        return Brought(parsed, offered_by({}))
    offer = await asyncio.to_thread(offer_of, data, kind)
    names = {one.name for one in parsed.named}
    async with context.read() as session:
        complaints = await article_import.look(session, context.services.files, names, offer)
    return Brought(complained(parsed, complaints), offer)


async def handed_in(context: Context, brought: Brought) -> list[Article]:
    """The articles with the ids of their files, which are in the folder of files now."""
    names = {one.name for one in brought.parsed.named}
    services = context.services
    try:
        ids = await article_import.hand_in(
            services.store, services.files, names, brought.offer, now=context.now
        )
    except NoRoom as error:
        raise ApiError(507, str(error), kind=error.kind, params=error.params) from None
    return [renamed(article, ids) for article in brought.parsed.articles]


async def packed(context: Context, articles: list[Article], kind: Format) -> bytes:
    """The articles as a file; a ZIP holds their files beside them, everything else names these by id."""
    if kind != ZIP:
        return await asyncio.to_thread(render, articles, kind)
    async with context.read() as session:
        found = await article_files.named(session, {key for each in articles for key in each.attachments})
    folder = exchange_markdown.lay_out(articles, {key: row.name for key, row in found.items()})
    files = {path: await context.services.files.read(key) for path, key in folder.files.items()}
    return await asyncio.to_thread(exchange_markdown.zipped, {**folder.pages, **files})
