"""What waited for its turn in the staff group and says nothing any more when that comes: it is never posted.

A group takes 20 messages a minute, so hours may pass before a post's turn. What customers (or agents) said always is
shown, and so is what became of it; news of a state of affairs only while things are so.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import desk_posts
from crm_store.desk import BACK_IN_LINE, GIVEN, TAKEN_OVER, WOKEN
from crm_store.desk_load import IS_OVER
from crm_store.desk_posts import Claimed
from crm_store.lifecycle import HELD_BY_PERSON, Status
from crm_store.models.conversations import Conversation, Promise
from crm_store.models.plumbing import DeskPost, DeskTopic
from crm_store.models.staff import Agent

DUE_SOON, OVERDUE, UNANSWERED, CARD = "due_soon", "overdue", "unanswered", "card"
_OF_HOLDERS = (GIVEN, WOKEN)
LOOKED_AT = frozenset({DUE_SOON, OVERDUE, UNANSWERED, CARD, BACK_IN_LINE, TAKEN_OVER, *_OF_HOLDERS})
"""Kinds that may outlive what they tell of."""
_WORDS = ("message", "edit")
AT_ONCE = 5
"""Of so many customers at most it is found in one transaction that nothing is to be posted: each is a look at all that
waits, and what customers say waits for its end."""
Owed = tuple[int, str]
"""A conversation, and the kind of what is promised there."""


@dataclass(frozen=True, slots=True)
class Facts:
    """How things are with a customer."""

    over: Collection[int]
    """Of the conversations those that nobody of the staff has to see to."""
    queued: Collection[int]
    has_place: bool
    """Whether the customer has a topic or a card in any of the chats."""
    running: Mapping[Owed, str]
    """Which warning is true of each promise that is running and near its end, or past it."""
    holders: Mapping[int, int | None] = field(default_factory=dict)
    """Who has to write in each conversation."""
    keepers: Mapping[int, int | None] = field(default_factory=dict)
    """Who holds each conversation, whether they have to write there or not."""
    chat: str = ""
    """Where it is to be posted."""
    own_chats: Mapping[int | None, str] = field(default_factory=dict)
    """The private chats of agents who are called."""


async def claim(
    session: AsyncSession,
    *,
    chat: str,
    chats: Sequence[str],
    now: datetime,
    in_turn: bool = False,
    behind: Collection[int] = (),
    has_spare: bool = True,
) -> tuple[list[Claimed], bool]:
    """As `desk_posts.claim`, for the first customer of whom there is something to be posted; the rest is settled.

    And whether it was left at that after `AT_ONCE` customers of whom nothing was to be posted: then ask again.
    """
    for _ in range(AT_ONCE):
        posts = await desk_posts.claim(
            session, chat=chat, chats=chats, now=now, in_turn=in_turn, behind=behind, has_spare=has_spare
        )
        if not posts:
            return [], False
        posts = await _without_bots(session, posts, chats)
        gone = await _outlived(session, posts, chat, chats, now)
        if gone:
            await desk_posts.mark_sent(session, sorted(gone), platform_id=None)
        if left := [post for post in posts if post.id not in gone]:
            return left, False
    return [], True


async def _without_bots(
    session: AsyncSession, posts: Sequence[Claimed], chats: Sequence[str]
) -> list[Claimed]:
    """The posts without words of conversations that the bot has again, of customers who stand nowhere yet: these are
    not made a topic for it, and the words are told as what was said before, should staff ever have to see to them."""
    said = {post.conversation_id for post in posts if post.kind in _WORDS}
    if not said or await _has_place(session, posts[0].customer_id, chats):
        return list(posts)
    query = select(Conversation.id).where(Conversation.id.in_(said), Conversation.status == Status.BOT)
    with_bot = set(await session.scalars(query))
    gone = {post.id for post in posts if post.kind in _WORDS and post.conversation_id in with_bot}
    if gone:
        await session.execute(delete(DeskPost).where(DeskPost.id.in_(gone)))
    return [post for post in posts if post.id not in gone]


async def _outlived(
    session: AsyncSession, posts: Sequence[Claimed], chat: str, chats: Sequence[str], now: datetime
) -> set[int]:
    looked_at = [post for post in posts if post.kind in LOOKED_AT]
    return outlived(looked_at, await _facts(session, looked_at, chat, chats, now)) if looked_at else set()


def outlived(posts: Sequence[Claimed], facts: Facts) -> set[int]:
    """The ids of those that say nothing any more; `posts` are one customer's, oldest first. Pure."""
    newest = {(post.conversation_id, _about(post)): post.id for post in posts}
    return {post.id for post in posts if not _says_something(post, newest, facts)}


