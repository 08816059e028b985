"""Members of staff."""

from admin_api.contract import Context, Reply
from admin_api.paging import Page, PageQuery, last_id, paged
from admin_api.schemas.base import IdPath
from admin_api.schemas.staff import AgentChange, AgentShown, CodeRequest, CodeShown, NewAgent
from crm_store import attendance, conversations, queue, sign_in, staff
from crm_store.lifecycle import HELD_BY_PERSON
from crm_store.models.staff import Agent
from crm_store.session import Session
from crm_store.sign_in import Purpose

_HOW = {
    Purpose.TELEGRAM: "send this to the bot in a private chat: /link CODE",
    Purpose.SIGN_IN: "enter it on the desk's sign-in page",
}


def shown(context: Context, agent: Agent) -> AgentShown:
    """The agent without secrets; online only while that lasts."""
    presence = attendance.presence_of(agent, context.now)
    return AgentShown.model_validate(agent).model_copy(update={"presence": presence.value})


async def listing(context: Context, query: PageQuery) -> Reply[Page[AgentShown]]:
    """All members of staff."""
    after = last_id(context, query) or 0
    async with context.read() as session:
        rows = await staff.page(session, after_id=after, limit=query.limit + 1)
    return paged(context, query, rows, lambda agent: shown(context, agent), lambda row: [row.id])


async def create(context: Context, body: NewAgent) -> Reply[AgentShown]:
    """Add somebody."""
    given = body.model_dump()
    given["capacity"] = given["capacity"] or context.services.rules.default_capacity
    async with context.write() as session:
        agent = await staff.create_agent(session, now=context.now, **given)
        await context.audit(session, f"agent:{agent.id}", role=agent.role)
    return Reply(shown(context, agent), {"Location": f"/api/v1/staff/{agent.id}"})


async def read(context: Context, path: IdPath) -> Reply[AgentShown]:
    """One member of staff."""
    async with context.read() as session:
        return Reply(shown(context, await staff.get_agent(session, path.id)))


async def change(context: Context, path: IdPath, body: AgentChange) -> Reply[AgentShown]:
    """Change role, skills and so on; `disabled` shuts somebody out or lets them in again."""
    values = body.changes()
    async with context.write() as session:
        before = await staff.get_agent(session, path.id)
        was = {name: getattr(before, name) for name in values} | {"disabled": before.disabled_at is not None}
        agent = await staff.change_agent(session, path.id, now=context.now, **values)
        if body.disabled:
            await _disable(context, session, agent)
        elif body.disabled is False:
            agent = await staff.enable_agent(session, path.id)
        changed = sorted(name for name in values if getattr(agent, name) != was[name])
        if (agent.disabled_at is not None) != was["disabled"]:
            changed.append("disabled")
        if changed:
            await context.audit(session, f"agent:{agent.id}", changed=changed, role=agent.role)
    return Reply(shown(context, agent))


async def disable(context: Context, path: IdPath) -> Reply[AgentShown]:
    """Shut somebody out; what they held goes back to the queue. Their words and ratings stay."""
    async with context.write() as session:
        agent = await staff.get_agent(session, path.id)
        await _disable(context, session, agent)
        await context.audit(session, f"agent:{agent.id}")
    return Reply(shown(context, agent))


async def _disable(context: Context, session: Session, agent: Agent) -> None:
    await staff.disable_agent(session, agent.id, now=context.now)
    for status in HELD_BY_PERSON:
        while held := await conversations.page(session, status=status, agent_id=agent.id):
            for conversation in held:
                await queue.release(session, conversation.id, agent, now=context.now)


async def issue_code(context: Context, path: IdPath, body: CodeRequest) -> Reply[CodeShown]:
    """A one-time code for somebody: to link their Telegram account, or to sign in."""
    return await new_code(context, path.id, Purpose(body.purpose))


async def new_code(context: Context, agent_id: int, purpose: Purpose) -> Reply[CodeShown]:
    """A code for this agent, written down in the audit."""
    async with context.write() as session:
        code = await sign_in.issue_code(session, agent_id, purpose, now=context.now)
        await context.audit(session, f"agent:{agent_id}", purpose=purpose)
    how = _HOW[purpose].replace("CODE", code)
    return Reply(CodeShown(code=code, purpose=purpose, expires_at=context.now + sign_in.CODE_LASTS, how=how))


async def unlink_telegram(context: Context, path: IdPath) -> Reply[AgentShown]:
    """End the link to a Telegram account."""
    async with context.write() as session:
        agent = await staff.unlink_telegram(session, path.id)
        await context.audit(session, f"agent:{agent.id}")
    return Reply(shown(context, agent))
