"""Finding messages by their words and conversations by filters, and acting on many at once."""

from datetime import UTC, datetime
from typing import Any

from admin_api.access import Access
from admin_api.contract import Context, Reply
from admin_api.paging import Page, last_id, paged
from admin_api.problems import ApiError
from admin_api.schemas.base import IdPath
from admin_api.schemas.finding import (
    BulkBody,
    BulkShown,
    HitShown,
    NewView,
    PartShown,
    RefusedShown,
    SearchQuery,
    ViewList,
    ViewShown,
)
from crm_store import bulk, search, search_index, views
from crm_store.bulk import BulkDone
from crm_store.models.casework import SavedView
from crm_store.search import Hit
from crm_store.search_index import BATCH
from crm_store.search_text import marked
from crm_store.session import Session

MOST_BATCHES = 20
"""A search waits for the index to catch up with so many batches at most; the next one goes on."""


async def follow_messages(context: Context) -> None:
    """Let the index catch up with what was said since the last search."""
    for _ in range(MOST_BATCHES):
        async with context.write() as session:
            if await search_index.catch_up(session) < BATCH:
                break


async def search_messages(context: Context, query: SearchQuery) -> Reply[Page[HitShown]]:
    """Messages and notes that hold these words, the newest first."""
    await follow_messages(context)
    async with context.read() as session:
        hits = await search.find(
            session, query.filters(), before_id=last_id(context, query), limit=query.limit + 1
        )
    return paged(context, query, hits, lambda hit: _shown(hit, query.q), lambda hit: [hit.message.id])


def _shown(hit: Hit, query: str) -> HitShown:
    said = hit.message
    parts = [PartShown(text=part.text, is_hit=part.is_hit) for part in marked(said.text, query)]
    return HitShown(
        message_id=said.id,
        conversation_id=said.conversation_id,
        customer_id=said.customer_id,
        customer_name=hit.customer_name,
        status=hit.status,
        author=said.author,
        is_note=said.is_note,
        created_at=said.created_at,
        parts=parts,
    )


def view_shown(row: SavedView) -> ViewShown:
    """The view as it is told."""
    return ViewShown(id=row.id, name=row.name, personal=row.agent_id is not None, filters=row.filters)


async def list_views(context: Context) -> Reply[ViewList]:
    """The caller's views and those of all, by name."""
    async with context.read() as session:
        rows = await views.listing(session, context.caller.agent_id)
    return Reply(ViewList(items=[view_shown(row) for row in rows]))


async def save_view(context: Context, body: NewView) -> Reply[ViewShown]:
    """Save a filter, for oneself or for all."""
    if not body.personal and not context.caller.may(Access.LEAD):
        raise ApiError(403, "views for all are saved by supervisors; save one of your own")
    async with context.write() as session:
        owner = (await context.agent(session)).id if body.personal else None
        row = await views.save(session, body.name, body.filters.filters(), agent_id=owner, now=context.now)
        await context.audit(session, f"view:{row.id}")
    return Reply(view_shown(row))


async def delete_view(context: Context, path: IdPath) -> Reply[None]:
    """Delete a view."""
    async with context.write() as session:
        row = await views.get(session, path.id, context.caller.agent_id)
        if row.agent_id is None and not context.caller.may(Access.LEAD):
            raise ApiError(403, "views for all are deleted by supervisors")
        await session.delete(row)
        await context.audit(session, f"view:{path.id}")
    return Reply(None)


def _done(done: BulkDone) -> BulkShown:
    refused = [RefusedShown(conversation_id=one.id, why=one.why, reason=one.reason) for one in done.refused]
    return BulkShown(id=done.id, changed=list(done.changed), refused=refused, waiting=list(done.waiting))


def _told(done: BulkBody) -> dict[str, Any]:
    """To whom, until when, which priority; of a tag no words: an erased person may stand in one."""
    kind, _, name = done.value.partition(":")
    match done.action:
        case "assign":
            return {"team": name} if kind == "team" else {"to": int(name)}
        case "snooze":
            return {"until": datetime.fromisoformat(done.value).astimezone(UTC).isoformat()}
        case "priority":
            return {"priority": int(done.value)}
    return {}


async def _write_down(context: Context, session: Session, done: BulkDone, **told: Any) -> None:
    """Which act it was, and what it changed: never more than `bulk.MOST` conversations."""
    which = {"changed": len(done.changed), "conversations": list(done.changed)}
    await context.audit(session, f"bulk:{done.id}", action=done.action, **which, **told)


async def act_on_many(context: Context, body: BulkBody) -> Reply[BulkShown]:
    """Resolve, assign, snooze or label many; it can be undone for ten minutes."""
    async with context.write() as session:
        agent = await context.agent(session)
        done = await bulk.apply(
            session,
            body.action,
            body.conversation_ids,
            agent,
            now=context.now,
            settings=context.services.rules,
            value=body.value,
        )
        await _write_down(context, session, done, **(_told(body) if done.changed else {}))
    return Reply(_done(done))


async def undo_bulk(context: Context, path: IdPath) -> Reply[BulkShown]:
    """Each as it was before, unless it went on since."""
    async with context.write() as session:
        agent = await context.agent(session)
        done = await bulk.undo(session, path.id, agent, now=context.now, settings=context.services.rules)
        await _write_down(context, session, done)
    return Reply(_done(done))
