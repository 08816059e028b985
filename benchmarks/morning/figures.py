"""The figures of the reports, computed by plain SQL from the stored events; nothing of the project is imported here.

First response and resolution start at the hand-over (table handoff); the project's own report starts its clocks by
the changes of status, so that the two ways meet only in the result. What ended before a person had written was served
by nobody: it is counted apart, and its time is no resolution. While the customer is waited for no time counts; a
morning has no working hours, so all of the rest does.
"""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.morning.events import reading

# SQLite rounds to milliseconds before it cuts to seconds: .9996 would count as the next one, and once more as itself.
SECONDS = "(unixepoch(substr({0}, 1, 19)) + CAST('0' || substr({0}, 20) AS REAL))"
MORNING = "{0} >= :start AND {0} < :end"
WAITS = f"""
WITH wait AS (
  SELECT conversation_id, queued_at, lead(queued_at, 1, '9999-12-31') OVER (
    PARTITION BY conversation_id ORDER BY id) AS until
  FROM handoff WHERE {MORNING.format("queued_at")}),
held AS (SELECT conversation_id, to_status, changed_at AS since, lead(changed_at, 1, '9999-12-31') OVER w AS till,
  lead(change) OVER w AS next FROM status_change
  WHERE coalesce(reason, '') NOT IN ('undelivered', 'moved_out')
  WINDOW w AS (PARTITION BY conversation_id ORDER BY id)),
span AS (SELECT (
    SELECT sum({SECONDS.format("min(till, ended)")} - {SECONDS.format("max(since, queued_at)")}) FROM held h
    WHERE h.conversation_id = e.conversation_id AND till > queued_at AND since < ended
    AND (to_status NOT IN ('waiting_customer', 'snoozed') OR next = 'take_back')) AS s
  FROM (SELECT conversation_id, queued_at, ({{ended}}) AS ended FROM wait w) e WHERE ended IS NOT NULL),
ranked AS (SELECT s, row_number() OVER (ORDER BY s) AS place, count(*) OVER () AS n FROM span)
SELECT count(*), avg(s) FILTER (WHERE place IN ((n + 1) / 2, n / 2 + 1)), min(s) FILTER (WHERE place >= 0.9 * n)
FROM ranked"""
REPLIED = """SELECT min(m.created_at) FROM message m WHERE m.conversation_id = w.conversation_id
  AND m.author = 'agent' AND NOT m.is_note AND m.delivery IS NOT 'dead'
  AND m.created_at >= w.queued_at AND m.created_at < w.until"""
RESOLVED = """SELECT min(s.changed_at) FROM status_change s WHERE s.conversation_id = w.conversation_id
  AND s.change = 'resolve' AND s.changed_at >= w.queued_at AND s.changed_at < w.until AND EXISTS (
    SELECT 1 FROM message m WHERE m.conversation_id = w.conversation_id AND m.author = 'agent' AND NOT m.is_note
    AND m.delivery IS NOT 'dead' AND m.created_at >= w.queued_at AND m.created_at <= s.changed_at)"""
UNSERVED = f"""
WITH wait AS (
  SELECT conversation_id, queued_at, lead(queued_at, 1, '9999-12-31') OVER (
    PARTITION BY conversation_id ORDER BY id) AS until
  FROM handoff WHERE {MORNING.format("queued_at")}),
over AS (SELECT w.conversation_id, w.queued_at, min(s.changed_at) AS ended FROM wait w JOIN status_change s
  ON s.conversation_id = w.conversation_id AND s.change IN ('resolve', 'cancel')
  AND s.changed_at >= w.queued_at AND s.changed_at < w.until GROUP BY w.conversation_id, w.queued_at)
SELECT count(*) FROM over o WHERE NOT EXISTS (SELECT 1 FROM message m WHERE m.conversation_id = o.conversation_id
  AND m.author = 'agent' AND NOT m.is_note AND m.delivery IS NOT 'dead'
  AND m.created_at >= o.queued_at AND m.created_at <= o.ended)"""
RATINGS = f"""
WITH rated AS (SELECT q.id, avg(r.score) AS mean FROM rating_request q JOIN rating r ON r.request_id = q.id
  WHERE {MORNING.format("q.asked_at")} GROUP BY q.id)
SELECT (SELECT count(*) FROM rating_request WHERE {MORNING.format("asked_at")}), count(*),
  avg(mean > 74.999999), avg(mean) FROM rated"""
IS_QUESTION = """m.author = 'customer' AND m.decision IN ('answer', 'suggest', 'unknown')
AND coalesce((SELECT to_status FROM status_change s WHERE s.conversation_id = m.conversation_id
  AND s.changed_at < m.created_at ORDER BY s.changed_at DESC, s.id DESC LIMIT 1), 'bot') = 'bot'"""
