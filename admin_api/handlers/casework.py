"""What agents do with a conversation besides talking in it."""

from admin_api.contract import Context, Reply
from admin_api.handlers.conversations import showing
from admin_api.patching import patched
from admin_api.schemas.base import IdPath
from admin_api.schemas.casework import (
    ConversationMerges,
    ConversationMergeShown,
    LabelsBody,
    MergeConversationBody,
    SnoozeBody,
    TakenBackShown,
    TakenFile,
)
from admin_api.schemas.conversations import ConversationShown
from crm_store import conversations, joining, labels, snoozing, stored_files, taking_back


async def snooze(context: Context, path: IdPath, body: SnoozeBody) -> Reply[ConversationShown]:
    """Out of sight until then; the customer's next word brings it back before."""
    async with context.write() as session:
        agent = await context.agent(session)
        row = await snoozing.snooze(session, path.id, agent, until=body.until, now=context.now)
        await context.audit(session, f"conversation:{path.id}", until=body.until.isoformat())
        show = await showing(context, session)
    return Reply(show(row))


async def label(context: Context, path: IdPath, body: LabelsBody) -> Reply[ConversationShown]:
    """Priority, team, tags and attributes of your own; whoever waits finds their new place at once."""
    given = body.model_dump(exclude_unset=True)
    values = {name: value for name, value in given.items() if value is not None}
    async with context.write() as session:
        before = await conversations.get(session, path.id, lock=True)
        was = {name: getattr(before, name) for name in values}
        if "attributes" in values:
            values["attributes"] = patched(before.attributes, values["attributes"])
        row = await labels.change_labels(
            session, path.id, now=context.now, settings=context.services.rules, **values
        )
        changed = sorted(name for name in values if getattr(row, name) != was[name])
        await context.audit(session, f"conversation:{path.id}", changed=changed)
        show = await showing(context, session)
    return Reply(show(row))


async def merges(context: Context, path: IdPath) -> Reply[ConversationMerges]:
    """What became part of it, or what it became part of."""
    async with context.read() as session:
        await conversations.get(session, path.id)
        rows = await joining.of_conversation(session, path.id)
    return Reply(ConversationMerges(items=[ConversationMergeShown.model_validate(row) for row in rows]))


async def merge(context: Context, path: IdPath, body: MergeConversationBody) -> Reply[ConversationMergeShown]:
    """Move what was said in another conversation of the same customer into this one, and resolve the other."""
    async with context.write() as session:
        agent = await context.agent(session)
        row = await joining.merge(
            session, kept_id=path.id, merged_id=body.conversation_id, by=agent, now=context.now
        )
        await context.audit(session, f"conversation:{path.id}", merged=body.conversation_id)
    return Reply(ConversationMergeShown.model_validate(row))


async def undo_merge(context: Context, path: IdPath) -> Reply[ConversationMergeShown]:
    """Move it back; what nobody has had to do with since is held, or waits, as it did before."""
    async with context.write() as session:
        agent = await context.agent(session)
        rules = context.services.rules
        row = await joining.undo(session, path.id, by=agent, now=context.now, settings=rules)
        await context.audit(session, f"conversation:{row.kept_id}", merged=row.merged_id)
    return Reply(ConversationMergeShown.model_validate(row))


async def take_back(context: Context, path: IdPath) -> Reply[TakenBackShown]:
    """Do not send a reply of one's own that is still held back; its files can be sent again for a day."""
    async with context.write() as session:
        agent = await context.agent(session)
        taken = await taking_back.take_back(session, path.id, agent, now=context.now)
        await context.audit(session, f"conversation:{taken.conversation_id}", message_id=path.id)
    files = [TakenFile.model_validate(stored_files.attachment(row)) for row in taken.files]
    return Reply(
        TakenBackShown(
            conversation_id=taken.conversation_id,
            text=taken.text,
            reply_to_id=taken.reply_to_id,
            files=files,
        )
    )
