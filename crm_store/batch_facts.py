"""What a batch leaves behind besides people, conversations and messages: what was seen, changed, felt and is due."""

from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, select, update

from crm_store import wishes
from crm_store.batch import Batch, MessageDraft
from crm_store.lifecycle import Status
from crm_store.models.base import table_of
from crm_store.models.conversations import Handoff, StatusChange
from crm_store.models.knowledge import NOT_CHOSEN, Gap
from crm_store.models.learning import QuestionLabel
from crm_store.models.plumbing import DeskPost, SeenUpdate, Timer
from crm_store.models.ratings import AnswerFeedback, Rating, RatingRequest
from crm_store.statements import Same, Statement, among, insertion
from crm_store.timers import TimerKind

_HANDOFF, _FEEDBACK, _RATING, _REQUEST, _TIMER, _GAP = map(
    table_of, (Handoff, AnswerFeedback, Rating, RatingRequest, Timer, Gap)
)
_ADD_SEEN = insertion(SeenUpdate)
_ADD_CHANGES = insertion(StatusChange)
_ADD_HANDOFFS = insertion(Handoff)
_ADD_TIMERS = insertion(Timer)
_ADD_POSTS = insertion(DeskPost)
_ADD_FEEDBACK = insertion(AnswerFeedback)
_ADD_GAPS = insertion(Gap)
_ADD_LABELS = insertion(QuestionLabel)
_ADD_RATINGS = insertion(Rating)
_CANCEL_HANDOFFS = Statement(
    lambda is_sqlite: (
        update(_HANDOFF)
        .where(among(_HANDOFF.c.conversation_id, "conversations", is_sqlite), _HANDOFF.c.ended_at.is_(None))
        .values(ended_at=bindparam("b_now"), outcome="cancelled")
    )
)
_FORGET_TIMERS = Statement(
    lambda _: delete(_TIMER).where(
        _TIMER.c.kind == bindparam("b_kind"),
        _TIMER.c.subject_id == bindparam("b_subject"),
        _TIMER.c.fired_at.is_(None),
    )
)
_FORGET_FEEDBACK = Statement(
    lambda is_sqlite: delete(_FEEDBACK).where(among(_FEEDBACK.c.message_id, "messages", is_sqlite))
)
_IS_LISTED = _GAP.c.reason == NOT_CHOSEN
_FIND_LISTED = Statement(
    lambda is_sqlite: select(_GAP.c.message_id, _GAP.c.question).where(
        among(_GAP.c.message_id, "messages", is_sqlite), _IS_LISTED
    )
)
# A message of several questions has a list, and a gap, for each of them.
_OF_ONE_LIST = and_(
    _GAP.c.message_id == bindparam("b_message"), _GAP.c.question == bindparam("b_question"), _IS_LISTED
)
_NOT_JUST_LISTED = Statement(lambda _: update(_GAP).where(_OF_ONE_LIST).values(reason=bindparam("b_reason")))
_FORGET_LISTED = Statement(lambda _: delete(_GAP).where(_OF_ONE_LIST))
_FORGET_RATING = Statement(
    lambda _: delete(_RATING).where(
        _RATING.c.request_id == bindparam("b_request"), _RATING.c.aspect == bindparam("b_aspect")
    )
)


def write(connection: Connection, batch: Batch) -> None:
    """All of it; each table is filled by one statement."""
    _write_facts(connection, batch)
    _write_posts(connection, batch)
    _write_feelings(connection, batch)


def _add(connection: Connection, insert: Statement, rows: list[dict[str, Any]]) -> None:
    if rows:
        insert(connection, rows)


def _write_facts(connection: Connection, batch: Batch) -> None:
    now = batch.now
    if batch.new_seen:
        sources, numbers = zip(*batch.new_seen, strict=True)
        _ADD_SEEN.fill(connection, {"source": sources, "update_id": numbers, "seen_at": Same(now)})
    changes = [{"conversation_id": held.id, "changed_at": now, **values} for held, values in batch.changes]
    _add(connection, _ADD_CHANGES, changes)
    if batch.handoffs_cancelled:  # first: a customer may ask for a person again in the same batch
        cancelled = [held.id for held in batch.handoffs_cancelled]
        _CANCEL_HANDOFFS(connection, {"conversations": cancelled, "b_now": now})
    _add(connection, _ADD_HANDOFFS, _handoffs(batch))
    _write_timers(connection, batch)


