"""What must hold in the store at the end, in plain SQL on a connection of its own, past all of the product's code."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from crm_store.lifecycle import TRANSITIONS, Change, Status
from tests.simulation.broken import Broken


def chains(store: sqlite3.Connection) -> None:
    """Every change of holder follows from the one before, by the table of what may follow."""
    at: dict[int, str] = {}
    rows = store.execute(
        "SELECT conversation_id, change, from_status, to_status FROM status_change ORDER BY id"
    )
    for number, change, before, after in rows:
        if before != at.get(number, "bot") or TRANSITIONS.get((Status(before), Change(change))) != after:
            raise Broken(
                f"conversation {number} went from {at.get(number, 'bot')} by {change} ({before}) to {after}"
            )
        at[number] = after
    for number, status in store.execute("SELECT id, status FROM conversation"):
        if at.get(number, "bot") != status:
            raise Broken(f"conversation {number} is {status}; its history says {at.get(number, 'bot')}")


def everything_there(
    store: sqlite3.Connection, said: Iterable[tuple[str, int]], acked: Iterable[tuple[str, str]]
) -> None:
    """Every word of a customer is stored once, and every update that was confirmed is known."""
    query = "SELECT lane, CAST(platform_id AS INTEGER) FROM message WHERE author = 'customer'"
    kept = set(store.execute(query))
    lost = sorted(set(said) - kept)
    if lost:
        raise Broken(f"what customers said is lost: {lost[:5]}")
    seen = set(store.execute("SELECT source, update_id FROM seen_update"))
    unseen = sorted(set(acked) - seen)
    if unseen:
        raise Broken(f"updates were confirmed and are unknown: {unseen[:5]}")


def nothing_left(store: sqlite3.Connection, now: datetime) -> None:
    """At the end nothing waits that should not."""
    text = now.strftime("%Y-%m-%d %H:%M:%S.%f")
    for what, query, values in (
        ("a message was never sent",
         "SELECT id, delivery, lane FROM message WHERE delivery IN ('pending', 'sending')", ()),
        ("somebody waits for ever", "SELECT id FROM conversation WHERE status = 'queued'", ()),
        ("a timer never fired",
         "SELECT kind, subject_id, due_at FROM timer WHERE fired_at IS NULL AND due_at < ?", (text,)),
        ("a request for stars is open too long", "SELECT id FROM rating_request WHERE expires_at < ? AND state IN "
         "('asked', 'rating', 'commenting')", (text,)),
    ):  # fmt: skip
        found = store.execute(query, values).fetchone()
        if found is not None:
            raise Broken(f"{what}: {found}")


def unseen(store: sqlite3.Connection, source: str, numbers: Iterable[str]) -> list[str]:
    """Which of these updates the store does not know."""
    query = "SELECT 1 FROM seen_update WHERE source = ? AND update_id = ?"
    return [number for number in numbers if store.execute(query, (source, number)).fetchone() is None]
