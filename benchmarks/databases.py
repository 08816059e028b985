"""Databases to try things on, read by plain SQL past everything the project itself has."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit


@contextmanager
def database(url: str | None = None, file: Path | None = None) -> Iterator[str]:
    """The URL that is given; else an SQLite file's; else that of a PostgreSQL of its own, gone afterwards."""
    if url is not None:
        yield url
    elif file is not None:
        yield f"sqlite:///{file}"
    else:
        from tests.postgres_server import start_server

        server = start_server()
        try:
            server.sql('CREATE DATABASE "trial"')
            yield server.database("trial")
        finally:
            server.stop()


async def rows_of(database_url: str, query: str) -> Sequence[Any]:
    """The rows."""
    parts = urlsplit(database_url)
    if parts.scheme.startswith("sqlite"):
        with sqlite3.connect(database_url.partition("///")[2]) as store:
            return store.execute(query).fetchall()
    import asyncpg

    connection = await asyncpg.connect(urlunsplit(parts._replace(scheme="postgresql")))
    try:
        return list(await connection.fetch(query))
    finally:
        await connection.close()


async def is_sound(database_url: str) -> bool:
    """SQLite's own check of the file; PostgreSQL has none to run."""
    if not database_url.startswith("sqlite"):
        return True
    return bool((await rows_of(database_url, "PRAGMA integrity_check"))[0][0] == "ok")
