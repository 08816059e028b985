"""Whether an error says that the store itself was away, so that nobody's message is to blame for it."""

import sqlite3
from typing import Any

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

_AWAY = ("08", "40", "53", "55P03", "57", "58", "XX", "25006", "25P03", "25P04")
"""Beginnings of SQLSTATE: connection lost, rolled back (deadlock, serialization), out of disk or memory, lock not to
be had, shut down or starting, system error, internal error, read-only, cut off amid a transaction for being silent or
slow (PostgreSQL manual, appendix A)."""
_CUT_IN_THE_DRIVER = ("InternalClientError", "ConnectionDoesNotExistError")
"""asyncpg's own names, which SQLAlchemy passes on as they are when the server ends an idle session."""


def is_outage(error: BaseException) -> bool:
    """True when the same work may well succeed later (locked, full, restarting, deadlocked)."""
    state = sqlstate(error)
    if state is not None:
        return state.startswith(_AWAY)
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    if type(error).__name__ in _CUT_IN_THE_DRIVER and type(error).__module__.startswith("asyncpg"):
        return True
    if _is_refused_value(error):
        return False
    return isinstance(error, (OperationalError, InterfaceError, PoolTimeout, OSError))


def is_race(error: BaseException) -> bool:
    """True when another process wrote the same at the same moment: a second look will find what it wrote."""
    return isinstance(error, IntegrityError)


def is_read_only(error: BaseException) -> bool:
    """True when SQLite's connection cannot write, which it never will where it was opened so."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    code = getattr(origin, "sqlite_errorcode", None) or 0
    # Of a file that was moved away a new connection would make an empty one.
    return code & 0xFF == sqlite3.SQLITE_READONLY and code != sqlite3.SQLITE_READONLY_DBMOVED


def sqlstate(error: BaseException) -> str | None:
    """PostgreSQL's five letters, None for other errors; while connecting its errors come unwrapped."""
    origin: Any = error.orig if isinstance(error, DBAPIError) else error
    state = getattr(origin, "sqlstate", None) or getattr(origin, "pgcode", None)
    return state if isinstance(state, str) else None


def _is_refused_value(error: BaseException) -> bool:
    """asyncpg refuses a value it cannot send with a kind of InterfaceError that is a ValueError too."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    while origin is not None:
        if isinstance(origin, ValueError) and not isinstance(origin, OSError):
            return True
        origin = origin.__cause__
    return False
