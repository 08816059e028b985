"""Articles with their files, in and out: opened and looked at, then handed in; and packed.

A file of articles that is too large for a request's body is handed in by itself first, and goes after a day.
"""

import asyncio
import binascii
from collections.abc import AsyncIterable, Iterable
from dataclasses import asdict, dataclass

from admin_api.article_files import ZIP, Format, offer_of, parse, render, sent_bytes
from admin_api.contract import Context
from crm_store import article_files, article_import, articles, stored_files
from crm_store.article_import import Offer, offered_by
from crm_store.articles import ArticleDraft
from crm_store.changes import Change, applied
from crm_store.errors import NotFound
from crm_store.files import MEGABYTE, Files, TooLarge
from crm_store.models.files import StoredFile
from knowledge_base import exchange_markdown
from knowledge_base.articles import Article
from knowledge_base.attached import renamed
from knowledge_base.drafts import Parsed, Problem, complained, completed

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
    """The stream as a file that waits."""
    taken = await folder_of(context).take_in(chunks, name)
    async with context.services.files.new(taken.key), context.write() as session:
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
    """What the file holds, and every row and every file in it that cannot be taken, with what stays put in."""
    parsed = await asyncio.to_thread(parse, data, kind, answer)
    names = {one.name for one in parsed.named}
    offer = await asyncio.to_thread(offer_of, data, kind) if names else offered_by({})
    async with context.read() as session:
        complaints = await article_import.look(session, context.services.files, names, offer)
        would_be = applied(await articles.everything(session), change_of(parsed))
    checked = completed(parsed, parsed.articles, [Article(**asdict(draft)) for draft in would_be])
    return Brought(complained(checked, complaints), offer)


def change_of(parsed: Parsed, *, replace: bool = False) -> Change:
    """The change that importing the file would be; what it says nothing of stays."""
    return Change(drafts_of(parsed.articles), replace=replace, silent=parsed.unsaid(parsed.articles))


def drafts_of(some: Iterable[Article]) -> list[ArticleDraft]:
    """The articles as the store takes them."""
    return [ArticleDraft(**asdict(article)) for article in some]


async def handed_in(context: Context, brought: Brought) -> list[Article]:
    """The articles with the ids of their files, which are in the folder of files now."""
    names = {one.name for one in brought.parsed.named}
    services = context.services
    ids = await article_import.hand_in(services.store, services.files, names, brought.offer, now=context.now)
    return [renamed(article, ids) for article in brought.parsed.articles]


async def packed(context: Context, some: list[Article], kind: Format) -> bytes:
    """The articles as a file; a ZIP holds their files beside them, everything else names these by id.

    Raises TooLarge for a ZIP of more than could be imported again.
    """
    if kind != ZIP:
        return await asyncio.to_thread(render, some, kind)
    async with context.read() as session:
        found = await article_files.named(session, {key for each in some for key in each.attachments})
    names = {key: row.name for key, row in found.items()}
    folder = await asyncio.to_thread(exchange_markdown.lay_out, some, names)
    size = sum(found[key].size for key in folder.files.values())
    if exchange_markdown.is_too_much(len(folder.pages) + len(folder.files), size):
        raise _too_large()  # before their bytes are read
    files = {path: await context.services.files.read(key) for path, key in folder.files.items()}
    try:
        return await asyncio.to_thread(exchange_markdown.zipped, {**folder.pages, **files})
    except exchange_markdown.TooMuch:  # with the pages' own bytes
        raise _too_large() from None


def _too_large() -> TooLarge:
    most, most_mb = exchange_markdown.MOST_FILES, exchange_markdown.MOST_BYTES // MEGABYTE
    return TooLarge(
        f"the articles and their files are more than a ZIP may hold ({most} files, {most_mb} MB); "
        "write them into a folder with `frontdesk kb export FOLDER`",
        kind="export_large",
        most=most,
        most_mb=most_mb,
    )
