"""Conversations: read them, answer, note, and say who holds them."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from admin_api.contract import Context, Reply
from admin_api.desk import texts
from admin_api.desk.texts import Words
from admin_api.handlers.enclosures import enclosed, send_enclosed
from admin_api.handlers.finding import follow_messages
from admin_api.once import Named, once
from admin_api.paging import Page, PageQuery, last_id, paged
from admin_api.schemas.base import IdPath
from admin_api.schemas.canned_replies import ReplyBody
from admin_api.schemas.conversations import (
    ConversationQuery,
    ConversationShown,
    ConversationWithMessages,
    MessageShown,
    TakeOverBody,
    TextBody,
    TransferBody,
)
from crm_store import (
    canned_replies,
    conversations,
    handing_on,
    phone_asking,
    queue,
    queue_rules,
    quotes,
    reopening,
    search,
    snoozing,
    staff,
    taking_back,
)
from crm_store.models.conversations import Conversation, Message
from crm_store.models.staff import Agent
from crm_store.queueing import Reason
from crm_store.session import Session

_LAST_MESSAGES = 50


_OWN = [name for name in ConversationShown.model_fields if name != "why_next"]


def shown(conversation: Conversation, why: Sequence[Reason]) -> ConversationShown:
    """The conversation without the bot's memory, and why it is next."""
    told = {name: getattr(conversation, name) for name in _OWN}
    return ConversationShown.model_validate({**told, "why_next": why})


async def showing(context: Context, session: Session) -> Callable[[Conversation], ConversationShown]:
    """How a conversation is shown at this moment: its wait is counted by the hours that the queue is ordered by."""
    hours = (await queue_rules.counted_hours(session)).calendars
    return lambda one: shown(one, queue.why_next(one, hours, context.now))


async def listing(context: Context, query: ConversationQuery) -> Reply[Page[ConversationShown]]:
    """The newest first, by words in them and by what they are."""
    if query.q is not None:
        await follow_messages(context)
    async with context.read() as session:
        rows = await search.find_conversations(
            session, query.filters(), before_id=last_id(context, query), limit=query.limit + 1
        )
        show = await showing(context, session)
    return paged(context, query, rows, show, lambda row: [row.id])


async def read(context: Context, path: IdPath) -> Reply[ConversationWithMessages]:
    """A conversation with its last 50 messages."""
    async with context.read() as session:
        found = await conversations.get(session, path.id)
        said = await conversations.last_messages(session, path.id, _LAST_MESSAGES)
        show = await showing(context, session)
    messages = [MessageShown.model_validate(message) for message in said]
    return Reply(ConversationWithMessages(messages=messages, **show(found).model_dump()))


async def messages(context: Context, path: IdPath, query: PageQuery) -> Reply[Page[MessageShown]]:
    """Everything that was said, oldest first, notes included."""
    async with context.read() as session:
        await conversations.get(session, path.id)
        rows = await conversations.messages(
            session, path.id, after_id=last_id(context, query) or 0, limit=query.limit + 1
        )
    return paged(context, query, rows, MessageShown.model_validate, lambda row: [row.id])


async def reply(context: Context, path: IdPath, headers: Named, body: ReplyBody) -> Reply[MessageShown]:
    """Write to the customer; whoever replies to a conversation nobody holds, takes it."""
    used = body.canned_reply_ids
    answered = () if body.reply_to_id is None else (f"to:{body.reply_to_id}",)
    async with enclosed(context, used) as files, context.write() as session:

        async def say(agent: Agent) -> Message:
            await canned_replies.check_filled(session, body.text, used, body.blanks, agent_id=agent.id)
            message = await quotes.reply(
                session, path.id, agent, body.text, to=body.reply_to_id, now=context.now
            )
            await taking_back.hold_back(session, message, agent, now=context.now)
            await send_enclosed(context, session, message, agent, files)
            await canned_replies.count_uses(session, used, agent_id=agent.id, now=context.now)
            await context.audit(session, f"conversation:{path.id}", message_id=message.id)
            return message

        said = await once(context, session, headers, (path.id, body.text, *used, *answered), say)
    if said.is_repeat:
        await context.services.files.remove([copy.key for copy in files])
    return said.reply()


