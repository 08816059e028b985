"""The topics and cards of people who were erased go from the staff's chats, too."""

from typing import Any

import structlog
from telegram.error import BadRequest

from bot.channels.telegram.desk.group import StaffGroup
from bot.channels.telegram.failures import TOPIC_GONE, says
from crm_store import desk_erasing
from crm_store.desk_erasing import Left
from crm_store.engine import Store

log = structlog.get_logger(__name__)
AT_ONCE = 100
"""So many messages at most one call deletes (Bot API: deleteMessages)."""


async def take_away(store: Store, group: StaffGroup) -> bool:
    """Whether there was somebody's left; raises TelegramError while the group cannot be reached."""
    async with store.read() as session:
        left = await desk_erasing.first(session, group.key)
    if left is None:
        return False
    thread = None if left.thread is None else int(left.thread)
    is_gone = thread is not None and await _tried(group, "deleteForumTopic", message_thread_id=thread)
    if thread is None or not is_gone or any(int(post) < thread for post in left.posts):
        await _delete_posts(group, left)  # what came before the topic stands outside of it
    if thread is not None and not is_gone:
        await _tried(group, "editForumTopic", message_thread_id=thread, name="—")
        await _tried(group, "closeForumTopic", message_thread_id=thread)
    async with store.write() as session:
        await desk_erasing.gone(session, left)
    return True


async def _delete_posts(group: StaffGroup, left: Left) -> None:
    """As much as can be done without deleting a topic: what the bot wrote, and agents as far as it may."""
    for start in range(0, len(left.posts), AT_ONCE):
        some = sorted(map(int, left.posts[start : start + AT_ONCE]))
        if not await _tried(group, "deleteMessages", message_ids=some):
            for number in some:  # what agents wrote there themselves may not be the bot's to delete
                await _tried(group, "deleteMessage", message_id=number)


async def _tried(group: StaffGroup, method: str, **params: Any) -> bool:
    """Whether it was done, or there is nothing to do it to."""
    try:
        await group.api.call(method, chat_id=group.chat, **params)
    except BadRequest as error:
        if says(error, *TOPIC_GONE):
            return True
        log.warning(
            "what stands of an erased person could not be taken away", method=method, error=str(error)
        )
        return False
    return True
