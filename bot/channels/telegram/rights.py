# ruff: noqa: E501 (the table of findings reads best a row a line)
"""What the bot may do in the staff group, and how to mend what it may not."""

from typing import Any

from telegram.error import TelegramError

from bot.channels.telegram.api import Api
from bot.findings import Finding, Level

Json = dict[str, Any]


async def look_at_group(api: Api, group: int, me: Json) -> list[Finding]:
    """Whether the bot sees the group and can work in it."""
    try:
        chat = await api.call("getChat", chat_id=group)
        member = await api.call("getChatMember", chat_id=group, user_id=me["id"])
    except TelegramError as error:
        mend = "add the bot to the group, and set FRONTDESK_TELEGRAM_STAFF_GROUP to the group's id (-100...)"
        return [Finding(Level.ERROR, f"the bot cannot see the staff group {group}: {error}", mend)]
    return group_findings(chat, member)


async def look_at_private(api: Api, chat: int) -> list[Finding]:
    """Whether the bot may write to an agent; who never began, or blocked it, has to act first."""
    try:
        await api.call("sendChatAction", chat_id=chat, action="typing")
    except TelegramError as error:
        mend = "let the agent open the bot in Telegram and press Start (or unblock it), or take the id out of the settings"
        return [Finding(Level.ERROR, f"the bot cannot write to the agent's chat {chat}: {error}", mend)]
    return [Finding(Level.OK, f"the bot can write to the agent's chat {chat}")]


def group_findings(chat: Json, member: Json) -> list[Finding]:
    """Whether the bot can do its work in the group."""
    status = member.get("status")
    has_topics = chat.get("is_forum") is True
    title = chat.get("title", "?")

    def lacks(right: str) -> bool:
        return status == "administrator" and member.get(right) is not True

    table = (
        (status in ("left", "kicked"), Level.ERROR, f"the bot is not in the group “{title}”", "add it again, as an admin"),
        (not has_topics, Level.WARNING, f"the group “{title}” has no topics, so agents answer by replying to cards", "turn on Topics in the group's settings for a topic a customer"),
        (status in ("member", "restricted"), Level.ERROR, "the bot is no admin, so it neither reads agents' words nor makes topics", "make it an admin, in a group with topics with Manage topics and Pin messages"),
        (has_topics and lacks("can_manage_topics"), Level.ERROR, "the bot may not manage topics", "give it that right in the group's list of admins"),
        (has_topics and lacks("can_pin_messages"), Level.WARNING, "the bot may not pin messages", "give it that right, so that each topic's card stays on top"),
    )  # fmt: skip
    found = [Finding(level, what, mend) for wrong, level, what, mend in table if wrong]
    return found or [Finding(Level.OK, f"the bot has its rights in the staff group “{title}”")]
