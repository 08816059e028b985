"""What was said before, in posts of its own: below a card that cannot hold it, and in a topic that replaces another."""

from functools import partial

from telegram.error import BadRequest

from bot.channels.telegram.desk.card import Earlier, history_parts
from bot.channels.telegram.desk.group import NO_PREVIEW, StaffGroup
from bot.channels.telegram.desk.steps import Copied, Draft
from bot.channels.telegram.failures import TOPIC_GONE, says
from crm_store import desk_lines
from crm_store.desk_cards import Card
from crm_store.desk_posts import Claimed
from crm_store.desk_topics import Place
from crm_store.engine import Store


async def history_steps(store: Store, group: StaffGroup, card: Card) -> list[Draft]:
    """A step for each part of what the staff have not seen, noted before the next."""
    async with store.read() as session:
        lines = await desk_lines.unseen(session, card.conversation_id)
    return [
        Draft((), partial(_tell, group, part), history_up_to=part.message_id if part.is_whole else None)
        for part in history_parts(lines, card, group.language)
    ]


async def _tell(group: StaffGroup, part: Earlier, place: Place, card: Card) -> tuple[Place, list[Copied]]:
    about = group.about(place)
    place, sent = await group.post(
        place, card, "sendMessage", text=part.text, link_preview_options=NO_PREVIEW, **about
    )
    return place, [Copied(part.message_id, str(sent["message_id"]), "history")]


def retelling(store: Store, group: StaffGroup, posts: tuple[Claimed, ...]) -> Draft:
    """The step that tells what was said so far where a topic was made anew, and that could not be told."""
    return Draft(posts, partial(_retell, store, group))


async def _retell(store: Store, group: StaffGroup, place: Place, card: Card) -> tuple[Place, list[Copied]]:
    async with store.read() as session:
        is_owed = await desk_lines.is_history_owed(session, card.customer_id)
    if not is_owed:  # the topic was made anew once more, and it was told there
        return place, []
    try:
        await group.tell_again(place, card)
    except BadRequest as error:
        if place.thread is None or not says(error, *TOPIC_GONE):
            raise
        return await group.open(card, again=True), []
    return place, []