def _write_timers(connection: Connection, batch: Batch) -> None:
    """One of a kind for each conversation: what was set last counts."""
    last = {(kind, held.id): (held, due_at) for kind, held, due_at in batch.timers}
    stale = [
        {"b_kind": kind, "b_subject": number} for (kind, number), (held, _) in last.items() if not held.is_new
    ]
    _add(connection, _FORGET_TIMERS, stale)
    if last:
        kinds, numbers = zip(*last, strict=True)
        due = [due_at for _, due_at in last.values()]
        _ADD_TIMERS.fill(connection, {"kind": kinds, "subject_id": numbers, "due_at": due})
    kind = TimerKind.RATING_GIVEN
    _add(connection, _FORGET_TIMERS, [{"b_kind": kind, "b_subject": number} for number in batch.given])
    looks = [{"kind": kind, "subject_id": n, "due_at": due_at} for n, due_at in batch.given.items()]
    _add(connection, _ADD_TIMERS, looks)


def _handoffs(batch: Batch) -> list[dict[str, Any]]:
    """One row each; all but the last of a conversation that waits now were cancelled in the batch itself."""
    last = {held.id: n for n, (held, _) in enumerate(batch.handoffs) if held.status is Status.QUEUED}
    rows = []
    for n, (held, reason) in enumerate(batch.handoffs):
        is_open = last.get(held.id) == n
        ended = (
            {"ended_at": None, "outcome": None}
            if is_open
            else {"ended_at": batch.now, "outcome": "cancelled"}
        )
        rows.append({"conversation_id": held.id, "reason": reason, "queued_at": batch.now, **ended})
    return rows


def _write_posts(connection: Connection, batch: Batch) -> None:
    shown = [(person, held, kind, _id(draft), text) for person, held, kind, draft, text in batch.desk_posts]
    shown += [(person, held, "edit", message_id, "") for person, held, message_id in batch.edit_posts]
    posts = [
        {
            "conversation_id": held.id,
            "customer_id": person.customer_id,
            "message_id": message_id,
            "kind": kind,
            "text": text,
            "delivery": "pending",
            "created_at": batch.now,
        }
        for person, held, kind, message_id, text in shown
    ]
    _add(connection, _ADD_POSTS, posts)


def _write_feelings(connection: Connection, batch: Batch) -> None:
    now = batch.now
    if batch.feedback:  # the last word on an answer counts, in the store and within the batch
        last = {row["message_id"]: (person, row) for person, row in batch.feedback}
        _FORGET_FEEDBACK(connection, {"messages": list(last)})
        rows = [{**row, "customer_id": p.customer_id, "created_at": now} for p, row in last.values()]
        _ADD_FEEDBACK(connection, rows)
    _write_gaps(connection, batch)
    labels = [
        {"customer_id": person.customer_id, "conversation_id": held.id, "created_at": now, **values}
        for person, held, values in batch.labels
    ]
    _add(connection, _ADD_LABELS, labels)
    wished = {(person.customer_id, held.id) for person, held in batch.wishes}
    wishes.keep(connection, sorted(wished), now)
    wishes.withdraw(connection, {person.customer_id for person in batch.unwished}, now)
    if batch.ratings:
        stars = {(row["request_id"], row["aspect"]): row for row in batch.ratings}
        _FORGET_RATING(connection, [{"b_request": r, "b_aspect": aspect} for r, aspect in stars])
        _ADD_RATINGS(connection, [{**row, "rated_at": now} for row in stars.values()])
    for request_id, values in batch.requests.items():
        connection.execute(update(_REQUEST).where(_REQUEST.c.id == request_id).values(**values))


def _write_gaps(connection: Connection, batch: Batch) -> None:
    """A question is one gap: a list from which nothing was chosen may turn into one of which nothing fitted."""
    rows = [
        {"conversation_id": held.id, "message_id": _id(about), "created_at": batch.now, **values}
        for held, about, values in batch.gaps
    ]
    earlier = [about for _, about, _ in batch.gaps if isinstance(about, int)]
    listed = set(_FIND_LISTED.rows(connection, {"messages": earlier})) if earlier else set()
    again = [row for row in rows if (row["message_id"], row["question"]) in listed]
    _add(connection, _ADD_GAPS, [row for row in rows if row not in again])
    reasons = [
        {"b_message": r["message_id"], "b_question": r["question"], "b_reason": r["reason"]} for r in again
    ]
    _add(connection, _NOT_JUST_LISTED, reasons)
    chosen = [{"b_message": number, "b_question": question} for number, question in batch.gaps_answered]
    _add(connection, _FORGET_LISTED, chosen)


def _id(reference: MessageDraft | int | None) -> int | None:
    return reference.id if isinstance(reference, MessageDraft) else reference
