# ruff: noqa: E501 (the tables of findings read best a row a line)
"""What `frontdesk doctor` looks at on Telegram: the token, how updates come, the staff group and the bot's rights."""

from typing import Any

from telegram.error import InvalidToken, TelegramError

from bot.channels.telegram.api import Api
from bot.channels.telegram.rights import look_at_group, look_at_private
from bot.channels.telegram.service import TelegramUnusable, checked_token
from bot.channels.telegram.webhook import PATH
from bot.findings import Finding, Level
from bot.settings import BotSettings

Json = dict[str, Any]
MANY_PENDING = 100


async def check_telegram(settings: BotSettings) -> list[Finding]:
    """Everything about Telegram, in the order it is needed; nothing is changed there."""
    try:
        token = checked_token(settings)
    except TelegramUnusable as error:
        return [Finding(Level.ERROR, "the Telegram token is malformed", str(error))]
    api = Api(token, settings.telegram_base_url)
    await api.open()
    try:
        return await _look(api, settings)
    finally:
        await api.close()


async def _look(api: Api, settings: BotSettings) -> list[Finding]:
    try:
        me = await api.call("getMe")
    except InvalidToken:
        mend = "copy the token again from @BotFather (/mybots, API Token) into FRONTDESK_TELEGRAM_TOKEN"
        return [Finding(Level.ERROR, "Telegram refuses the token", mend)]
    except TelegramError as error:
        mend = f"is the network up, and FRONTDESK_TELEGRAM_BASE_URL ({settings.telegram_base_url}) right?"
        return [Finding(Level.ERROR, f"Telegram cannot be reached: {error}", mend)]
    found = [Finding(Level.OK, f"Telegram knows the bot as @{me.get('username', '?')}")]
    found += webhook_findings(await api.call("getWebhookInfo"), settings)
    if not settings.staff_chats:
        mend = "make a group with Topics, add the bot as admin, set FRONTDESK_TELEGRAM_STAFF_GROUP to its id"
        return [*found, Finding(Level.WARNING, "there is no staff group on Telegram", mend)]
    for chat in settings.staff_chats:
        found += await look_at_group(api, chat, me) if chat < 0 else await look_at_private(api, chat)
    return found


def webhook_findings(info: Json, settings: BotSettings) -> list[Finding]:
    """How updates come, against how they are meant to."""
    wanted = settings.webhook_url.rstrip("/") + PATH if settings.webhook_url else ""
    url, error, pending = (
        info.get("url", ""),
        info.get("last_error_message"),
        info.get("pending_update_count", 0),
    )
    table = (
        (bool(url) and not wanted, Level.WARNING, "a webhook is set, but this server would poll", "fine: the server removes it when it starts"),
        (bool(url) and bool(wanted) and url != wanted, Level.WARNING, "the webhook points elsewhere", "fine if the server is not running: it sets the webhook when it starts"),
        (not url and bool(wanted), Level.WARNING, "no webhook is set yet", "fine if the server is not running: it sets the webhook when it starts"),
        (bool(url) and bool(error), Level.ERROR, f"Telegram could not deliver to the webhook: {error}", "is the address reachable from outside, with a valid certificate?"),
        (pending > MANY_PENDING, Level.WARNING, f"{pending} updates wait at Telegram", "start the server; Telegram keeps them for 24 hours"),
    )  # fmt: skip
    found = [Finding(level, what, mend) for wrong, level, what, mend in table if wrong]
    return found or [Finding(Level.OK, "updates come by " + ("webhook" if url else "long polling"))]
