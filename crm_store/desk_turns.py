"""Whose turn it is of what waits to be posted to the staff group, and what waits for something else."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, bindparam, case, exists, func, or_, select, true
from sqlalchemy.orm import aliased
from sqlalchemy.orm.util import AliasedClass

from crm_store.desk import GIVEN, RAN_OUT, RELIEVED, TAKEN_OVER, TOLD_TOGETHER
from crm_store.desk_load import CALLS, IS_OVER, Posts, is_unsent
from crm_store.lifecycle import HELD_BY_PERSON, Status
from crm_store.models.base import UtcTime
from crm_store.models.conversations import Conversation
from crm_store.models.plumbing import ERRANDS, DeskPost, DeskTopic

LONGEST_WAIT = timedelta(days=1)
"""No new try is set later, whatever the platform asks; one that is was set while the clock was wrong, and is due."""
PRESSED = "pressed"
"""The text of a card's post that an agent waits for, having pressed a button."""
SPARE = "spare"
"""The text of a card's post that waits until the group has something to spare: what it would show stands below it."""
NOT_THERE = ("failed", "undeleted")
"""Kinds that tell an agent, who believes otherwise, that their words did not arrive, or still stand there."""
OF_LIVE = ("message", "edit", "unanswered", "due_soon", "overdue", *CALLS)
"""Kinds that can wait, once the conversation is over; what became of an agent's words, or a low rating, cannot."""

NOW, FAR_OFF = bindparam("now", type_=UtcTime()), bindparam("far_off", type_=UtcTime())
BEHIND: BindParameter[Sequence[int]] = bindparam("behind", expanding=True)


def parameters(now: datetime, behind: Collection[int] = ()) -> dict[str, Any]:
    """What a statement made of `can_go` is run with; `behind`: customers who come after everybody else."""
    return {"now": now, "far_off": now + LONGEST_WAIT} | ({"behind": list(behind)} if behind else {})


def turn(chat: str) -> ColumnElement[int]:
    """The lower, the sooner a post (joined with its conversation) goes; see `desk_posts.claim`."""
    has_card = exists().where(
        DeskTopic.customer_id == DeskPost.customer_id,
        DeskTopic.chat == chat,
        DeskTopic.card_platform_id.is_not(None),
    )
    only_redraws = (DeskPost.kind == "card") & has_card & (Conversation.status != Status.QUEUED)
    is_served = Conversation.status.in_((Status.ASSIGNED, Status.WAITING_CUSTOMER))
    return case(
        ((DeskPost.text == PRESSED) | DeskPost.kind.in_(NOT_THERE), -1),
        (IS_OVER & (DeskPost.kind == "card"), 4),
        (IS_OVER & DeskPost.kind.in_(OF_LIVE), 3),
        (only_redraws, 2),
        (is_served, 0),
        else_=1,
    )


def can_go(*, are_behind: bool, has_spare: bool = True) -> ColumnElement[bool]:
    """Whether nothing keeps a post (joined with its conversation) that is pending; SPARE ones wait for more.

    To be run with `parameters`; `are_behind`: whether these name customers who come after everybody else.
    """
    waits_for_spare = (DeskPost.kind == "card") & (DeskPost.text == SPARE)
    is_free = ~_is_behind(DeskPost) & ~_is_left_to_another(are_behind)
    can = DeskPost.kind.not_in(ERRANDS) & _is_due(DeskPost) & is_free
    return can if has_spare else can & ~waits_for_spare


def _is_due(post: Posts) -> ColumnElement[bool]:
    """Whether a post's time has come."""
    at = post.next_try_at
    return or_(at.is_(None), at <= NOW, at > FAR_OFF)


def _is_behind(post: Posts) -> ColumnElement[bool]:
    """Whether an earlier post about the customer waits for its time: what is said keeps its order.

    Only a card passes what was never tried, a reply that can still be taken back (`taking_back.hold_back`).
    """
    earlier = aliased(DeskPost)
    return exists().where(
        earlier.customer_id == post.customer_id,
        earlier.id < post.id,
        earlier.kind.not_in(ERRANDS),
        earlier.delivery == "pending",
        earlier.next_try_at > NOW,
        earlier.next_try_at <= FAR_OFF,
        or_(earlier.attempts > 0, post.kind != "card"),
    )


def _is_left_to_another(are_behind: bool) -> ColumnElement[bool]:
    """Whether another post of one act tells of this conversation, too: the last one that can go and says something, as
    by then the others are likely to have the topics that it leads to. Where that goes without being posted (its
    customer is erased, say), the next is the last."""
    other, there = aliased(DeskPost), aliased(Conversation)
    is_sending = other.delivery == "sending"
    sooner = other.customer_id.not_in(BEHIND) if are_behind else true()
    last = (  # once for all: of thousands that wait each would look through all the others
        select(func.coalesce(func.max(case((sooner, other.id))), func.max(other.id)).label("id"))
        .join(there, there.id == other.conversation_id)
        .where(is_unsent(other), other.agent_id.is_not(None), other.kind.in_(TOLD_TOGETHER))
        .where(or_(is_sending, is_still_true(other, there) & _is_due(other) & ~_is_behind(other)))
        .group_by(other.kind, other.agent_id, other.created_at, other.text)
        .having(func.count(case((is_sending, 1))) == 0)
        .cte("last_of_act")
    )
    return is_still_true(DeskPost, Conversation) & DeskPost.id.not_in(select(last.c.id))


def is_still_true(post: Posts, of: type[Conversation] | AliasedClass[Conversation]) -> ColumnElement[bool]:
    """Whether what is told of several conversations at once is true of this one: what was given waits for the agent's
    first word; what was taken from them somebody else holds; what they had let lie they have not taken back."""
    given = (of.status == Status.ASSIGNED) & (of.agent_id == post.agent_id)
    taken_over = of.status.in_(HELD_BY_PERSON) & (of.agent_id != post.agent_id)
    is_back = ~(of.status.in_(HELD_BY_PERSON) & (of.agent_id == post.agent_id))
    return or_(
        (post.kind == GIVEN) & given,
        (post.kind == TAKEN_OVER) & taken_over,
        post.kind.in_((RELIEVED, RAN_OUT)) & is_back,
    )
