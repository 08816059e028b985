"""Canned replies: prepared words under a shortcode, shared or one's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from admin_api.access import Access
from admin_api.contract import Context, Reply
from admin_api.desk.texts import order_status
from admin_api.handlers.attachments import take
from admin_api.problems import ApiError
from admin_api.schemas.attachments import AttachmentQuery
from admin_api.schemas.base import IdPath
from admin_api.schemas.canned_replies import (
    CannedChange,
    CannedChoices,
    CannedForConversation,
    CannedList,
    CannedQuery,
    CannedShown,
    NewCanned,
    RenderBody,
    RenderedShown,
)
from admin_api.versions import IfMatch, check, etag
from crm_store import canned_replies, canned_text, stored_files
from crm_store.canned_replies import CannedDraft
from crm_store.files import Taken
from crm_store.models.casework import CannedReply
from crm_store.session import Session


def shown(row: CannedReply) -> CannedShown:
    """The canned reply as it is told."""
    file = str((row.attachment or {}).get("name", "")) or None
    told = {name: getattr(row, name) for name in CannedShown.model_fields if name not in ("personal", "file")}
    return CannedShown(**told, personal=row.agent_id is not None, file=file)


async def _changeable(context: Context, session: Session, reply_id: int) -> CannedReply:
    row = await canned_replies.get(session, reply_id, agent_id=context.caller.agent_id)
    if row.agent_id is None and not context.caller.may(Access.LEAD):
        raise ApiError(403, "shared canned replies are changed by supervisors; make one of your own")
    return row


async def listing(context: Context, query: CannedQuery) -> Reply[CannedList]:
    """What the caller may use, the most used first."""
    async with context.read() as session:
        rows = await canned_replies.listing(session, context.caller.agent_id, text=query.q)
    return Reply(CannedList(items=[shown(row) for row in rows]))


async def choices(context: Context, path: IdPath) -> Reply[CannedChoices]:
    """All the caller may use, as they would be said in this conversation."""
    agent = context.caller.agent
    async with context.read() as session:
        known = await canned_replies.values_for(session, path.id, agent, order_status)
        rows = await canned_replies.listing(session, context.caller.agent_id)
    items = []
    for row in rows:
        filled = canned_text.fill(row.text, known)
        items.append(
            CannedForConversation(
                id=row.id,
                shortcode=row.shortcode,
                category=row.category,
                file=shown(row).file,
                text=filled.text,
                missing=list(filled.missing),
            )
        )
    return Reply(CannedChoices(items=items))


async def create(context: Context, body: NewCanned, taken: Taken | None = None) -> Reply[CannedShown]:
    """Write one, for everybody or for oneself."""
    if not body.personal and not context.caller.may(Access.LEAD):
        raise ApiError(403, "shared canned replies are written by supervisors; make one of your own")
    async with _writing(context, taken) as (session, needless):
        owner = (await context.agent(session)).id if body.personal else None
        draft = CannedDraft(body.shortcode, body.text, body.category, owner)
        row = await canned_replies.create(session, draft, now=context.now)
        await context.audit(session, f"canned_reply:{row.id}")
        needless.update(await _exchange(context, session, row, taken))
    return Reply(shown(row), etag(row.version))


async def read(context: Context, path: IdPath) -> Reply[CannedShown]:
    """One of those the caller may use."""
    async with context.read() as session:
        row = await canned_replies.get(session, path.id, agent_id=context.caller.agent_id)
    return Reply(shown(row), etag(row.version))


async def change(
    context: Context, path: IdPath, headers: IfMatch, body: CannedChange, taken: Taken | None = None
) -> Reply[CannedShown]:
    """Change it, if nobody did meanwhile."""
    values = body.model_dump(exclude_unset=True, exclude_none=True)
    async with _writing(context, taken) as (session, needless):
        row = await _changeable(context, session, path.id)
        check(headers, row.version)
        was = {name: getattr(row, name) for name in values}
        await canned_replies.change(session, row, values, now=context.now)
        changed = sorted(name for name in values if getattr(row, name) != was[name])
        if changed:
            await context.audit(session, f"canned_reply:{row.id}", changed=changed)
        needless.update(await _exchange(context, session, row, taken))
    return Reply(shown(row), etag(row.version))


async def remove(context: Context, path: IdPath) -> Reply[None]:
    """Delete it with its file; what was sent stays sent."""
    async with context.write() as session:
        row = await _changeable(context, session, path.id)
        keys = await canned_replies.remove(session, row)
        await stored_files.forget(session, keys)
        await context.audit(session, f"canned_reply:{path.id}")
    await context.services.files.remove(keys)
    return Reply(None)


async def render(context: Context, path: IdPath, body: RenderBody) -> Reply[RenderedShown]:
    """Its words for one conversation, and which values are still missing."""
    async with context.read() as session:
        row = await canned_replies.get(session, path.id, agent_id=context.caller.agent_id)
        filled = await canned_replies.render(
            session, row, body.conversation_id, context.caller.agent, order_status, body.values
        )
    return Reply(RenderedShown(text=filled.text, missing=list(filled.missing)))


async def attach(context: Context, path: IdPath, query: AttachmentQuery) -> Reply[CannedShown]:
    """Give it a file: the raw body, or a form with `file`. Each reply sends a copy of its own."""
    async with context.read() as session:
        await _changeable(context, session, path.id)
    sent = await take(context, query)
    async with _writing(context, sent.file) as (session, needless):
        row = await _changeable(context, session, path.id)
        needless.update(await _exchange(context, session, row, sent.file))
    return Reply(shown(row), etag(row.version))


@asynccontextmanager
async def _writing(context: Context, taken: Taken | None) -> AsyncIterator[tuple[Session, set[str]]]:
    """One transaction for the words and the file that has just come into the folder: both are kept, or neither.

    With it a set, for the keys of files that are to go once it is committed.
    """
    keys = [taken.key] if taken else []
    async with context.services.files.new(*keys) as needless, context.write() as session:
        yield session, needless


async def _exchange(context: Context, session: Session, row: CannedReply, taken: Taken | None) -> list[str]:
    """Give it this file, if any, instead of the one it has; the key of that one."""
    if taken is None:
        return []
    old = [str(row.attachment["file"])] if row.attachment else []
    name = f"canned:{row.id}"
    file = await stored_files.add(session, taken, lane=name, now=context.now, claimed_by=name)
    row.attachment = stored_files.attachment(file)
    row.updated_at, row.version = context.now, row.version + 1
    await stored_files.forget(session, old)
    attached = replace(context, action="canned_replies.attach")  # also from the desk's form
    await attached.audit(session, name.replace("canned", "canned_reply"), file=True)
    return old


async def detach(context: Context, path: IdPath) -> Reply[CannedShown]:
    """Take its file away."""
    async with context.write() as session:
        row = await _changeable(context, session, path.id)
        old = [str(row.attachment["file"])] if row.attachment else []
        row.attachment = None
        row.updated_at, row.version = context.now, row.version + 1
        await stored_files.forget(session, old)
        await context.audit(session, f"canned_reply:{row.id}", file=False)
    await context.services.files.remove(old)
    return Reply(shown(row), etag(row.version))