async def ask_phone(context: Context, path: IdPath) -> Reply[MessageShown]:
    """Ask the customer for their number, with a button that shares it; 409 where their channel has none."""
    async with context.write() as session:
        agent = await context.agent(session)
        language = (await conversations.get(session, path.id)).language
        words = Words(texts.choose(language, None))("panel.ask_phone_words")
        message = await phone_asking.ask(session, path.id, agent, words, now=context.now)
        await context.audit(session, f"conversation:{path.id}", message_id=message.id)
    return Reply(MessageShown.model_validate(message))


async def note(context: Context, path: IdPath, headers: Named, body: TextBody) -> Reply[MessageShown]:
    """Write something that only staff see."""
    async with context.write() as session:

        async def say(agent: Agent) -> Message:
            message = await conversations.note(session, path.id, agent, body.text, now=context.now)
            await context.audit(session, f"conversation:{path.id}", message_id=message.id)
            return message

        said = await once(context, session, headers, (path.id, body.text), say)
    return said.reply()


async def _moved(
    context: Context,
    path: IdPath,
    move: Callable[[Session, Agent], Awaitable[Conversation]],
    **detail: Any,
) -> Reply[ConversationShown]:
    async with context.write() as session:
        agent = await context.agent(session)
        conversation = await move(session, agent)
        await context.audit(session, f"conversation:{path.id}", agent_id=agent.id, **detail)
        show = await showing(context, session)
    return Reply(show(conversation))


async def take(context: Context, path: IdPath) -> Reply[ConversationShown]:
    """Hold it from now on; 409 names who was faster."""
    return await _moved(
        context, path, lambda session, agent: queue.take(session, path.id, agent, now=context.now)
    )


async def take_over(context: Context, path: IdPath, body: TakeOverBody) -> Reply[ConversationShown]:
    """Hold what a colleague holds; they are told, and the customer who is there now. 409 where it is not theirs."""
    settings, holder = context.services.rules, body.from_agent_id

    async def move(session: Session, agent: Agent) -> Conversation:
        return await handing_on.take_over(
            session, path.id, agent, held_by=holder, now=context.now, settings=settings
        )

    return await _moved(context, path, move, from_agent=holder)


async def release(context: Context, path: IdPath) -> Reply[ConversationShown]:
    """Give it back to the queue, at its old place."""
    return await _moved(
        context, path, lambda session, agent: queue.release(session, path.id, agent, now=context.now)
    )


async def transfer(context: Context, path: IdPath, body: TransferBody) -> Reply[ConversationShown]:
    """Give it to another agent or to a team, with a note if there is one.

    For an agent who is not online it waits in the queue, for a while for them alone: see meant_for_id.
    """

    async def move(session: Session, agent: Agent) -> Conversation:
        if body.agent_id is None:
            team = str(body.team)
            return await snoozing.transfer_to_team(
                session, path.id, by=agent, team=team, note_text=body.note, now=context.now
            )
        to = await staff.get_agent(session, body.agent_id)
        return await handing_on.transfer(
            session,
            path.id,
            by=agent,
            to=to,
            note_text=body.note,
            now=context.now,
            settings=context.services.rules,
        )

    return await _moved(context, path, move, to=body.agent_id or body.team)


async def resolve(context: Context, path: IdPath) -> Reply[ConversationShown]:
    """Close it; the customer is asked for stars."""
    settings = context.services.rules
    return await _moved(
        context,
        path,
        lambda session, agent: queue.resolve(session, path.id, agent, now=context.now, settings=settings),
    )


async def reopen(context: Context, path: IdPath) -> Reply[ConversationShown]:
    """Open a resolved conversation again, with what was said to the bot since: yours where you are there and have room,
    else back in the queue; 409 when its customer waits for a person or is served in another."""
    return await _moved(
        context, path, lambda session, agent: reopening.reopen(session, path.id, agent, now=context.now)
    )
