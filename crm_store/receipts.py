"""What a platform has taken, noted the moment it says so, in a file beside the SQLite database.

A row is marked as sent in a commit, some milliseconds after the platform's answer; a process that is killed in
between would send the message again. A line in a file takes microseconds and survives the end of the process
(not a power cut: then the message is sent again). The next start makes the missing marks from it.
"""

import os
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import orjson
from sqlalchemy import Connection, select

from crm_store import outbox
from crm_store.engine import Store
from crm_store.models.base import table_of
from crm_store.models.conversations import Message
from crm_store.outbox import Claimed, Sent
from crm_store.statements import Statement, among

LINES_KEPT = 4096
_M = table_of(Message).c
_SENDING = Statement(
    lambda is_sqlite: (
        select(_M.id, _M.attempts, _M.created_at)
        .where(among(_M.id, "ids", is_sqlite), _M.delivery == "sending")
        .order_by(_M.id)
    )
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One attempt to send a message that succeeded."""

    message_id: int
    attempt: int
    created_at: datetime
    """The message's: numbers alone could be those of another database that lay here before."""
    platform_id: str | None
    text: str | None
    """As in `Sent`."""

    def line(self) -> bytes:
        """As it stands in the file, with a checksum."""
        facts = (self.message_id, self.attempt, self.created_at, self.platform_id, self.text)
        words = orjson.dumps(facts)
        return b"%08x %s\n" % (zlib.crc32(words), words)


class Receipts:
    """The file; without a path nothing is ever noted."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._file: int | None = None
        self._lines = 0
        self._unmarked: dict[int, Receipt] = {}

    def read(self) -> list[Receipt]:
        """What a process that was killed has left; torn lines are left out."""
        if self._path is None:
            return []
        try:
            lines = self._path.read_bytes().splitlines()
        except OSError:
            return []
        self._lines = len(lines)
        return [receipt for line in lines if (receipt := _read(line)) is not None]

    def note(self, message: Claimed, sent: Sent) -> bool:
        """Whether it is noted: from then on a kill cannot make the message come again."""
        if self._path is None:
            return False
        receipt = Receipt(message.id, message.attempts, message.created_at, sent.platform_id, sent.text)
        if not self._write(receipt):
            return False
        self._unmarked[message.id] = receipt
        return True

    def settle(self, ended: Iterable[int]) -> None:
        """The rows of these are marked; what is not yet stays in the file."""
        for number in ended:
            self._unmarked.pop(number, None)
        if not self._lines or (self._unmarked and self._lines < LINES_KEPT):
            return
        try:
            os.ftruncate(self._open(), 0)
        except OSError:
            return
        self._lines = 0
        for receipt in self._unmarked.values():
            self._write(receipt)

    def close(self) -> None:
        """Leave no file behind when everything is marked."""
        if self.cut() and self._path is not None and not self._unmarked:
            self._path.unlink(missing_ok=True)

    def cut(self) -> bool:
        """Let go of the file, as the end of a process does: it stays for the next start. False where none was open."""
        if self._file is None:
            return False
        os.close(self._file)
        self._file = None
        return True

    def _write(self, receipt: Receipt) -> bool:
        line = receipt.line()
        try:
            is_written = os.write(self._open(), line) == len(line)
        except OSError:  # a full disk, say: then the commit of the mark is waited for
            return False
        self._lines += 1
        return is_written

    def _open(self) -> int:
        if self._file is None and self._path is not None:
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        return -1 if self._file is None else self._file


def receipts_beside(store: Store) -> Receipts:
    """Those of the one server of this store; PostgreSQL has no file to lie beside."""
    return Receipts(Path(f"{store.url.database}-sent") if store.is_sqlite else None)


def _read(line: bytes) -> Receipt | None:
    checksum, _, words = line.partition(b" ")
    if checksum != b"%08x" % zlib.crc32(words):
        return None
    number, attempt, created_at, platform_id, text = orjson.loads(words)
    return Receipt(number, attempt, datetime.fromisoformat(created_at), platform_id, text)


def mark_noted(connection: Connection, noted: Sequence[Receipt], *, now: datetime) -> int:
    """Mark as sent what these tell of and the store still calls 'sending'; how many that were."""
    if not noted:
        return 0
    by_id = {receipt.message_id: receipt for receipt in noted}
    found = _SENDING(connection, {"ids": list(by_id)})
    sent = [
        Sent(number, by_id[number].platform_id, by_id[number].text, claim=attempts)
        for number, attempts, created_at in found
        if (by_id[number].attempt, by_id[number].created_at) == (attempts, created_at)
    ]
    outbox.settle(connection, sent, (), now=now)
    return len(sent)
