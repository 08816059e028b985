"""What must hold of how conversations come to agents by themselves, looked at after every commit.

The store has one writer, so that at a commit the rows of the agents are what they were when the conversations in it
were given. Starving is judged by pairs: somebody waits, and somebody who is there, free and able could have them.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from math import inf
from random import Random
from typing import Any

import orjson

from bot.dispatch import GIVE_EVERY_S
from crm_store.settings import StoreSettings
from tests.simulation.broken import Broken

STARVES_AFTER_S = 3.0
"""Who could be given to somebody free is, within this time; a disk that failed is tried again after a second."""
SETTLED = timedelta(seconds=10)
"""A timer is late by less than this when all is at rest."""
CAPACITIES, LANGUAGES, SKILLS = (
    (1, 2, 3),
    ((), ("en",), ("zh",), ("en", "zh")),
    ((), ("returns",), ("other",)),
)
RELATED = frozenset(("agent", "assignment", "conversation"))
HELD = "status IN ('assigned', 'waiting_customer')"
ONLINE = """SELECT g.id, g.capacity, g.languages, g.skills, count(c.id) FROM agent g
 LEFT JOIN conversation c ON c.agent_id = g.id AND c.status IN ('assigned', 'waiting_customer')
 WHERE g.presence = 'online' AND g.present_until > ? GROUP BY g.id HAVING count(c.id) < g.capacity"""
GIVEN = f"""SELECT a.conversation_id, a.agent_id, g.presence = 'online' AND g.present_until > a.assigned_at, g.capacity,
 (SELECT count(*) FROM conversation h WHERE h.agent_id = g.id AND h.{HELD}), a.reason, g.languages, g.skills,
 c.language, c.team FROM assignment a JOIN agent g ON g.id = a.agent_id JOIN conversation c ON c.id = a.conversation_id
 WHERE a.id > ? AND a.reason IN ('dispatch', 'transfer')"""
IDLE = """NOT EXISTS (SELECT 1 FROM message m WHERE m.agent_id = a.agent_id AND m.created_at > a.assigned_at)
 AND NOT EXISTS (SELECT 1 FROM status_change t WHERE t.actor = 'agent:' || a.agent_id AND t.changed_at > a.assigned_at
 AND coalesce(t.reason, '') NOT IN ('dispatch', 'woken')) AND NOT EXISTS (SELECT 1 FROM audit_entry e
 WHERE e.actor LIKE 'agent:' || a.agent_id || ' %' AND e.happened_at > a.assigned_at)"""
"""Who was given a conversation and has done nothing since."""
BACK = f"""SELECT s.conversation_id, s.reason, c.status, c.queued_at, s.changed_at,
 (SELECT a.agent_id FROM assignment a WHERE a.conversation_id = c.id AND a.reason = 'dispatch'
 AND a.id = (SELECT max(l.id) FROM assignment l WHERE
 l.conversation_id = c.id) AND {IDLE}) FROM status_change s JOIN conversation c ON c.id = s.conversation_id
 WHERE s.id > ? AND s.change = 'release' AND s.from_status IN ('assigned', 'waiting_customer')"""
ANSWERED = """SELECT max(id) FROM message WHERE conversation_id = ? AND author = 'agent' AND is_note = 0
 AND delivery IS NOT 'dead' AND created_at >= ?"""
AGAIN = """SELECT min(created_at) FROM message WHERE conversation_id = ? AND id > ? AND author = 'customer'
 AND kind <> 'button' AND coalesce(decision, '') NOT IN ('shadowed', 'unchecked')"""
SILENT = """SELECT c.id, a.agent_id, a.assigned_at FROM conversation c JOIN assignment a ON a.conversation_id = c.id
 AND a.ended_at IS NULL WHERE c.status = 'assigned' AND a.assigned_at < ? AND NOT EXISTS (SELECT 1 FROM message m
 WHERE m.conversation_id = c.id AND m.agent_id = a.agent_id AND m.is_note = 0 AND m.created_at >= a.assigned_at)"""

LEFT = """SELECT a.conversation_id, a.agent_id, count(*), max(a.ended_at) FROM assignment a JOIN status_change s
 ON s.conversation_id = a.conversation_id AND s.changed_at = a.ended_at AND s.reason = 'no_reply'
 JOIN agent g ON g.id = a.agent_id AND (g.came_at IS NULL OR g.came_at < a.ended_at)
 WHERE a.ended_at > ? AND a.ended_at <= ? GROUP BY a.conversation_id, a.agent_id"""
"""Who let what lie in the time up to now, since they came, how often, and when last."""
PASSED_ON = """SELECT c.id, CAST(substr(s.actor, 7) AS INTEGER) FROM conversation c JOIN status_change s
 ON s.id = (SELECT max(l.id) FROM status_change l WHERE l.conversation_id = c.id AND l.reason = 'to team:' || c.team)
 WHERE c.status = 'queued' AND s.changed_at > ?"""
FIRST_REST, LONGEST_REST, PASSED_FOR = timedelta(minutes=10), timedelta(hours=3), timedelta(hours=1)
"""How long what an agent let lie, or passed on to a team, is not given to them."""
MEANT = "SELECT id, meant_for_id, meant_until FROM conversation WHERE status = 'queued' AND meant_for_id IS NOT NULL"


def as_text(at: datetime) -> str:
    """The moment as the file keeps it."""
    return at.strftime("%Y-%m-%d %H:%M:%S.%f")


def staff(store: sqlite3.Connection, rng: Random) -> None:
    """Let the agents differ in what they can hold and whom they can serve; the first can serve everybody."""
    for (number,) in store.execute("SELECT id FROM agent ORDER BY id").fetchall():
        able = ((), ()) if number == 1 else (rng.choice(LANGUAGES), rng.choice(SKILLS))
        values = (rng.choice(CAPACITIES), *(orjson.dumps(one).decode() for one in able), number)
        store.execute("UPDATE agent SET capacity = ?, languages = ?, skills = ? WHERE id = ?", values)


@dataclass
class Giving:
    """The rules of one run."""

    store: sqlite3.Connection
    settings: StoreSettings
    now: Callable[[], float]
    clock: Callable[[], datetime]
    faults: Callable[[], int]
    """How often the disk has failed."""
    due_at: float = inf
    """When somebody may have starved."""
    _pairs: dict[tuple[int, int], float] = field(default_factory=dict)
    """Conversations beside agents who could have them, since when."""
    _waits: dict[int, str] = field(default_factory=dict)
    """Since when those wait, or waited, who are with the staff."""
    _meant: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    """Whom those wait for first who were handed on to somebody absent, and until when for them alone."""
    _resting: set[tuple[int, int]] = field(default_factory=set)
    """What is not given back yet to whom, who let it lie or passed it on."""
    _was_set: bool = False
    """The clock, in this run: what began later than it says begins anew then."""
    _assignments: int = 0
    _changes: int = 0
    _failed: int = 0

    def after(self, written: set[str]) -> None:
        """What this commit may have broken."""
        if RELATED.isdisjoint(written):
            return
        for row in self.store.execute(GIVEN, (self._assignments,)):
            self._may_be_given(*row)
        for row in self.store.execute(BACK, (self._changes,)):
            self._came_back(*row)
        self._assignments, self._changes = self.store.execute(
            "SELECT (SELECT coalesce(max(id), 0) FROM assignment), (SELECT coalesce(max(id), 0) FROM status_change)"
        ).fetchone()
        self._waits = self._known_waits()
        self._meant = {number: tuple(rest) for number, *rest in self.store.execute(MEANT).fetchall()}
        self.pair()

    def _may_be_given(
        self, number: int, agent: int, is_there: int, capacity: int, load: int, how: str, *able: Any
    ) -> None:
        given = f"conversation {number} was given to agent {agent}"
        if how == "transfer":
            if not is_there:
                raise Broken(f"{given} by a colleague, who is not there")
            return
        if self.settings.dispatch == "pull":
            raise Broken(f"{given}, where agents only take by themselves")
        if not is_there:
            raise Broken(f"{given}, who is not there")
        if load > capacity:
            raise Broken(f"{given}, who holds {load} of {capacity} now")
        if not self._is_theirs(number, agent, *able):
            raise Broken(f"{given}, who cannot serve it")
        if self._meant.get(number, (None,))[0] != agent and (number, agent) in self._left():
            raise Broken(f"{given}, who had just let it lie")

    def _is_theirs(self, number: int, agent: int, *able: Any) -> bool:
        """Whether it may go to this agent: it was handed on to them, or to nobody else, and they can serve it."""
        meant_for, until = self._meant.get(number, (None, ""))
        if meant_for == agent:
            return True
        return not (meant_for and until > as_text(self.clock())) and _can_serve(*able)

    def _left(self) -> set[tuple[int, int]]:
        """Whom what they let lie is not given yet."""
        now = self.clock()
        rows = self.store.execute(LEFT, (as_text(now - timedelta(days=1)), as_text(now))).fetchall()
        return {
            (number, agent)
            for number, agent, times, at in rows
            if now - datetime.fromisoformat(at).replace(tzinfo=UTC)
            < min(FIRST_REST * (1 << min(times - 1, 10)), LONGEST_REST)
        }

    def _came_back(
        self,
        number: int,
        reason: str | None,
        status: str,
        queued_at: str | None,
        at: str,
        given_to: int | None,
    ) -> None:
        before = self._waits.get(number)
        if (
            status == "queued"
            and before is not None
            and queued_at != (since := self._owed(number, before, at))
        ):
            raise Broken(f"conversation {number} waits since {since}, and came back as of {queued_at}")
        if reason != "no_reply" or given_to is None:
            return
        query = "SELECT 1 FROM agent WHERE id = ? AND presence = 'online'"
        if self.store.execute(query, (given_to,)).fetchone():
            raise Broken(f"agent {given_to} was silent, and goes on being given conversations")

    def _owed(self, number: int, before: str, now: str) -> str:
        """Since when who comes back waits: as before, or since they wrote again after an answer, or from now."""
        (answered,) = self.store.execute(ANSWERED, (number, before)).fetchone()
        if answered is None:
            return before
        (again,) = self.store.execute(AGAIN, (number, answered)).fetchone()
        return again or now

    def _known_waits(self) -> dict[int, str]:
        query = f"SELECT id, status, queued_at FROM conversation WHERE status = 'queued' OR {HELD}"
        return {
            number: queued_at if status == "queued" else self._kept_place(number, queued_at)
            for number, status, queued_at in self.store.execute(query)
            if status == "queued" or number in self._waits
        }

    def _kept_place(self, number: int, queued_at: str | None) -> str:
        """Since when who is held waited: no commit changes that, unless it puts right a clock that was set back."""
        before = self._waits[number]
        return min(before, queued_at) if self._was_set and queued_at is not None else before

    # --- nobody starves ---

    def restart(self) -> None:
        """The process is another, or the clock: what was so before says nothing."""
        self._pairs.clear()
        self.due_at = self.now() + STARVES_AFTER_S if self.settings.pushes else inf

    def jumped(self) -> None:
        """The clock was set: whoever is there by it only is seen at the next look."""
        self._was_set = True
        self.restart()
        self.pair(known_in_s=GIVE_EVERY_S)

    def pair(self, known_in_s: float = 0.0) -> None:
        """Who could be given to whom."""
        if not self.settings.pushes:
            return
        since = self.now() + known_in_s
        if self.faults() != self._failed:
            self._failed = self.faults()
            self._pairs.clear()
        waiting = self.store.execute(
            "SELECT id, language, team FROM conversation WHERE status = 'queued'"
        ).fetchall()
        online = self.store.execute(ONLINE, (as_text(self.clock()),)).fetchall() if waiting else ()
        resting = self._left() | set(self.store.execute(PASSED_ON, (as_text(self.clock() - PASSED_FOR),)))
        rested, self._resting = self._resting, resting
        self._pairs = {
            (number, agent): self._pairs.get(
                (number, agent), since + self._seen_late(number, agent, was_resting=(number, agent) in rested)
            )
            for agent, _, languages, skills, _ in online
            for number, language, team in waiting
            if self._is_theirs(number, agent, languages, skills, language, team)
            and ((number, agent) not in resting or self._meant.get(number, (None,))[0] == agent)
        }
        self.due_at = min(self._pairs.values(), default=inf) + STARVES_AFTER_S

    def _seen_late(self, number: int, agent: int, *, was_resting: bool) -> float:
        """What waited for somebody alone, or was not for this one yet, and does no more, is seen at the next look."""
        is_late = was_resting or self._meant.get(number, (agent,))[0] != agent
        return GIVE_EVERY_S if is_late else 0.0

    def judge(self, *, is_up: bool) -> None:
        """Somebody may have starved: have they?"""
        if not is_up:
            self.restart()
            return
        self.pair()
        for (number, agent), since in self._pairs.items():
            if self.now() - since > STARVES_AFTER_S:
                raise Broken(f"conversation {number} starves although agent {agent} is there, free and able")

    def nobody_silent(self) -> None:
        """At rest: who took a conversation and wrote nothing in time does not hold it any more."""
        if self.settings.first_reply is not None:
            upto = as_text(self.clock() - self.settings.first_reply - SETTLED)
            found = self.store.execute(SILENT, (upto,)).fetchone()
            if found is not None:
                raise Broken(f"a conversation is held in silence: {found}")


def _can_serve(languages: str, skills: str, language: str, team: str | None) -> bool:
    speaks, serves = orjson.loads(languages), orjson.loads(skills)
    return (not speaks or language in speaks) and (team is None or not serves or team in serves)
