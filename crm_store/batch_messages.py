"""What a batch says: its messages written down, and which of them may be sent at once."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, update

from crm_store import ids
from crm_store.batch import Batch, MessageDraft, Outlet
from crm_store.models.base import table_of
from crm_store.models.conversations import Message, MessageEdit
from crm_store.outbox import LEASE, Claimed
from crm_store.statements import Columns, Same, Statement, among, insertion

_MESSAGE = table_of(Message)
_ADD_MESSAGES = insertion(Message)
_ADD_EDITS = insertion(MessageEdit)
_SETTLE = Statement(
    lambda is_sqlite: (
        update(_MESSAGE)
        .where(among(_MESSAGE.c.id, "settled", is_sqlite))
        .values(settled_at=bindparam("b_now"))
    )
)
_REWORD = Statement(
    lambda _: (
        update(_MESSAGE)
        .where(_MESSAGE.c.id == bindparam("b_id"))
        .values(
            text=bindparam("b_text"),
            intent=bindparam("b_intent"),
            kind=bindparam("b_kind"),
            attachment=bindparam("b_attachment"),
            edited_at=bindparam("b_now"),
        )
    )
)


_SAY_ANEW = Statement(
    lambda _: (
        update(_MESSAGE)
        .where(_MESSAGE.c.id == bindparam("b_id"))
        .values(text=bindparam("b_text"), intent=bindparam("b_intent"))
    )
)


def reword(connection: Connection, drafts: Sequence[MessageDraft]) -> None:
    """The words and the meaning they have now, for drafts written in this transaction."""
    _SAY_ANEW(connection, [{"b_id": d.id, "b_text": d.text, "b_intent": d.intent} for d in drafts])


def write(connection: Connection, batch: Batch, outlet: Outlet) -> list[Claimed]:
    """All messages and edits; the result is what the caller may send once this is committed."""
    numbers = ids.take(connection, Message, len(batch.messages))
    for draft, number in zip(batch.messages, numbers, strict=True):
        draft.id = number
    at_once = _choose_at_once(batch, outlet)
    if batch.messages:
        _ADD_MESSAGES.fill(connection, _columns(batch, numbers, at_once, outlet.process))
    if batch.settled:
        _SETTLE(connection, {"settled": batch.settled, "b_now": batch.now})
    if batch.edits:
        _rewrite(connection, batch)
    return [_claimed(draft, batch) for draft in batch.messages if draft.id in at_once]


def _rewrite(connection: Connection, batch: Batch) -> None:
    """The edited messages' new words, and a note of their old ones."""
    old = [(edit.known.id, edit.known.text) for edit in batch.edits if edit.known.text != edit.new.text]
    noted = [{"message_id": number, "old_text": text, "edited_at": batch.now} for number, text in old]
    if noted:  # else the formatting or the file alone is another
        _ADD_EDITS(connection, noted)
    changed = [
        {
            "b_id": new.id,
            "b_text": new.text,
            "b_intent": new.intent,
            "b_kind": new.kind,
            "b_attachment": new.attachment,
            "b_now": batch.now,
        }
        for new in (edit.new for edit in batch.edits)
    ]
    _REWORD(connection, changed)


def _choose_at_once(batch: Batch, outlet: Outlet) -> set[int]:
    """The first message of each free lane, while there are places.

    Never one that must not come twice: its 'sending' is committed just before the call, so that a crash in
    between leaves as little doubt as can be.
    """
    chosen: set[int] = set()
    busy, places = set(batch.busy_lanes), dict(outlet.places)
    for draft in batch.messages:
        if not places:
            break
        channel, lane = draft.person.channel, draft.person.lane
        if not draft.outgoing or lane in busy:
            continue
        busy.add(lane)
        if places.get(channel, 0) and not (draft.intent or {}).get("once"):
            chosen.add(draft.id)
            places[channel] -= 1
    return chosen


def _columns(batch: Batch, numbers: list[int], at_once: set[int], process: int | None) -> Columns:
    drafts = batch.messages
    until = batch.now + LEASE
    columns: dict[str, list[Any] | Same] = {
        "id": numbers,
        "conversation_id": [d.conversation.id for d in drafts],
        "customer_id": [d.person.customer_id for d in drafts],
        "author": [d.author for d in drafts],
        "is_note": Same(False),
        "kind": [d.kind for d in drafts],
        "text": [d.text for d in drafts],
        "intent": [d.intent for d in drafts],
        "attachment": [d.attachment for d in drafts],
        "article_key": [d.article_key for d in drafts],
        "confidence": [d.confidence for d in drafts],
        "decision": [d.decision for d in drafts],
        "reply_to_id": [_id(d.reply_to) for d in drafts],
        "created_at": Same(batch.now),
        "lane": [d.person.lane for d in drafts],
        "delivery": [_delivery(d, at_once) for d in drafts],
        "attempts": [int(number in at_once) for number in numbers],
        "next_try_at": [until if number in at_once else None for number in numbers],
        "platform_id": [d.platform_id for d in drafts],
    }
    if process is not None:
        columns["claimed_by"] = [process if number in at_once else None for number in numbers]
    return columns


def _delivery(draft: MessageDraft, at_once: set[int]) -> str | None:
    if not draft.outgoing:
        return None
    return "sending" if draft.id in at_once else "pending"


def _claimed(draft: MessageDraft, batch: Batch) -> Claimed:
    return Claimed(
        id=draft.id,
        conversation_id=draft.conversation.id,
        customer_id=draft.person.customer_id,
        lane=draft.person.lane,
        author=draft.author,
        kind=draft.kind,
        text=draft.text,
        intent=draft.intent,
        attachment=draft.attachment,
        reply_to_id=_id(draft.reply_to),
        language=draft.conversation.language,
        attempts=1,
        created_at=batch.now,
    )


def _id(reference: MessageDraft | int | None) -> int | None:
    return reference.id if isinstance(reference, MessageDraft) else reference
