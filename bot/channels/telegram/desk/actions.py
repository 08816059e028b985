"""What the card's buttons, and the commands of the same names, do with a conversation."""

from bot.channels.telegram.desk.case_acting import case
from bot.channels.telegram.desk.choices import ANYWAY, BAN_REASONS, ban_of, snoozed_until, team_code
from bot.channels.telegram.desk.doing import Action, Doing, Refused
from bot.channels.telegram.desk.naming import beginning_with, others
from bot.channels.telegram.drawing import cut
from bot.texts import render
from crm_store import (
    asking,
    attendance,
    audit,
    bans,
    conversations,
    desk,
    follow_ups,
    handing_on,
    phone_asking,
    queue,
    reopening,
    snoozing,
    staff,
)
from crm_store.attendance import PresenceState
from crm_store.lifecycle import Status
from crm_store.models.conversations import Conversation
from crm_store.models.staff import Agent

MAX_TYPED = 40
"""Of a name that nobody has, so much is told again."""


async def _take(d: Doing) -> object:
    """Not what its customer stopped waiting in while the card still offered it."""
    conversation = await conversations.get(d.session, d.conversation_id, lock=True)
    if conversation.status == Status.BOT and d.argument != ANYWAY:
        raise Refused("desk.waits_no_more")
    return await queue.take(d.session, d.conversation_id, d.agent, now=d.now)


async def _release(d: Doing) -> object:
    return await queue.release(d.session, d.conversation_id, d.agent, now=d.now)


async def _resolve(d: Doing) -> object:
    """Once: a second press, while the card still offers it, hears who was faster."""
    conversation = await conversations.get(d.session, d.conversation_id, lock=True)
    if conversation.status == Status.RESOLVED:
        by = await d.session.get(Agent, conversation.agent_id) if conversation.agent_id else None
        raise Refused("desk.resolved_already", by=by.name if by else "—")
    return await queue.resolve(d.session, d.conversation_id, d.agent, now=d.now, settings=d.settings)


async def _reopen(d: Doing) -> object:
    return await reopening.reopen(d.session, d.conversation_id, d.agent, now=d.now)


async def _snooze(d: Doing) -> object:
    conversation = await conversations.get(d.session, d.conversation_id)
    until = snoozed_until(d.argument, d.now, d.settings.hours_of(conversation.team))
    if until is None:
        raise Refused("desk.snooze_usage")
    return await snoozing.snooze(d.session, d.conversation_id, d.agent, until=until, now=d.now)


async def _transfer(d: Doing) -> object:
    """To an agent or a team, by a button's code or by name; what follows a name is a note."""
    to: Agent | str | None = await _by_code(d)
    note = ""
    if to is None:
        to, note = await beginning_with(d.session, d.argument)
    if to is None and not d.argument:
        raise Refused("desk.transfer_usage")
    if to is None:
        known = render(d.language, "desk.comma").join(await others(d.session, d.agent)) or "—"
        raise Refused("desk.transfer_nobody", typed=cut(d.argument, MAX_TYPED), known=known)
    if isinstance(to, str):
        return await snoozing.transfer_to_team(
            d.session, d.conversation_id, by=d.agent, team=to, note_text=note or None, now=d.now
        )
    conversation = await handing_on.transfer(
        d.session,
        d.conversation_id,
        by=d.agent,
        to=to,
        note_text=note or None,
        now=d.now,
        settings=d.settings,
    )
    return None if conversation.meant_for_id is None else await _say_that_it_waits(d, conversation, to)


async def _say_that_it_waits(d: Doing, conversation: Conversation, to: Agent) -> str:
    """What is said, in the topic too, of a conversation that was handed on to somebody not there, or without room."""
    why = attendance.presence_of(to, d.now)
    presence = render(
        d.language, "desk.presence_full" if why is PresenceState.ONLINE else f"desk.presence_{why}"
    )
    told = render(d.language, "desk.kept_for_told", name=to.name, presence=presence)
    await desk.post(d.session, conversation, "notice", text=told, now=d.now)
    return told