def _about(post: Claimed) -> str:
    """What a newer one of the same supersedes; the minutes that are told with it don't matter."""
    if post.kind in (DUE_SOON, OVERDUE):
        return f"promise {post.text.partition(' ')[0]}"
    return f"{post.kind} {post.agent_id}" if post.kind == TAKEN_OVER else post.kind


def _says_something(post: Claimed, newest: Mapping[tuple[int, str], int], facts: Facts) -> bool:
    if post.kind == CARD:  # several are drawn as one; where there is none yet, it comes with the first words
        return facts.has_place or post.conversation_id not in facts.over
    is_newest = newest[post.conversation_id, _about(post)] == post.id
    if post.kind == TAKEN_OVER:
        return is_newest and _is_missed(post, facts)
    if post.kind in _OF_HOLDERS:  # who has written, or given it away, knows of it
        holder = facts.holders.get(post.conversation_id)
        return is_newest and holder is not None and holder == post.agent_id
    if post.kind in (UNANSWERED, BACK_IN_LINE):
        return is_newest and post.conversation_id in facts.queued
    promise = (post.conversation_id, post.text.partition(" ")[0])
    return is_newest and facts.running.get(promise) == post.kind


def _is_missed(post: Claimed, facts: Facts) -> bool:
    """Whether somebody else holds what was taken from this agent, who may read of it here: in no colleague's chat."""
    is_heard = facts.chat.startswith("-") or facts.chat == facts.own_chats.get(post.agent_id)
    return is_heard and facts.keepers.get(post.conversation_id) not in (None, post.agent_id)


async def _facts(
    session: AsyncSession, posts: Sequence[Claimed], chat: str, chats: Sequence[str], now: datetime
) -> Facts:
    ids, c = {post.conversation_id for post in posts}, Conversation
    states = (await session.execute(select(c.id, IS_OVER, c.status, c.agent_id).where(c.id.in_(ids)))).all()
    called = {post.agent_id for post in posts if post.kind == TAKEN_OVER}
    return Facts(
        over={number for number, is_over, *_ in states if is_over},
        queued={number for number, _, status, _ in states if status == Status.QUEUED},
        has_place=await _has_place(session, posts[0].customer_id, chats),
        running=await _running(session, ids, now)
        if any(p.kind in (DUE_SOON, OVERDUE) for p in posts)
        else {},
        holders={number: agent for number, _, status, agent in states if status == Status.ASSIGNED},
        keepers={number: agent for number, _, status, agent in states if status in HELD_BY_PERSON},
        chat=chat,
        own_chats=await _own_chats(session, called) if called else {},
    )


async def _own_chats(session: AsyncSession, agents: Collection[int | None]) -> dict[int | None, str]:
    query = select(Agent.id, Agent.telegram_user_id).where(Agent.id.in_(agents))
    return {number: str(account) for number, account in await session.execute(query)}


async def _has_place(session: AsyncSession, customer_id: int, chats: Sequence[str]) -> bool:
    t = DeskTopic
    stands = or_(t.thread.is_not(None), t.card_platform_id.is_not(None))
    query = select(t.id).where(t.customer_id == customer_id, t.chat.in_(chats), stands)
    return await session.scalar(query.limit(1)) is not None


async def _running(session: AsyncSession, ids: Collection[int], now: datetime) -> dict[Owed, str]:
    """A promise whose time is over is broken, also where nobody has looked at it since."""
    p = Promise
    query = select(p.conversation_id, p.kind, p.due_at, p.breached_at)
    query = query.where(
        p.conversation_id.in_(ids), p.ended_at.is_(None), p.warned_at.is_not(None) | _is_late(now)
    )
    return {
        (number, kind): OVERDUE if broken is not None or (due is not None and due <= now) else DUE_SOON
        for number, kind, due, broken in await session.execute(query)
    }


def _is_late(now: datetime) -> ColumnElement[bool]:
    return or_(Promise.breached_at.is_not(None), Promise.due_at <= now)
