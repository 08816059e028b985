"""Asking the database again and again whether it can be written to, so that readiness tells the truth in time.

While all is well the question costs nothing but a lock; once something failed it is a real write, since a full disk
lets locks be taken.
"""

import asyncio
import os
import time

import structlog
from sqlalchemy import Connection, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import InterfaceError

from crm_store.condition import DATABASE, DISK, Condition
from crm_store.engine import Store
from crm_store.outages import is_outage, sqlstate
from crm_store.signals import Topic
from crm_store.sqlite_files import path_of, room

log = structlog.get_logger(__name__)
LOOK_EVERY_S = 0.4
PATIENCE_S = 1.0
"""A database that does not answer for so long is out of order."""
CALM_S = 2.0
"""A single success between failures is not the end of them: small writes may fit where larger ones do not."""
LEAST_ROOM = 8 * 2**20
REPEATED = "40"
"""SQLSTATEs of what is simply done again: deadlocks, serialization failures."""

_WORDS: tuple[tuple[str, str], ...] = (
    # the beginning of a SQLSTATE, or what SQLite says -> in words
    ("53100", "its disk is full; make room"),
    ("25006", "it can only be read; it may be a standby, or its disk is write-protected"),
    ("57P", "its server is stopping or starting"),
    ("08", "its server cannot be reached"),
    ("57", "its server is stopping or starting"),
    ("database is locked", "another program holds its lock; stop that program, or wait until it is done"),
    ("disk is full", "its disk is full; make room"),
    ("readonly", "it cannot be written; its disk is write-protected, or this user lacks the right to write"),
    ("disk I/O error", "its disk refuses to be written; it may be full, write-protected, or broken"),
    ("unable to open", "its file cannot be opened; the folder must be there, and this user may write in it"),
)


def in_words(error: BaseException) -> str:
    """What is wrong with the database, and what to do; never its own text, which may hold anything."""
    state, told = sqlstate(error) or "", str(getattr(error, "orig", None) or error)
    for sign, words in _WORDS:
        if state.startswith(sign) or sign in told:
            return words
    if isinstance(error, (OSError, InterfaceError)) or getattr(error, "connection_invalidated", False):
        return "its server cannot be reached"
    return f"it refuses to work ({state or type(error).__name__})"


async def mind(store: Store, condition: Condition) -> None:
    """Keep `condition` true about the database; runs until cancelled."""
    for engine in {store.writer.sync_engine, store.reader.sync_engine}:
        event.listen(engine, "handle_error", lambda context: _heard(context, condition))
    looking: asyncio.Task[None] | None = None
    try:
        while True:
            looking = looking or asyncio.create_task(_look(store, condition))
            began = time.monotonic()
            await asyncio.wait({looking}, timeout=PATIENCE_S)
            if not looking.done():
                if time.monotonic() - began > 1.5 * PATIENCE_S:
                    continue  # this process itself stood still: that says nothing of the database
                condition.fails(DATABASE, "it does not answer; another program may hold its lock")
                continue
            looking = None
            await asyncio.sleep(LOOK_EVERY_S)
    finally:
        if looking is not None:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)


def _heard(context: ExceptionContext, condition: Condition) -> None:
    note(condition, context.sqlalchemy_exception or context.original_exception)


def note(condition: Condition, error: BaseException) -> None:
    """The database failed somebody; what is no outage, and what is simply repeated, says nothing of its condition."""
    if is_outage(error) and not (sqlstate(error) or "").startswith(REPEATED):
        condition.fails(DATABASE, in_words(error))


async def _look(store: Store, condition: Condition) -> None:
    is_doubted = condition.is_out_of_order(DATABASE)
    try:
        _look_at_disk(store, condition)
        await store.transact(lambda connection, topics: _try(connection, topics, is_doubted, store.is_sqlite))
    except Exception as error:
        if is_outage(error):
            note(condition, error)
        else:
            log.exception("the database could not be looked at")
        return
    if is_doubted:
        condition.works(DATABASE, calm_s=CALM_S)


def _try(connection: Connection, _topics: set[Topic], is_doubted: bool, is_sqlite: bool) -> None:
    """On SQLite the transaction itself takes the writers' lock."""
    if not is_sqlite:
        connection.exec_driver_sql("SELECT pg_current_xact_id()" if is_doubted else "SELECT 1")
    elif is_doubted:
        connection.exec_driver_sql("PRAGMA user_version = 0")  # nobody's, and yet a page that is written


def _look_at_disk(store: Store, condition: Condition) -> None:
    """Whether an SQLite file has room to grow."""
    if not store.is_sqlite:
        return
    path = path_of(store.url)
    if os.statvfs(path.absolute().parent).f_flag & os.ST_RDONLY:
        condition.fails(DATABASE, "its disk is write-protected")
    if room(path) < LEAST_ROOM:
        condition.fails(DISK, f"less than {LEAST_ROOM >> 20} MB are left; make room before it is full")
    else:
        condition.works(DISK)
