"""Files in conversations: what customers sent is read, and agents answer with one."""

import secrets
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from admin_api.contract import Context, Reply
from admin_api.form_parts import MULTIPART, chunks_in, parts_of, words_in
from admin_api.once import Named, once
from admin_api.problems import ApiError
from admin_api.schemas.attachments import AgainBody, ArticleFileBody, AttachmentQuery, PartQuery
from admin_api.schemas.base import IdPath
from admin_api.schemas.conversations import MessageShown, blanks_in
from crm_store import article_files, canned_text, conversations, quotes, stored_files, taking_back
from crm_store.errors import Conflict, InvalidValue, NotFound
from crm_store.file_types import HEAD, clean_name, kind_of, mime_of
from crm_store.files import MEGABYTE, Files, Taken, TooLarge
from crm_store.models.conversations import Message
from crm_store.models.files import StoredFile
from crm_store.models.staff import Agent
from crm_store.serving_files import headers_for
from crm_store.session import Session

_CHUNK = 64 * 1024


async def read(context: Context, path: IdPath, query: PartQuery) -> web.StreamResponse:
    """The file of a message: an image as it is, anything else as bytes to be saved."""
    async with context.read() as session:
        message = await conversations.message(session, path.id)
        attachment = _part(message, query.part)
        key = str(attachment.get("file", ""))
        row = await stored_files.find(session, key) if key else None
    if row is not None:
        headers = headers_for(row.mime, row.name)
        return web.FileResponse(context.services.files.path(row.key), headers=headers)
    if "file_id" not in attachment:
        raise NotFound(f"message {message.id} has no file")
    return await _from_telegram(context, attachment)


def _part(message: Message, part: int) -> dict[str, Any]:
    """The message's own attachment, or that of a further part of its album; raises NotFound where there is none."""
    own = message.attachment or {}
    parts = (own, *own.get("album", ()))
    if part >= len(parts):
        raise NotFound(f"message {message.id} has {len(parts)} files")
    return dict(parts[part])


async def _from_telegram(context: Context, attachment: dict[str, Any]) -> web.Response:
    if context.services.download is None:
        told = "this file lies at Telegram, and this process runs no bot there; ask the one that does"
        raise ApiError(409, told, kind="file_at_telegram")
    content = await context.services.download(str(attachment["file_id"]))
    if content is None:
        raise NotFound("Telegram does not give this file (any more); files above 20 MB it never does")
    name = clean_name(str(attachment.get("name") or ""))
    return web.Response(body=content, headers=headers_for(mime_of(content[:HEAD]), name))


@dataclass(frozen=True, slots=True)
class Sent:
    """What an agent handed in."""

    file: Taken
    text: str


async def create(
    context: Context, path: IdPath, query: AttachmentQuery, headers: Named
) -> Reply[MessageShown]:
    """Write to the customer with a file: the raw body, or a form with `file` and, if wanted, `text`."""
    async with context.read() as session:
        conversation = await conversations.get(session, path.id)
        lane = await stored_files.lane_of(session, conversation)
    sent = await take(context, query)
    try:
        canned_text.check_filled(sent.text, blanks_in(query.blanks))
    except InvalidValue:
        await context.services.files.remove([sent.file.key])
        raise
    what = (path.id, sent.file.name, sent.file.digest, sent.text, query.reply_to_id)
    return await _say_with(context, path, headers, what, lane, sent, query.reply_to_id)


async def send_again(context: Context, path: IdPath, headers: Named, body: AgainBody) -> Reply[MessageShown]:
    """Write to the customer with a file of a reply that was taken back; 409 where that was done, or it is gone."""
    canned_text.check_filled(body.text, body.blanks)
    async with context.write() as session:
        conversation = await conversations.get(session, path.id)
        lane = await stored_files.lane_of(session, conversation)

        async def say(_agent: Agent) -> Message:
            # A name of its own: a second request for the same file gets none.
            owner = f"again:{secrets.token_hex(8)}"
            row = await stored_files.claim(session, body.file, lane=lane, claimed_by=owner)
            if row is None:
                raise Conflict(
                    "the file is not there any more, or was sent already; attach it anew", kind="file_gone"
                )
            return await _reply(context, session, path, row, body.text, body.reply_to_id)

        what = (path.id, body.file, body.text, body.reply_to_id)
        said = await once(context, session, headers, what, say)
    return said.reply()


async def send_article_file(
    context: Context, path: IdPath, headers: Named, body: ArticleFileBody
) -> Reply[MessageShown]:
    """Write to the customer with a file of an article: a copy of their own, as they may be erased."""
    canned_text.check_filled(body.text, body.blanks)
    async with context.read() as session:
        conversation = await conversations.get(session, path.id)
        lane = await stored_files.lane_of(session, conversation)
        original = await article_files.get(session, body.file)
    copy = await context.services.files.copy(original.key, original.name)
    what = (path.id, body.file, body.text, body.reply_to_id)
    return await _say_with(context, path, headers, what, lane, Sent(copy, body.text), body.reply_to_id)


async def _say_with(
    context: Context,
    path: IdPath,
    named: Named,
    what: tuple[object, ...],
    lane: str,
    sent: Sent,
    to: int | None,
) -> Reply[MessageShown]:
    """The message with this file, which has just come into the folder; a repeat needs it not."""
    key = sent.file.key
    async with context.services.files.new(key) as needless, context.write() as session:

        async def say(agent: Agent) -> Message:
            owner = f"agent:{agent.id}"
            row = await stored_files.add(session, sent.file, lane=lane, now=context.now, claimed_by=owner)
            return await _reply(context, session, path, row, sent.text, to)

        said = await once(context, session, named, what, say)
        if said.is_repeat:
            needless.add(key)
    return said.reply()


async def _reply(
    context: Context, session: Session, path: IdPath, row: StoredFile, text: str, to: int | None
) -> Message:
    agent = await context.agent(session)
    attachment, kind = stored_files.attachment(row), kind_of(row.mime)
    message = await quotes.reply(
        session, path.id, agent, text, to=to, now=context.now, attachment=attachment, kind=kind
    )
    await taking_back.hold_back(session, message, agent, now=context.now)
    await context.audit(session, f"conversation:{path.id}", message_id=message.id)
    return message


async def take(context: Context, query: AttachmentQuery, files: Files | None = None) -> Sent:
    """The file of the request, in the folder now; else raises TooLarge, NoRoom, or ApiError that says what is wrong."""
    request, files = context.request, files or context.services.files
    if request.content_type == "application/x-www-form-urlencoded":
        raise ApiError(
            415, "send a form as multipart/form-data (curl -F file=@FILE), or the bytes as another type"
        )
    if request.content_type != MULTIPART:
        if (request.content_length or 0) > files.max_bytes:
            most = files.max_bytes // MEGABYTE
            raise TooLarge(f"the file is larger than {most} MB", kind="file_large", most=most)
        chunks = request.content.iter_chunked(_CHUNK)
        return Sent(await files.take_in(chunks, query.name), query.text or "")
    taken: Taken | None = None
    text = query.text or ""
    try:
        async for part in parts_of(request, ("file", "text")):
            if part.name == "text":
                text = await words_in(part)
                continue
            async with aclosing(chunks_in(part)) as chunks_of_part:
                taken = await files.take_in(chunks_of_part, query.name or part.filename)
    except BaseException:
        if taken is not None:
            await files.remove([taken.key])
        raise
    if taken is None:
        raise ApiError(422, "the form has no 'file'")
    return Sent(taken, text)
