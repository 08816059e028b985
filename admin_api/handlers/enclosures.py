"""Files of canned replies that go with an agent's words: each sending has a copy of its own, as it may be erased."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from admin_api.contract import Context
from crm_store import canned_replies, conversations, stored_files
from crm_store.file_types import kind_of
from crm_store.files import Taken
from crm_store.models.conversations import Message
from crm_store.models.staff import Agent
from crm_store.session import Session


@asynccontextmanager
async def enclosed(context: Context, reply_ids: Sequence[int]) -> AsyncIterator[list[Taken]]:
    """Copies of the files of these canned replies; on an error inside they are removed again."""
    owner = context.caller.agent_id
    files, copies = context.services.files, list[Taken]()
    async with context.read() as session:
        rows = [await canned_replies.get(session, each, agent_id=owner) for each in dict.fromkeys(reply_ids)]
    try:
        for attachment in (row.attachment for row in rows if row.attachment):
            copies.append(await files.copy(str(attachment["file"]), str(attachment["name"])))
        yield copies
    except BaseException:
        await files.remove([copy.key for copy in copies])
        raise


async def send_enclosed(
    context: Context, session: Session, words: Message, agent: Agent, copies: Sequence[Taken]
) -> None:
    """Send the copies after the words, a message each."""
    for copy in copies:
        row = await stored_files.add(
            session, copy, lane=str(words.lane), now=context.now, claimed_by=f"agent:{agent.id}"
        )
        await conversations.reply(
            session,
            words.conversation_id,
            agent,
            "",
            now=context.now,
            attachment=stored_files.attachment(row),
            kind=kind_of(row.mime),
        )
