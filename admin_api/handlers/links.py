"""Links that bring a customer to another channel."""

from admin_api.contract import Context, Reply
from admin_api.schemas.base import IdPath
from admin_api.schemas.links import LinkShown
from crm_store import customer_links, installation


async def create(context: Context, path: IdPath) -> Reply[LinkShown]:
    """A link for this customer to go on in Telegram as the same person. It works once, and its token is shown once."""
    async with context.write() as session:
        made = await customer_links.create(session, path.id, now=context.now, created_by=context.caller.name)
        bot_name = await installation.bot_name(session)
        await context.audit(session, f"customer:{path.id}")
    url = customer_links.telegram_url(bot_name, made.token) if bot_name else None
    return Reply(LinkShown(token=made.token, telegram_url=url, expires_at=made.expires_at))
