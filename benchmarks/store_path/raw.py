"""The same work written by hand for plain sqlite3: what a message costs when nothing stands between it and SQLite.

The same questions are asked and the same rows are left as by the product (a test holds them against each other), in
sets where it works in sets. `alone` is the other way to write it by hand: a message at a time, a commit each.
"""

import json
import sqlite3
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.store_path.ours import WAITING
from crm_store.engine import WRITER_PRAGMAS

PEOPLE = """SELECT i.address, i.id, i.customer_id, i.display_name, i.language, i.is_reachable, u.language, u.banned_at,
 u.ban_is_shadow, i.unchecked_since
 FROM identity i JOIN customer u ON u.id = i.customer_id
 WHERE i.channel = 'telegram' AND i.address IN (SELECT value FROM json_each(?))"""
HELD = """SELECT identity_id, id, status, language, memory, agent_id, queued_at, handoff_reason, last_message_at,
 resolved_at, team, away_told_at FROM conversation
 WHERE identity_id IN (SELECT value FROM json_each(?)) AND status <> 'resolved'"""
ASKED_FOR_STARS = """SELECT r.id, r.conversation_id, r.state, r.expires_at, r.customer_id, s.aspect
 FROM rating_request r LEFT JOIN rating s ON s.request_id = r.id
 WHERE r.customer_id IN (SELECT value FROM json_each(?)) AND r.state IN ('pending', 'rated', 'commenting')"""
SEEN = """SELECT update_id FROM seen_update
 WHERE source = 'telegram:1' AND update_id IN (SELECT value FROM json_each(?))"""
UNSENT = """SELECT DISTINCT lane FROM message
 WHERE delivery IN ('pending', 'sending') AND lane IN (SELECT value FROM json_each(?))"""
WAITING_FOR_PEOPLE = "SELECT count(*) FROM conversation WHERE status = 'queued'"
NEWEST = "SELECT name, seq FROM sqlite_sequence"
CUSTOMER = """INSERT INTO customer (id, name, attributes, profiling_allowed, is_demo, order_count, order_amount,
 created_at, updated_at, last_seen_at, version) VALUES (?, ?, '{}', 1, 0, 0, 0, ?, ?, ?, 1)"""
IDENTITY = """INSERT INTO identity (id, customer_id, channel, address, display_name, is_reachable, created_at,
 last_seen_at) VALUES (?, ?, 'telegram', ?, ?, 1, ?, ?)"""
CONVERSATION = """INSERT INTO conversation (id, customer_id, identity_id, channel, status, priority, language, memory,
 why_next, attributes, tags, created_at, last_message_at)
 VALUES (?, ?, ?, 'telegram', 'bot', 0, 'en', '{}', '[]', '{}', '[]', ?, ?)"""
TIMER = "INSERT INTO timer (kind, subject_id, due_at) VALUES ('idle_close', ?, ?)"
MET_AGAIN = "UPDATE identity SET display_name = ?, is_reachable = 1, last_seen_at = ? WHERE id = ?"
CUSTOMER_SEEN = "UPDATE customer SET last_seen_at = ? WHERE id = ?"
GOES_ON = "UPDATE conversation SET status = 'bot', memory = '{}', last_message_at = ? WHERE id = ?"
ASKED = """INSERT INTO message (id, conversation_id, customer_id, author, is_note, kind, text, decision, created_at,
 lane, attempts, platform_id) VALUES (?, ?, ?, 'customer', 0, 'text', 'Where is my card?', 'answer', ?, ?, 0, '7')"""
SAID = """INSERT INTO message (id, conversation_id, customer_id, author, is_note, kind, text, intent, reply_to_id,
 created_at, delivery, lane, attempts)
 VALUES (?, ?, ?, 'bot', 0, 'text', 'It is on its way.', ?, ?, ?, 'sending', ?, 1)"""
REMEMBER = "INSERT INTO seen_update (source, update_id, seen_at) VALUES ('telegram:1', ?, ?)"
MARK = """UPDATE message SET delivery = 'sent', next_try_at = NULL, sent_at = ?, doubted_at = NULL, platform_id = ?,
 error = NULL WHERE id = ? AND delivery IN ('pending', 'sending')"""
BUTTONS = {"choices": [{"label": "Yes", "action": {"do": "helped", "yes": True}}]}


