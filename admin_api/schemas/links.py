"""Links that bring a customer to another channel."""

from datetime import datetime

from pydantic import Field

from admin_api.schemas.base import Shown


class LinkShown(Shown):
    """A link that works once."""

    token: str = Field(description="What the customer sends as /start TOKEN; shown this once, stored hashed")
    telegram_url: str | None = Field(
        description="Opens the bot with it; null while no Telegram bot is connected"
    )
    expires_at: datetime
