"""What must hold in the store, in plain SQL on a connection of its own, past all of the product's code."""

import sqlite3
from collections.abc import Iterable
from datetime import datetime

from crm_store.lifecycle import TRANSITIONS, Change, Status
from tests.simulation.broken import Broken
from tests.simulation.ledger import Ledger

NONE_OF: tuple[tuple[str, str], ...] = (
    # (what is broken when the query finds anything, the query)
    ("a customer's message is stored twice",
     "SELECT lane, platform_id FROM message WHERE author = 'customer' AND platform_id IS NOT NULL "
     "GROUP BY 1, 2 HAVING count(*) > 1"),
    ("a conversation has two holders, or a holder who is not assigned, or is assigned to nobody",
     "SELECT c.id, c.status, c.agent_id, count(a.id) FROM conversation c "
     "LEFT JOIN assignment a ON a.conversation_id = c.id AND a.ended_at IS NULL GROUP BY c.id HAVING count(a.id) "
     "<> (c.status IN ('assigned', 'waiting_customer')) OR (count(a.id) = 1 AND max(a.agent_id) IS NOT c.agent_id)"),
    ("a conversation waits without a hand-over, or is handed over without waiting",
     "SELECT c.id, c.status, count(h.id) FROM conversation c "
     "LEFT JOIN handoff h ON h.conversation_id = c.id AND h.ended_at IS NULL "
     "GROUP BY c.id HAVING count(h.id) <> (c.status = 'queued')"),
    ("a queued conversation has no time since when",
     "SELECT id FROM conversation WHERE status = 'queued' AND queued_at IS NULL"),
    ("an address has two open conversations",
     "SELECT identity_id FROM conversation WHERE status <> 'resolved' GROUP BY 1 HAVING count(*) > 1"),
    ("two messages of a lane are on their way at once",
     "SELECT lane FROM message WHERE delivery = 'sending' GROUP BY 1 HAVING count(*) > 1"),
    ("a customer was reminded twice of one request",
     "SELECT json_extract(intent, '$.rating_request.request_id') FROM message WHERE delivery IS NOT NULL AND "
     "json_extract(intent, '$.say') = 'rating_reminder' GROUP BY 1 HAVING count(*) > 1"),
    ("a customer has two open requests for stars",
     "SELECT customer_id FROM rating_request WHERE state IN ('asked', 'rating', 'commenting') "
     "GROUP BY 1 HAVING count(*) > 1"),
    ("an aspect is rated twice", "SELECT request_id, aspect FROM rating WHERE request_id IS NOT NULL "
     "GROUP BY 1, 2 HAVING count(*) > 1"),
    ("a timer of one kind is set twice", "SELECT kind, subject_id FROM timer WHERE fired_at IS NULL "
     "GROUP BY 1, 2 HAVING count(*) > 1"),
    ("a customer was told twice in one wait that nobody came", "SELECT h.id FROM handoff h JOIN message m ON "
     "m.conversation_id = h.conversation_id AND json_extract(m.intent, '$.say') = 'still_waiting' AND m.created_at "
     "BETWEEN h.queued_at AND coalesce(h.ended_at, '9') GROUP BY 1 HAVING count(*) > 1"),
    ("a request has two timers of a kind", "SELECT kind, subject_id FROM timer WHERE kind LIKE 'rating%' "
     "GROUP BY 1, 2 HAVING count(*) > 1"),
    ("a message is a gap twice",
     "SELECT message_id FROM gap WHERE message_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1"),
    ("a customer belongs to no identity", "SELECT c.id FROM customer c LEFT JOIN identity i ON i.customer_id = c.id "
     "WHERE i.id IS NULL"),
    ("something was parked that could be handled",
     "SELECT update_id, error FROM parked_update WHERE error NOT LIKE '%poison%'"),
    ("a lane's messages of a customer are out of order",
     "SELECT a.id FROM message a JOIN message b ON b.lane = a.lane AND b.id > a.id AND b.author = 'customer' "
     "WHERE a.author = 'customer' AND CAST(b.platform_id AS INTEGER) < CAST(a.platform_id AS INTEGER)"),
)  # fmt: skip


def look(store: sqlite3.Connection, ledger: Ledger) -> None:
    """What must hold at any moment."""
    for what, query in NONE_OF:
        found = store.execute(query).fetchone()
        if found is not None:
            raise Broken(f"{what}: {found}")
    known = {number for (number,) in store.execute("SELECT id FROM message WHERE delivery IS NOT NULL")}
    for number, row in ledger.rows.items():
        if number not in known:
            raise Broken(f"message {number} was sent to chat {row.chat} and is not in the store")
    sent = store.execute("SELECT id FROM message WHERE delivery = 'sent' AND lane LIKE 'telegram:%'")
    for (number,) in sent:
        if number not in ledger.rows or ledger.rows[number].arrivals == 0:
            raise Broken(f"message {number} counts as sent and never arrived")


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
