"""The first reply owed to who has just come into the queue, written down with that: the order of the queue, what the
customer is told of their place and the first card of the staff all heed it. `promises.follow` goes on from there."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, func, select

from crm_store.lifecycle import Status
from crm_store.models.base import table_of
from crm_store.models.conversations import Conversation, Promise
from crm_store.models.scores import CustomerScore, ScoreRun
from crm_store.settings import StoreSettings
from crm_store.statements import Statement, among, insertion
from crm_store.targets import Kind

_C, _P, _S = (table_of(model).c for model in (Conversation, Promise, CustomerScore))
_LATEST = select(func.max(table_of(ScoreRun).c.id)).scalar_subquery()
_COME = Statement(
    lambda is_sqlite: (
        select(_C.id, _C.priority, _C.team, _S.segment)
        .select_from(table_of(Conversation))
        .outerjoin(table_of(CustomerScore), (_S.customer_id == _C.customer_id) & (_S.run_id == _LATEST))
        .where(among(_C.id, "conversations", is_sqlite), _C.status == Status.QUEUED, ~_is_written())
        .order_by(_C.id)
    )
)
_ADD = insertion(Promise)


def _is_written() -> ColumnElement[bool]:
    """Whoever left and came back within one tick of the clock has it already."""
    same = (_P.conversation_id == _C.id, _P.kind == Kind.FIRST, _P.started_at == bindparam("now"))
    return select(_P.id).where(*same).correlate(table_of(Conversation)).exists()


def begin(
    connection: Connection, conversation_ids: Iterable[int], settings: StoreSettings, now: datetime
) -> None:
    """These came from the bot a moment ago."""
    ids = sorted(set(conversation_ids))
    if not ids or not settings.targets.rules:
        return
    rows: list[dict[str, object]] = []
    for number, priority, team, segment in _COME.rows(connection, {"conversations": ids, "now": now}):
        length = settings.targets.of(priority, segment).get(Kind.FIRST)
        if length is not None:
            row = {"conversation_id": number, "kind": Kind.FIRST.value, "started_at": now}
            due_at = settings.hours_of(team).after(now, length)
            rows.append(row | {"target_s": int(length.total_seconds()), "due_at": due_at})
    if rows:
        _ADD(connection, rows)
