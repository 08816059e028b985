"""What must hold in the store at any moment, in plain SQL on a connection of its own, past all of the product's code.

The store changes with a commit and with nothing else, so that rules looked at after each commit are looked at after
every step. Then only those are that read a table which the commit wrote to, and those about messages look at what
came since the look before: a message is never moved, so that whatever is wrong with two of them is so from the
moment the later one stands there. After a crash, and whenever all is at rest, the whole set is applied to everything.
"""

import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, field

from tests.simulation.broken import Broken
from tests.simulation.ledger import Ledger

NONE_OF: tuple[tuple[str, str], ...] = (
    # (what is broken when the query finds anything, the query; :since is the last message that was looked at)
    ("a customer's message is stored twice",
     "SELECT m.lane, m.platform_id FROM message m WHERE m.id > :since AND m.author = 'customer' AND EXISTS (SELECT 1 "
     "FROM message e WHERE e.lane = m.lane AND e.platform_id = m.platform_id AND e.author = 'customer' "
     "AND e.id < m.id)"),
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
     "SELECT lane FROM message WHERE delivery IN ('pending', 'sending') GROUP BY 1 "
     "HAVING sum(delivery = 'sending') > 1"),
    ("a customer was reminded twice of one request",
     "SELECT m.id FROM message m JOIN message e ON e.conversation_id = m.conversation_id AND e.id < m.id AND "
     "json_extract(e.intent, '$.say') = 'rating_reminder' AND json_extract(e.intent, '$.rating_request.request_id') = "
     "json_extract(m.intent, '$.rating_request.request_id') WHERE m.id > :since AND m.delivery IS NOT NULL "
     "AND json_extract(m.intent, '$.say') = 'rating_reminder'"),
    ("a customer has two open requests for stars",
     "SELECT customer_id FROM rating_request WHERE state IN ('asked', 'rating', 'commenting') "
     "GROUP BY 1 HAVING count(*) > 1"),
    ("an aspect is rated twice", "SELECT request_id, aspect FROM rating WHERE request_id IS NOT NULL "
     "GROUP BY 1, 2 HAVING count(*) > 1"),
    ("a timer of one kind is set twice", "SELECT kind, subject_id FROM timer WHERE fired_at IS NULL "
     "GROUP BY 1, 2 HAVING count(*) > 1"),
    ("a customer was told twice in one wait that nobody came",
     "SELECT h.id FROM message m JOIN handoff h ON h.conversation_id = m.conversation_id AND m.created_at BETWEEN "
     "h.queued_at AND coalesce(h.ended_at, '9') JOIN message e ON e.conversation_id = h.conversation_id AND "
     "e.created_at BETWEEN h.queued_at AND coalesce(h.ended_at, '9') AND e.id < m.id "
     "AND json_extract(e.intent, '$.say') = 'still_waiting' "
     "WHERE m.id > :since AND json_extract(m.intent, '$.say') = 'still_waiting'"),
    ("a request has two timers of a kind", "SELECT kind, subject_id FROM timer WHERE kind LIKE 'rating%' "
     "GROUP BY 1, 2 HAVING count(*) > 1"),
    ("a message is a gap twice",
     "SELECT message_id FROM gap WHERE message_id IS NOT NULL GROUP BY 1 HAVING count(*) > 1"),
    ("a customer belongs to no identity", "SELECT c.id FROM customer c LEFT JOIN identity i ON i.customer_id = c.id "
     "WHERE i.id IS NULL"),
    ("something was parked that could be handled",
     "SELECT update_id, error FROM parked_update WHERE error NOT LIKE '%poison%'"),
    ("a lane's messages of a customer are out of order",
     "SELECT m.id FROM message m JOIN message e ON e.lane = m.lane AND e.id < m.id AND e.author = 'customer' "
     "WHERE m.id > :since AND m.author = 'customer' "
     "AND CAST(m.platform_id AS INTEGER) < CAST(e.platform_id AS INTEGER)"),
)  # fmt: skip
READS = tuple(frozenset(re.findall(r"(?:FROM|JOIN) (\w+)", query)) for _, query in NONE_OF)
SENT = "SELECT id FROM message WHERE id >= :first AND delivery = 'sent' AND lane LIKE 'telegram:%'"


@dataclass
class Looks:
    """The rules of one run."""

    store: sqlite3.Connection
    ledger: Ledger
    _since: int = 0
    """The last message that was there at the look before."""
    _first_open: int = 0
    """All messages before this one were done with."""
    _all: frozenset[str] = field(default=frozenset().union(*READS), init=False)

    def after(self, written: Iterable[str]) -> None:
        """What this commit may have broken; `written` are the tables it wrote to."""
        self.store.execute("BEGIN")  # one snapshot for all of them
        try:
            self._apply(self._all.intersection(written), self._since, self._first_open)
        finally:
            self.store.execute("ROLLBACK")

    def whole(self) -> None:
        """Everything there is."""
        self._apply(self._all, 0, 0)
        known = {
            number for (number,) in self.store.execute("SELECT id FROM message WHERE delivery IS NOT NULL")
        }
        for number, row in self.ledger.rows.items():
            if number not in known:
                raise Broken(f"message {number} was sent to chat {row.chat} and is not in the store")

    def leaves(self, number: int | None) -> None:
        """A message leaves: what is not committed may be lost with the process."""
        if self.store.execute("SELECT 1 FROM message WHERE id = ?", (number,)).fetchone() is None:
            raise Broken(f"message {number} leaves and is not in the store")

    def _apply(self, tables: frozenset[str], since: int, first_open: int) -> None:
        values = {"since": since, "first": first_open}
        for (what, query), reads in zip(NONE_OF, READS, strict=True):
            if tables.isdisjoint(reads):
                continue
            found = self.store.execute(query, values).fetchone()
            if found is not None:
                raise Broken(f"{what}: {found}")
        if "message" not in tables:
            return
        for (number,) in self.store.execute(SENT, values):
            if number not in self.ledger.rows or self.ledger.rows[number].arrivals == 0:
                raise Broken(f"message {number} counts as sent and never arrived")
        (self._since,) = self.store.execute("SELECT coalesce(max(id), 0) FROM message").fetchone()
        unsent = "SELECT min(id) FROM message WHERE delivery IN ('pending', 'sending')"
        self._first_open = self.store.execute(unsent).fetchone()[0] or self._since + 1