QUESTIONS = f"""
SELECT count(*), sum(decision = 'answer'), sum(decision = 'suggest'), sum(decision = 'unknown')
FROM message m WHERE {IS_QUESTION} AND {MORNING.format("m.created_at")}"""
CONVERSATIONS = f"""
WITH asked AS (SELECT DISTINCT conversation_id AS id FROM message m WHERE {IS_QUESTION}),
handed AS (SELECT DISTINCT conversation_id AS id FROM handoff),
good AS (SELECT conversation_id AS id FROM message WHERE author = 'bot' AND decision = 'answer'
  EXCEPT SELECT id FROM handed EXCEPT SELECT conversation_id FROM answer_feedback WHERE NOT helped)
SELECT count(*), sum(id IN asked), sum(id IN asked AND id IN handed), sum(id IN asked AND id IN good)
FROM conversation WHERE {MORNING.format("created_at")}"""
FEEDBACK = (
    f"""SELECT sum(helped), sum(NOT helped) FROM answer_feedback WHERE {MORNING.format("created_at")}"""
)
REASONS = f"""SELECT reason, count(*) FROM handoff WHERE {MORNING.format("queued_at")} GROUP BY reason"""
AGENTS = f"""
SELECT name, (SELECT count(DISTINCT conversation_id) FROM assignment s WHERE s.agent_id = a.id
    AND {MORNING.format("assigned_at")}),
  (SELECT count(*) FROM message m WHERE m.agent_id = a.id AND m.author = 'agent' AND NOT m.is_note
    AND {MORNING.format("m.created_at")}),
  (SELECT count(*) FROM status_change s WHERE s.actor = 'agent:' || a.id AND s.change = 'resolve'
    AND {MORNING.format("s.changed_at")}) FROM agent a"""
BEGUN = ("begun", "with_question", "handed_off", "deflected")
NEAR = 1e-4
"""Seconds of rounding; times are stored to the microsecond."""


def computed(database: Path, start: str, end: str) -> dict[str, Any]:
    """The figures by name, of what happened from `start` to `end` (as the store writes moments)."""
    span = {"start": start, "end": end}
    with reading(database) as store:
        figures: dict[str, Any] = {}
        for name, ended in (("first_response", REPLIED), ("resolution", RESOLVED)):
            figures |= _named(
                name, ("measured", "median", "p90"), _row(store, WAITS.format(ended=ended), span)
            )
        (figures["closed_unserved"],) = _row(store, UNSERVED, span)
        figures |= _named("ratings", ("asked", "rated", "csat", "satisfaction"), _row(store, RATINGS, span))
        asked = _row(store, QUESTIONS, span)
        figures |= _named("questions", ("asked", "answered", "suggested", "unknown"), asked)
        figures["questions.answered_share"] = asked[1] / asked[0] if asked[0] else None
        figures |= _named("conversations", BEGUN, _row(store, CONVERSATIONS, span))
        figures |= _named("feedback", ("helped", "not_helped"), _row(store, FEEDBACK, span))
        figures["handoffs"] = dict(store.execute(REASONS, span).fetchall())
        figures["agents"] = {name: list(done) for name, *done in store.execute(AGENTS, span)}
        return figures


def told(summary: Mapping[str, Any]) -> dict[str, Any]:
    """The same figures as the API's report has them."""
    figures: dict[str, Any] = {
        f"{part}.{name}": summary[part][name]
        for part, names in (
            ("first_response", ("measured", "median", "p90")),
            ("resolution", ("measured", "median", "p90")),
            ("ratings", ("asked", "rated", "csat", "satisfaction")),
            ("questions", ("asked", "answered", "suggested", "unknown", "answered_share")),
            ("conversations", BEGUN),
            ("feedback", ("helped", "not_helped")),
        )
        for name in names
    }
    figures["closed_unserved"] = summary["closed_unserved"]
    figures["handoffs"] = {row["reason"]: row["handoffs"] for row in summary["handoff_reasons"]}
    figures["agents"] = {
        agent["name"]: [agent["taken"], agent["replies"], agent["resolved"]] for agent in summary["agents"]
    }
    return figures


def differing(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What is not the same: by SQL, by the report."""
    return {
        name: (ours.get(name), theirs.get(name))
        for name in sorted({*ours, *theirs})
        if not _is_same(ours.get(name), theirs.get(name))
    }


def _is_same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float | int):
        return abs(one - other) <= NEAR
    return bool(one == other)


def _row(store: sqlite3.Connection, query: str, span: Mapping[str, str]) -> Any:
    return store.execute(query, span).fetchone()


def _named(part: str, names: tuple[str, ...], values: Any) -> dict[str, Any]:
    return {f"{part}.{name}": value for name, value in zip(names, values, strict=True)}
