"""The folder of files: bytes come in as a stream under a random name, and are found again by it.

Nothing that a sender says becomes part of a path. A file is complete or not there: it is written aside, synced, and
moved to its place. Which files belong to whom stands in the table `stored_file`.
"""

import asyncio
import errno
import os
import re
import secrets
import shutil
import time
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from sqlalchemy.exc import DBAPIError

from crm_store.durable import make_folder, sync_folder
from crm_store.errors import InvalidValue, NotFound, StoreError
from crm_store.file_types import HEAD, clean_name, mime_of
from crm_store.settings import StoreSettings

KEY = re.compile(r"[0-9a-f]{32}")
INCOMING = "incoming"
OWNER = "owner"
"""The file that says whose folder it is: nobody else may decide what in it belongs to nothing."""
MEGABYTE = 1024 * 1024
RESERVE = 256 * MEGABYTE
"""So much of the disk stays free for the database."""


class TooLarge(StoreError):
    """The file has more bytes than are taken."""


class NoRoom(StoreError):
    """The disk is nearly full."""


_UNKNOWN_OUTCOME = (DBAPIError, OSError, asyncio.CancelledError)
"""Where these end a transaction, its COMMIT may have been done."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A file that lies in the folder now."""

    key: str
    name: str
    mime: str
    size: int
    digest: str = ""
    """SHA-256 of the bytes, in hexadecimal."""
    head: bytes = b""
    """The first of the bytes: they tell what it is."""


class Files:
    """Reads and writes the folder, which is made when the first file comes."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.folder, self.max_bytes = folder, max_bytes

    async def take_in(self, chunks: AsyncIterable[bytes], name: str | None) -> Taken:
        """The stream as a file; raises TooLarge, NoRoom, and InvalidValue for nothing at all. Else all or nothing."""
        with _told_of_a_full_disk():
            return await self._take_in(chunks, name)

    async def _take_in(self, chunks: AsyncIterable[bytes], name: str | None) -> Taken:
        key = secrets.token_hex(16)
        aside = self.folder / INCOMING / key
        file = await asyncio.to_thread(self._begin, aside)
        size, head, digest = 0, b"", sha256()
        try:
            async for chunk in chunks:
                size += len(chunk)
                if size > self.max_bytes:
                    raise TooLarge(
                        f"the file is larger than {self.max_bytes // MEGABYTE} MB",
                        kind="file_large",
                        most=self.max_bytes // MEGABYTE,
                    )
                head += chunk[: HEAD - len(head)]
                await asyncio.to_thread(file.write, chunk)
                digest.update(chunk)
            if not size:
                raise InvalidValue("the file is empty; choose another", kind="file_empty")
            await asyncio.to_thread(self._finish, file, aside, key)
        except BaseException:
            with suppress(OSError):  # closing writes what is left, for which there may be no room
                file.close()
            aside.unlink(missing_ok=True)
            raise
        return Taken(key, clean_name(name), mime_of(head), size, digest.hexdigest(), head)

    async def keep(self, content: bytes, name: str | None) -> Taken:
        """These bytes as a file; raises as `take_in`."""

        async def whole() -> AsyncIterator[bytes]:
            yield content

        return await self.take_in(whole(), name)

    async def copy(self, key: str, name: str) -> Taken:
        """Another file with these bytes; raises as `path` and `take_in`."""
        return await self.keep(await self.read(key), name)

    async def read(self, key: str) -> bytes:
        """The bytes; raises as `path`."""
        return await asyncio.to_thread(self.path(key).read_bytes)

    def path(self, key: str) -> Path:
        """Where the file lies; raises NotFound when it does not."""
        if not KEY.fullmatch(key):
            raise NotFound("there is no such file")
        path = self._place(key)
        if not path.is_file():
            raise NotFound(
                "the file is not in the folder any more; was it left behind when the server moved?"
            )
        return path

    async def remove(self, keys: Iterable[str]) -> None:
        """Delete these, where they are there."""
        await asyncio.to_thread(self._remove, [key for key in keys if KEY.fullmatch(key)])

    @asynccontextmanager
    async def new(self, *keys: str) -> AsyncIterator[set[str]]:
        """Files that just came here, for which rows are written inside: where that fails, all of them go again.

        Where it is done, those go whose keys were put into the set: files that are not needed after all. Of a database
        that went away nobody knows what it still wrote, so that the files stay; what then has no row, and what the
        folder does not let go of, is swept later.
        """
        needless: set[str] = set()
        try:
            yield needless
        except _UNKNOWN_OUTCOME:
            raise
        except BaseException:
            with suppress(OSError):
                await self.remove(keys)
            raise
        with suppress(OSError):
            await self.remove(needless)

    async def older_than(self, seconds: float) -> list[str]:
        """The keys of complete files that lie here longer; what was begun and never finished goes on the way."""
        return await asyncio.to_thread(self._older_than, time.time() - seconds)

    async def owner(self) -> str | None:
        """The installation whose folder this is; None when nobody's yet."""
        try:
            return (await asyncio.to_thread((self.folder / OWNER).read_text)).strip()
        except FileNotFoundError:
            return None

    async def own(self, installation: str) -> None:
        """Make it this installation's, if it is there and nobody's."""
        await asyncio.to_thread(self._own, installation)

    def _own(self, installation: str) -> None:
        with suppress(FileExistsError, FileNotFoundError), (self.folder / OWNER).open("x") as file:
            file.write(installation)

    def _place(self, key: str) -> Path:
        return self.folder / key[:2] / key  # no folder grows large

    def _begin(self, aside: Path) -> BinaryIO:
        make_folder(aside.parent, 0o700)
        if shutil.disk_usage(aside.parent).free < RESERVE + self.max_bytes:
            raise _no_room()
        return os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")

    def _finish(self, file: BinaryIO, aside: Path, key: str) -> None:
        file.flush()
        os.fsync(file.fileno())
        file.close()
        place = self._place(key)
        make_folder(place.parent, 0o700)
        aside.replace(place)
        sync_folder(place.parent)  # else a power cut may take the file and leave its row

    def _remove(self, keys: list[str]) -> None:
        for key in keys:
            self._place(key).unlink(missing_ok=True)

    def _older_than(self, moment: float) -> list[str]:
        found = []
        for path in self.folder.glob("*/*"):
            if not KEY.fullmatch(path.name) or path.stat().st_mtime > moment:
                continue
            if path.parent.name == INCOMING:
                path.unlink(missing_ok=True)
            else:
                found.append(path.name)
        return found


def _no_room() -> NoRoom:
    return NoRoom(
        "the disk is nearly full, so no files are taken; make room on the server, or go on without the file",
        kind="no_room",
    )


@contextmanager
def _told_of_a_full_disk() -> Iterator[None]:
    """Raises NoRoom where there is none amid a file: a quota is not seen beforehand, and others write meanwhile."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise _no_room() from error


def files_of(settings: StoreSettings) -> Files:
    """The folder these settings name."""
    return Files(Path(settings.files_folder), settings.max_upload_mb * MEGABYTE)
