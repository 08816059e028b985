"""Files that go along with articles' answers. Session first; nothing here commits.

A file lies in the folder once, however many articles, languages and versions name it by its key, and however many
customers got it: answers are given by the thousand, and a file of the business is nobody's to be erased. What was
published keeps its files for good, because every version can be restored; what no article took goes after a day.
"""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import stored_files
from crm_store.errors import InvalidValue, NotFound
from crm_store.file_types import refusal
from crm_store.files import Taken
from crm_store.models.files import StoredFile
from crm_store.models.learning import ArticleProposal
from crm_store.stored_files import ARTICLES

_AT_ONCE = 500
PUBLISHED, DRAFTED = "article", "draft"
"""Who keeps a file (`StoredFile.claimed_by`): what was published, or drafts only."""


async def add(session: AsyncSession, taken: Taken, *, now: datetime) -> StoredFile:
    """The file that was taken in as one that articles may name; where the same is there already, that.

    The caller removes `taken` from the folder where another key comes back. Raises InvalidValue for a kind of file
    that does not go along with answers.
    """
    if wrong := refusal(taken.name, taken.head):
        raise InvalidValue(wrong, kind="answer_file", name=taken.name)
    there = await like(session, taken.digest, taken.name)
    if there is None:
        return await stored_files.add(session, taken, lane=ARTICLES, now=now)
    there.created_at = now  # not swept before its article is published
    await session.flush()
    return there


async def like(session: AsyncSession, digest: str, name: str) -> StoredFile | None:
    """The file with these bytes and this name, or None."""
    same = (StoredFile.lane == ARTICLES) & (StoredFile.digest == digest) & (StoredFile.name == name)
    return await session.scalar(select(StoredFile).where(same).order_by(StoredFile.id).limit(1))


async def get(session: AsyncSession, key: str) -> StoredFile:
    """The file; raises NotFound, as for files that are no article's."""
    found = await stored_files.find(session, key)
    if found is None or found.lane != ARTICLES:
        raise NotFound(f"articles have no file {key}")
    return found


async def named(session: AsyncSession, keys: Collection[str], *, lock: bool = False) -> dict[str, StoredFile]:
    """Those of these files that are there, by their keys; locked, they are as they are now."""
    wanted, found = sorted(set(keys)), dict[str, StoredFile]()
    for start in range(0, len(wanted), _AT_ONCE):
        some = StoredFile.key.in_(wanted[start : start + _AT_ONCE])
        query = select(StoredFile).where(StoredFile.lane == ARTICLES, some)
        rows = await session.scalars(_locked(query) if lock else query)
        found |= {row.key: row for row in rows}
    return found


def _locked(query: Select[StoredFile]) -> Select[StoredFile]:
    """Who publishes and who sweeps meet here: the second waits, and sees what the first has written."""
    return query.order_by(StoredFile.id).with_for_update().execution_options(populate_existing=True)


async def attachments(session: AsyncSession, keys: Collection[str]) -> dict[str, dict[str, Any]]:
    """What a message row says of each of these files, by their keys; nothing of those that are not there."""
    return {key: stored_files.attachment(row) for key, row in (await named(session, keys)).items()}


async def keep(session: AsyncSession, keys: Collection[str], *, by: str = PUBLISHED) -> None:
    """An article, or (DRAFTED) a draft of one, has these files now; raises InvalidValue where one is not there."""
    found = await named(session, keys, lock=True)
    if missing := sorted(set(keys) - found.keys()):
        told = f"there is no file {missing[0]}; hand it in first, and name it by the id it gets"
        raise InvalidValue(told, kind="file_gone")
    for row in found.values():
        if by == PUBLISHED or row.claimed_by is None:
            row.claimed_by = by
    await session.flush()


async def let_go_of_drafts(session: AsyncSession) -> int:
    """Let files be swept that only drafts had, none of which is open any more; how many."""
    drafted = select(StoredFile).where(StoredFile.lane == ARTICLES, StoredFile.claimed_by == DRAFTED)
    rows = {row.key: row for row in await session.scalars(_locked(drafted))}
    if not rows:
        return 0
    # Read behind the lock: no draft takes up one of them any more until this is committed.
    contents = await session.scalars(select(ArticleProposal.content).where(ArticleProposal.state == "open"))
    wanted = {str(key) for content in contents for key in content.get("attachments", ())}
    going = rows.keys() - wanted
    for key in going:
        rows[key].claimed_by = None
    await session.flush()
    return len(going)
