"""The desk itself: queue and conversations on the left, the thread, the customer on the right."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from aiohttp import web

from admin_api.access import Access
from admin_api.contract import Context
from admin_api.desk import reasons
from admin_api.desk.customer_card import CustomerCard, customer_card
from admin_api.desk.formats import Formats, zone_of
from admin_api.desk.listing import ListsQuery, OpenQuery, lists_of, owed_in
from admin_api.desk.menus import menus_of
from admin_api.desk.pages import ZONE_COOKIE, page, words_of
from admin_api.desk.through import through
from admin_api.desk.timeline import Entry, Quoted, quoted, timeline
from admin_api.handlers import suggestions
from admin_api.schemas.base import IdPath, RowId
from admin_api.schemas.casework import TakenBackShown
from crm_store import asking, attendance, conversations, desk_marks, inbox, joining, queue, quotes
from crm_store.attendance import PresenceState
from crm_store.inbox import InboxLine
from crm_store.lifecycle import HELD_BY_PERSON, TRANSITIONS, Change, Status
from crm_store.models.casework import ConversationMerge
from crm_store.models.conversations import Conversation
from crm_store.models.staff import Agent
from crm_store.owed import Owed
from crm_store.queue import QueueEntry
from crm_store.session import Session
from crm_store.taking_back import is_held_back

SHOWN_MESSAGES = 200
TAKE_OVER = "take_over"
MERGE_SHOWN_FOR = timedelta(days=1)
"""So long the conversation itself tells of a merge into it; later only the menu for merging does."""


class ThreadQuery(ListsQuery):
    """From which message on the thread is shown; without it, the newest ones are."""

    since: RowId | None = None


@dataclass(frozen=True, slots=True)
class MeantFor:
    """Who gets a waiting conversation first, whether they are there, and until when it waits for them alone."""

    name: str
    presence: PresenceState
    until: datetime


@dataclass(frozen=True, slots=True)
class Thread:
    """One conversation as the middle of the desk shows it."""

    line: InboxLine
    entries: list[Entry]
    actions: frozenset[str]
    can_write: bool
    can_rate: bool
    """Whether the customer may be asked for stars now."""
    place: QueueEntry | None
    meant_for: MeantFor | None
    why: tuple[str, ...]
    owed: tuple[Owed, ...]
    """Promised replies that are due soon, or overdue."""
    merged_into: int | None
    """The conversation where its words are since a merge."""
    merges: list[ConversationMerge]
    """That merge, and what was merged into it lately: as long as that may be undone at a glance."""
    typing: list[str]
    """Who else is writing in it."""
    held_back: frozenset[int]
    """The reader's own replies that can still be taken back."""
    since: int | None
    """The message it was asked to begin with; None where it shows the newest only."""
    earlier: int | None
    """The message to begin with to see more; None where it shows the beginning."""


async def home(context: Context, query: ListsQuery) -> web.Response:
    """The desk with no conversation open."""
    async with context.read() as session:
        values = await lists_of(context, session, query)
    return page(context, "desk.html", **values, open_id=None, thread=None, card=None)


async def conversation(context: Context, path: IdPath, query: ThreadQuery) -> web.Response:
    """The desk with this conversation open."""
    async with context.read() as session:
        found = await conversations.get(session, path.id)
        card: CustomerCard = await customer_card(
            session, found.customer_id, now=context.now, besides=found.id
        )
        values = await lists_of(context, session, query)
        thread = await _thread(context, session, found, query.since)
        menus = await menus_of(context, session, found)
    return page(
        context, "desk.html", **values, open_id=path.id, thread=thread, card=card, menus=menus, taken=None
    )


async def lists(context: Context, query: OpenQuery) -> web.Response:
    """The left side alone, as it is now."""
    async with context.read() as session:
        values = await lists_of(context, session, query)
    return page(context, "lists.html", **values, open_id=query.open)


async def thread(context: Context, path: IdPath, query: ThreadQuery) -> web.Response:
    """The thread alone, as it is now."""
    return await show_thread(context, path.id, since=query.since)


async def suggested(context: Context, path: IdPath) -> web.Response:
    """Replies that may fit what the customer said last."""
    found = await through(suggestions.listing, context, path)
    return page(context, "suggestions.html", found=found.body.items, conversation_id=path.id)


