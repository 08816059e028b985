"""All chats the staff work in: groups that share the customers, or agents' private chats with the bot."""

from collections.abc import Sequence

from bot.channels.telegram.api import Api
from bot.channels.telegram.desk.group import StaffGroup
from bot.channels.telegram.desk.pace import GroupPace
from bot.clock import Clock
from bot.settings import BotSettings
from bot.windows import Window
from crm_store import desk, desk_posts, desk_topics
from crm_store.engine import Store

PRIVATE_PER_MIN = 60
"""A private chat takes one message a second, without a limit a minute (Bot FAQ)."""


def staff_groups(
    settings: BotSettings, api: Api, store: Store, clock: Clock, overall: Window
) -> tuple[StaffGroup, ...]:
    """One for each chat the settings name, each with a pace of its own."""
    made = []
    for chat in settings.staff_chats:
        per_min = settings.per_group_per_min if chat < 0 else PRIVATE_PER_MIN
        pace = GroupPace(per_min, settings.per_chat_per_s, overall=overall)
        made.append(StaffGroup(api, store, clock, chat, pace, language=settings.telegram_staff_language))
    return tuple(made)


async def learn_groups(store: Store, groups: Sequence[StaffGroup]) -> None:
    """Where the groups are today: Telegram may have moved them."""
    async with store.read() as session:
        for group in groups:
            group.chat = int(await desk_topics.present_group(session, group.key))


async def find_groups(store: Store, groups: Sequence[StaffGroup], clock: Clock) -> None:
    """The same, and whoever posts to them, in any process, learns it from the store."""
    await learn_groups(store, groups)
    chats = [group.key for group in groups]
    async with store.write() as session:
        if chats:
            await desk_posts.catch_up(session, chats=chats, now=clock())
        await desk.set_groups(session, chats)
