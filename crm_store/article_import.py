"""Files that come along with a file of articles: looked at before anything is published, then handed in.

What is brought already, with the same bytes and the same name, is the same file: importing an export changes nothing.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import article_files
from crm_store.engine import Store
from crm_store.file_types import HEAD, clean_name, refusal
from crm_store.files import KEY, MEGABYTE, Files


@dataclass(frozen=True, slots=True)
class Offered:
    """A file beside the articles."""

    name: str
    size: int
    head: bytes
    """Its first bytes, which tell its kind."""
    read: Callable[[], bytes]


Offer = Callable[[str], Offered | None]
"""Gives the file of this path, if there is one."""


def offered_by(contents: Mapping[str, bytes]) -> Offer:
    """Offers these files, which are by their paths."""

    def offer(path: str) -> Offered | None:
        if path not in contents:
            return None
        content = contents[path]
        return Offered(path.rpartition("/")[2], len(content), content[:HEAD], lambda: content)

    return offer


async def look(session: AsyncSession, files: Files, names: Collection[str], offer: Offer) -> dict[str, str]:
    """Why files that articles name by id or path cannot go along, by their names; empty when all can."""
    ids = {name for name in names if KEY.fullmatch(name)}
    gone = ids - (await article_files.named(session, ids)).keys()
    found = {
        key: f"there is no file {key} here; hand it in first, or bring a folder of Markdown with it."
        for key in gone
    }
    for name in sorted(set(names) - ids):
        if wrong := _wrong(name, await asyncio.to_thread(offer, name), files.max_bytes):
            found[name] = wrong
    return found


def _wrong(name: str, offered: Offered | None, most: int) -> str | None:
    if offered is None:
        return f"the file {name[:80]!r} is not there; put it beside the articles, or name it by its id."
    if offered.size > most:
        size, limit = offered.size / MEGABYTE, most // MEGABYTE
        return f"the file {name[:80]!r} has {size:.1f} MB; files may have up to {limit} MB."
    if not offered.size:
        return f"the file {name[:80]!r} is empty; choose another."
    told = refusal(clean_name(offered.name), offered.head)
    return told and f"{told}."


async def hand_in(
    store: Store, files: Files, names: Collection[str], offer: Offer, *, now: datetime
) -> dict[str, str]:
    """The ids of these files, by their paths; what no article is published with goes after a day.

    Raises as `Files.keep`; the files were looked at before.
    """
    return {
        name: await _hand_in(store, files, offered, now)
        for name in dict.fromkeys(names)
        if not KEY.fullmatch(name) and (offered := offer(name)) is not None
    }


async def _hand_in(store: Store, files: Files, offered: Offered, now: datetime) -> str:
    content, name = await asyncio.to_thread(offered.read), clean_name(offered.name)
    async with store.write() as session:
        there = await article_files.like(session, sha256(content).hexdigest(), name)
        if there is not None:
            there.created_at = now  # not swept before its article is published
            return there.key
    taken = await files.keep(content, name)
    async with files.new(taken.key) as needless, store.write() as session:
        key = (await article_files.add(session, taken, now=now)).key
        needless.update({taken.key} - {key})  # somebody may just have handed in the same
    return key