def opened(path: Path, *, synchronous: str = "FULL") -> sqlite3.Connection:
    """The file, with the settings that the product has."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in WRITER_PRAGMAS:
        connection.execute(pragma)
    connection.execute(f"PRAGMA synchronous={synchronous}")
    return connection


def exchange(store: sqlite3.Connection, chats: Sequence[int], first_update: int) -> list[int]:
    """One transaction in which each of these asks and is answered; the replies' rows."""
    now = _now()
    store.execute("BEGIN IMMEDIATE")
    updates = [str(first_update + n) for n in range(len(chats))]
    people = {row[0]: row for row in store.execute(PEOPLE, [json.dumps([str(chat) for chat in chats])])}
    held = {row[0]: row for row in store.execute(HELD, [json.dumps([row[1] for row in people.values()])])}
    store.execute(ASKED_FOR_STARS, [json.dumps([row[2] for row in people.values()])]).fetchall()
    seen = {row[0] for row in store.execute(SEEN, [json.dumps(updates)])}
    store.execute(UNSENT, [json.dumps([f"telegram:{address}" for address in people])]).fetchall()
    store.execute(WAITING_FOR_PEOPLE).fetchall()
    newest = dict(store.execute(NEWEST))
    pairs = [(chat, update) for chat, update in zip(chats, updates, strict=True) if update not in seen]
    new = [chat for chat, _ in pairs if str(chat) not in people]
    talks = _meet(store, new, newest, now)
    known = [people[str(chat)] for chat, _ in pairs if str(chat) in people]
    store.executemany(MET_AGAIN, [(f"Customer {row[0]}", now, row[1]) for row in known])
    store.executemany(CUSTOMER_SEEN, [(now, row[2]) for row in known])
    store.executemany(GOES_ON, [(now, held[row[1]][1]) for row in known])
    talks |= {int(row[0]): (held[row[1]][1], row[2]) for row in known}
    replies = _talk(store, [(chat, *talks[chat]) for chat, _ in pairs], newest.get("message", 0), now)
    store.executemany(REMEMBER, [(update, now) for _, update in pairs])
    store.execute("COMMIT")
    return replies


def _meet(
    store: sqlite3.Connection, chats: Sequence[int], newest: dict[str, int], now: str
) -> dict[int, tuple[int, int]]:
    """Rows for whom nobody has met: by chat the conversation and the customer."""
    customer, identity = newest.get("customer", 0) + 1, newest.get("identity", 0) + 1
    conversation = newest.get("conversation", 0) + 1
    store.executemany(CUSTOMER, [(customer + n, f"Customer {c}", now, now, now) for n, c in enumerate(chats)])
    store.executemany(
        IDENTITY,
        [(identity + n, customer + n, str(c), f"Customer {c}", now, now) for n, c in enumerate(chats)],
    )
    store.executemany(
        CONVERSATION, [(conversation + n, customer + n, identity + n, now, now) for n in range(len(chats))]
    )
    store.executemany(TIMER, [(conversation + n, now) for n in range(len(chats))])
    return {chat: (conversation + n, customer + n) for n, chat in enumerate(chats)}


def _talk(
    store: sqlite3.Connection, talks: Sequence[tuple[int, int, int]], newest: int, now: str
) -> list[int]:
    """A question and a reply for each (chat, conversation, customer); the replies' rows."""
    first, buttons = newest + 1, json.dumps(BUTTONS, separators=(",", ":"))
    asked = [(first + 2 * n, talk, who, now, f"telegram:{chat}") for n, (chat, talk, who) in enumerate(talks)]
    store.executemany(ASKED, asked)
    said = [(row + 1, talk, who, buttons, row, now, lane) for row, talk, who, _, lane in asked]
    store.executemany(SAID, said)
    return [row[0] for row in said]


def settle(store: sqlite3.Connection, replies: Sequence[int]) -> None:
    """These were sent."""
    now = _now()
    store.execute("BEGIN IMMEDIATE")
    store.executemany(MARK, [(now, str(number), number) for number in replies])
    store.execute("COMMIT")


def rate(path: Path, batches: int, *, waiting: int = WAITING, alone: bool = False) -> float:
    """Messages a second; half of the batches come from people already known. `alone`: each with its own commits."""
    store = opened(path)
    began = time.perf_counter()
    for number in range(batches):
        chats = [waiting * (number // 2) + n for n in range(waiting)]
        parts = [[chat] for chat in chats] if alone else [chats]
        for turn, part in enumerate(parts):
            settle(store, exchange(store, part, number * waiting + turn))
    took = time.perf_counter() - began
    store.close()
    return waiting * batches / took


def _now() -> str:
    return datetime.now(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
