"""The same rush in plain SQL: the rows a taking writes, by the driver alone. What the database itself can do."""

import sqlite3
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from benchmarks.queue_rush.ground import NOW

_NEXT = """SELECT id, customer_id FROM conversation WHERE status = 'queued'
 ORDER BY ranked_at, queued_at, id LIMIT 1"""
_STEPS = (
    # what a taking leaves behind; :c the conversation, :p its customer, :a the agent, :t the time
    "UPDATE conversation SET status = 'assigned', agent_id = :a, taken_at = :t WHERE id = :c",
    """INSERT INTO status_change (conversation_id, change, from_status, to_status, actor, reason, changed_at)
 VALUES (:c, 'take', 'queued', 'assigned', 'agent:' || :a, 'take', :t)""",
    "INSERT INTO assignment (conversation_id, agent_id, reason, assigned_at) VALUES (:c, :a, 'take', :t)",
    "UPDATE handoff SET ended_at = :t, outcome = 'taken' WHERE conversation_id = :c AND ended_at IS NULL",
    "DELETE FROM timer WHERE kind = 'unanswered' AND subject_id = :c AND fired_at IS NULL",
    "INSERT INTO timer (kind, subject_id, due_at) VALUES ('unanswered', :c, :t)",
    """INSERT INTO message (conversation_id, customer_id, author, is_note, kind, text, created_at, delivery, lane,
 attempts) VALUES (:c, :p, 'system', false, 'text', '', :t, 'pending', 'web:' || :c, 0)""",
    "UPDATE conversation SET last_message_at = :t WHERE id = :c",
)
RESET = (
    "DELETE FROM assignment",
    "DELETE FROM message",
    "DELETE FROM status_change",
    "UPDATE handoff SET ended_at = NULL, outcome = NULL",
    "UPDATE conversation SET status = 'queued', agent_id = NULL",
)


async def take_all(url: str, agent_id: int) -> int:
    """How many this agent took."""
    if url.startswith("sqlite"):
        return _take_all_of_file(url.partition("///")[2], agent_id)
    connection = await _connect(url)
    numbered = [_numbered(step) for step in _STEPS]
    count = 0
    try:
        while True:
            async with connection.transaction():
                found = await connection.fetchrow(f"{_NEXT} FOR UPDATE SKIP LOCKED")
                if found is None:
                    return count
                values = {"c": found[0], "p": found[1], "a": agent_id, "t": NOW}
                for step, names in numbered:
                    await connection.execute(step, *(values[name] for name in names))
            count += 1
    finally:
        await connection.close()


def _take_all_of_file(path: str, agent_id: int) -> int:
    count = 0
    with closing(sqlite3.connect(path, isolation_level=None, timeout=60)) as store:
        store.execute("PRAGMA synchronous=FULL")
        while True:
            store.execute("BEGIN IMMEDIATE")
            found = store.execute(_NEXT).fetchone()
            if found is None:
                store.execute("COMMIT")
                return count
            values = {"c": found[0], "p": found[1], "a": agent_id, "t": NOW.strftime("%Y-%m-%d %H:%M:%S.%f")}
            for step in _STEPS:
                store.execute(step, values)
            store.execute("COMMIT")
            count += 1


def _numbered(step: str) -> tuple[str, list[str]]:
    """The statement with $1, $2 ... and which value each is; typed where the server cannot tell."""
    names: list[str] = []
    types = {"a": "bigint", "t": "timestamptz", "c": "bigint", "p": "bigint"}
    for name, kind in types.items():
        if f":{name}" in step:
            names.append(name)
            step = step.replace(f":{name}", f"CAST(${len(names)} AS {kind})")
    return step, names


async def again(url: str) -> None:
    """Everybody waits again."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.partition("///")[2])) as store, store:
            for step in RESET:
                store.execute(step)
        return
    connection = await _connect(url)
    try:
        for step in RESET:
            await connection.execute(step)
    finally:
        await connection.close()


async def _connect(url: str) -> Any:
    import asyncpg

    return await asyncpg.connect(urlunsplit(urlsplit(url)._replace(scheme="postgresql")))
