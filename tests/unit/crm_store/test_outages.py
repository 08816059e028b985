"""Which errors say that the store was away. The drivers' own classes, as SQLAlchemy passes them on or wraps them."""

import sqlite3

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from crm_store.outages import is_outage, is_race


def wrapped(error: Exception) -> DBAPIError:
    return DBAPIError("SELECT 1", {}, error)


@pytest.mark.parametrize(
    "error",
    [
        wrapped(asyncpg.DeadlockDetectedError("deadlock detected")),
        wrapped(asyncpg.SerializationError("could not serialize")),
        wrapped(asyncpg.AdminShutdownError("terminating connection")),
        wrapped(asyncpg.IdleInTransactionSessionTimeoutError("silent")),
        wrapped(asyncpg.DiskFullError("no space")),
        wrapped(asyncpg.LockNotAvailableError("locked")),
        wrapped(asyncpg.ReadOnlySQLTransactionError("a standby")),
        asyncpg.CannotConnectNowError("the database system is starting up"),
        asyncpg.InternalClientError("cannot switch to state 12; another operation (2) is in progress"),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        ConnectionRefusedError(),
        TimeoutError(),
        PoolTimeout(),
        OperationalError("BEGIN", {}, sqlite3.OperationalError("database is locked")),
    ],
)
def test_what_may_succeed_later(error: Exception) -> None:
    assert is_outage(error)


@pytest.mark.parametrize(
    "error",
    [
        wrapped(asyncpg.NotNullViolationError("null value")),
        wrapped(asyncpg.DataError("invalid input for query argument")),
        wrapped(asyncpg.UniqueViolationError("duplicate key")),
        ValueError("embedded null byte"),
        LookupError(),
    ],
)
def test_what_will_not(error: Exception) -> None:
    assert not is_outage(error)


def test_a_row_that_another_process_made_meanwhile_is_a_race() -> None:
    assert is_race(IntegrityError("INSERT", {}, asyncpg.UniqueViolationError("duplicate key")))
    assert not is_race(wrapped(asyncpg.DeadlockDetectedError("deadlock detected")))