async def _by_code(d: Doing) -> Agent | str | None:
    if d.argument.isdecimal():
        return await staff.get_agent(d.session, int(d.argument))
    teams = await snoozing.teams(d.session)
    return next((team for team in teams if team_code(team) == d.argument), None)


async def _ban(d: Doing) -> object:
    return await _end_service(d, is_shadow=False)


async def _shadow_ban(d: Doing) -> object:
    return await _end_service(d, is_shadow=True)


async def _end_service(d: Doing, *, is_shadow: bool) -> object:
    length, reason = ban_of(d.argument)
    if not reason:
        raise Refused("desk.ban_usage")
    if reason in BAN_REASONS:
        reason = render(d.language, f"desk.ban_{reason}")
    until = d.now + length if length is not None else None
    customer_id = (await conversations.get(d.session, d.conversation_id)).customer_id
    return await bans.ban(
        d.session, customer_id, d.agent, reason, now=d.now, until=until, is_shadow=is_shadow
    )


async def _unban(d: Doing) -> object:
    customer_id = (await conversations.get(d.session, d.conversation_id)).customer_id
    return await bans.unban(d.session, customer_id, d.agent, now=d.now)


async def _phone(d: Doing) -> object:
    """The customer gets a button that shares their own number."""
    conversation = await conversations.get(d.session, d.conversation_id)
    words = render(conversation.language, "ask_phone")
    try:
        return await phone_asking.ask(d.session, d.conversation_id, d.agent, words, now=d.now)
    except phone_asking.NoButton:
        raise Refused("desk.phone_elsewhere") from None


async def _rate(d: Doing) -> None:
    """Ask the customer for stars, and say so in the topic: the request itself goes to the customer alone."""
    conversation = await conversations.get(d.session, d.conversation_id, lock=True)
    refusal = await asking.why_not(d.session, conversation, now=d.now, settings=d.settings)
    if refusal is not None:
        raise Refused(f"desk.rate_{refusal}")
    made = await asking.by_hand(d.session, d.conversation_id, now=d.now, settings=d.settings)
    told = render(d.language, "desk.rate_asked")
    await desk.post(d.session, conversation, "notice", text=told, now=made.asked_at)


async def _done(d: Doing) -> None:
    """The customer's open follow-ups, with what came of them."""
    conversation = await conversations.get(d.session, d.conversation_id)
    if not d.argument:
        raise Refused("desk.done_usage")
    rows = await follow_ups.finish(
        d.session, conversation.customer_id, d.agent, d.argument, now=d.now, settings=d.settings
    )
    if not rows:
        raise Refused("desk.no_follow_up")
    told = render(d.language, "desk.follow_up_done", numbers=", ".join(row.number for row in rows))
    await desk.post(d.session, conversation, "notice", text=told, now=d.now)


def _audited(name: str, act: Action) -> Action:
    """The act, written down under this name once it is done: as it is for who does it on the web."""

    async def done(d: Doing) -> object:
        result = await act(d)
        who, what = f"agent:{d.agent.id} {d.agent.name}", f"conversation:{d.conversation_id}"
        await audit.record(d.session, actor=who, action=name, subject=what, now=d.now)
        return result

    return done


ACTIONS: dict[str, tuple[Action, str]] = {
    # name -> (what it does, what the agent is told)
    "take": (_audited("conversations.take", _take), "desk.taken"),
    "release": (_audited("conversations.release", _release), "desk.released"),
    "resolve": (_audited("conversations.resolve", _resolve), "desk.resolved"),
    "reopen": (_audited("conversations.reopen", _reopen), "desk.reopened"),
    "snooze": (_audited("casework.snooze", _snooze), "desk.snoozed"),
    "transfer": (_audited("conversations.transfer", _transfer), "desk.transferred"),
    "ban": (_ban, "desk.banned"),
    "shadowban": (_shadow_ban, "desk.shadow_banned"),
    "unban": (_unban, "desk.unbanned"),
    "phone": (_phone, "desk.phone_asked"),
    "rate": (_rate, "desk.rate_asked"),
    "done": (_done, "desk.follow_up_closed"),
    "case": (case, "desk.case_changed"),
}
