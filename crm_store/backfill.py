"""Changing very many rows in an upgrade: in batches, each committed, and taken up again where a kill cut it off.

What changes the schema is one transaction: all of it or nothing. A million rows changed like that would be changed
anew after every kill, and keep all others waiting meanwhile. So a revision that changes many rows does that alone:

    revision = "0003"
    down_revision = "0002"

    def upgrade() -> None:
        in_batches(revision, "message", _count_words)

    def _count_words(connection: Connection, after: int, last: int) -> None:
        statement = text("UPDATE message SET words = ... WHERE id > :after AND id <= :last")
        connection.execute(statement, {"after": after, "last": last})

A change of this kind is three revisions: one adds the column, empty; one fills it in batches; one makes the table
strict about it, adds indexes, drops what is not used any more. What stands before the batches is committed when
they begin. How far they came stands in `key_value` until the rest of the upgrade is committed with it.
"""

from collections.abc import Callable

from sqlalchemy import Connection, text

Fill = Callable[[Connection, int, int], None]
"""Changes the rows with after < id <= last; the same rows may come again where nothing of them was committed."""

AT_ONCE = 5_000
COMMIT = "commit"
"""Alembic's attribute with what checks and commits a stage; without it the caller's transaction holds everything."""
_PROGRESS = "backfill:"


def in_batches(revision: str, table: str, fill: Fill, *, at_once: int = AT_ONCE) -> None:
    """Have `fill` change all rows of `table`, so many at once, in the order of its column `id`.

    Call it as the only step of the revision of this name.
    """
    from alembic import op

    context = op.get_context()
    connection, key = op.get_bind(), _PROGRESS + revision
    commit = context.config and context.config.attributes.get(COMMIT)
    after = _progress(connection, key)
    if commit:
        commit()
    while (last := _end_of_batch(connection, table, after, at_once)) is not None:
        fill(connection, after, last)
        connection.execute(
            text("UPDATE key_value SET value = :value WHERE key = :key"), {"key": key, "value": str(last)}
        )
        if commit:
            connection.commit()
        after = last
    connection.execute(text("DELETE FROM key_value WHERE key = :key"), {"key": key})


def unfinished(connection: Connection) -> list[str]:
    """The revisions whose batches were begun; with one, an upgrade was cut off in the middle."""
    rows = connection.execute(
        text("SELECT key FROM key_value WHERE key LIKE :start ORDER BY key"), {"start": f"{_PROGRESS}%"}
    )
    return [str(key).removeprefix(_PROGRESS) for (key,) in rows]


def _progress(connection: Connection, key: str) -> int:
    """The last id that is done; written down at once, so that a part of an upgrade can be told from a whole one."""
    found = connection.execute(text("SELECT value FROM key_value WHERE key = :key"), {"key": key}).scalar()
    if found is not None:
        return int(found)
    connection.execute(text("INSERT INTO key_value (key, value) VALUES (:key, '0')"), {"key": key})
    return 0


def _end_of_batch(connection: Connection, table: str, after: int, at_once: int) -> int | None:
    found = connection.execute(
        text(
            f"SELECT max(id) FROM (SELECT id FROM {table} WHERE id > :after "  # noqa: S608 (a table of ours)
            "ORDER BY id LIMIT :at_once) AS batch"
        ),
        {"after": after, "at_once": at_once},
    ).scalar()
    return None if found is None else int(found)
