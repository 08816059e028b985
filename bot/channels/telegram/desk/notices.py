"""What the staff are told of a customer besides words and card; where there are no topics it may be answered."""

import json

from bot.channels.telegram.decoding import CHANNEL
from bot.channels.telegram.desk.card import rating_text
from bot.channels.telegram.desk.group import StaffGroup
from bot.texts import render
from crm_store import case_deadlines, desk, links
from crm_store.desk_posts import Claimed
from crm_store.desk_topics import Place
from crm_store.engine import Store

REACH = ("blocked", "unblocked")
PROMISES = ("due_soon", "overdue")
CALL_FOR_ANSWERS = frozenset(
    {"unanswered", *PROMISES, desk.GIVEN, desk.WOKEN, case_deadlines.DUE_SOON, case_deadlines.OVERDUE}
)
"""What tells somebody that a customer is not theirs any more may be answered with words for a colleague."""


def notice_text(post: Claimed, name: str, language: str) -> str:
    """What a post says that only tells. Pure."""
    if post.kind in REACH:
        return render(language, f"desk.{post.kind}", name=name)
    if post.kind == "unanswered":  # nobody has taken it for so long
        return render(language, "desk.unanswered", name=name, minutes=post.text)
    if post.kind in PROMISES:
        kind, _, minutes = post.text.partition(" ")
        what = render(language, f"desk.promise_{kind}")
        return render(language, f"desk.{post.kind}", name=name, what=what, minutes=minutes)
    if post.kind == "low_rating":
        return rating_text(json.loads(post.text), name, language)
    return post.text


async def keep_answerable(store: Store, group: StaffGroup, place: Place, kind: str, number: int) -> None:
    """An answer to a post that calls for one is for the customer it is about; in a topic every word is."""
    if place.thread is not None or kind not in CALL_FOR_ANSWERS:
        return
    async with store.write() as session:
        await links.link_notice(
            session, place.customer_id, channel=CHANNEL, chat=group.key, notice=str(number)
        )