async def show_thread(
    context: Context, conversation_id: int, *, since: int | None = None, taken: TakenBackShown | None = None
) -> web.Response:
    """The thread of this conversation, from the message `since` on; with it, what was just taken back."""
    async with context.read() as session:
        found = await conversations.get(session, conversation_id)
        shown = await _thread(context, session, found, since)
        again = await _quoted_again(context, session, taken) if taken else None
    return page(context, "thread.html", thread=shown, taken=taken, quoted=again)


async def _quoted_again(context: Context, session: Session, taken: TakenBackShown) -> Quoted | None:
    """What the reply answered, as it does when it is sent again."""
    if taken.reply_to_id is None:
        return None
    found = await quotes.find_quotable(session, taken.conversation_id, taken.reply_to_id)
    names = await inbox.agent_names(session)
    return quoted(found, names, words_of(context.request)) if found else None


async def _thread(context: Context, session: Session, found: Conversation, since: int | None) -> Thread:
    said = await inbox.said(session, found.id, since=since, limit=SHOWN_MESSAGES)
    earlier = None
    if said:
        earlier = await inbox.step_back(session, found.id, before=said[0].id, limit=SHOWN_MESSAGES)
    words = words_of(context.request)
    show = Formats(words, zone_of(context.request.cookies.get(ZONE_COOKIE)), context.now)
    names = await inbox.agent_names(session)
    [line] = await inbox.lines(session, [found])
    place = await queue.place(session, found, now=context.now)
    me = context.caller.agent
    merges = await joining.of_conversation(session, found.id)
    merged_into = next((one.kept_id for one in merges if one.merged_id == found.id), None)
    due = (await owed_in(context, session, [found])).get(found.id, ())
    held_back = {m.id for m in said if me and m.agent_id == me.id and is_held_back(m, context.now)}
    return Thread(
        line=line,
        entries=timeline(
            said,
            await inbox.changes(session, found.id),
            names,
            show,
            await quotes.quoted_by(session, said),
        ),
        actions=allowed(found, me, is_lead=context.caller.may(Access.LEAD))
        - ({"reopen"} if merged_into is not None else set()),
        merged_into=merged_into,
        merges=[one for one in merges if _is_shown(one, found, context.now)],
        can_write=context.caller.may(Access.WORK) and writable(found, me),
        can_rate=context.caller.may(Access.WORK) and await _rateable(context, session, found),
        place=place,
        meant_for=await _meant_for(session, found, context.now),
        why=reasons.told(place.why_next, words, has_badge=bool(due)) if place else (),
        owed=due,
        held_back=frozenset(held_back),
        since=since,
        earlier=earlier,
        typing=await desk_marks.typing_in(session, found.id, besides=me.id if me else None, now=context.now),
    )


def _is_shown(merge: ConversationMerge, found: Conversation, now: datetime) -> bool:
    return merge.merged_id == found.id or now - merge.merged_at < MERGE_SHOWN_FOR


async def _meant_for(session: Session, found: Conversation, now: datetime) -> MeantFor | None:
    agent = await session.get(Agent, found.meant_for_id) if found.meant_for_id else None
    if agent is None or found.status != Status.QUEUED:
        return None
    return MeantFor(agent.name, attendance.presence_of(agent, now), found.meant_until or now)


async def _rateable(context: Context, session: Session, found: Conversation) -> bool:
    settings = context.services.rules
    return await asking.why_not(session, found, now=context.now, settings=settings) is None


def allowed(found: Conversation, me: Agent | None, *, is_lead: bool) -> frozenset[str]:
    """Which buttons the conversation's status, and who holds it, leave: names of changes, and TAKE_OVER."""
    if me is None or me.role == "analyst":
        return frozenset()
    possible = {change.value for at, change in TRANSITIONS if at == found.status}
    held_by_other = found.status in HELD_BY_PERSON and found.agent_id != me.id
    if held_by_other and not is_lead:
        possible -= {Change.RELEASE, Change.TRANSFER, Change.RESOLVE, Change.SNOOZE}
    if held_by_other and is_lead:
        possible |= {TAKE_OVER}
    return frozenset(possible & {"take", TAKE_OVER, "release", "transfer", "snooze", "resolve", "reopen"})


def writable(found: Conversation, me: Agent | None) -> bool:
    """Whether this agent's reply would reach the customer: nobody else holds it, and it is not resolved."""
    if me is None or found.status == Status.RESOLVED:
        return False
    return found.status not in HELD_BY_PERSON or found.agent_id == me.id
