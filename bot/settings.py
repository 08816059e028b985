"""Settings the bot owns."""

from typing import Annotated

from pydantic import Field, SecretStr

from crm_store.settings import Settings


class BotSettings(Settings):
    """Channels and conversation."""

    business_name: str = Field("our shop", description="How the bot calls the business when it speaks of it.")
    public_host: str = Field("127.0.0.1", description="Where the customers' side listens.")
    public_port: int = Field(8080, ge=0, le=65535, description="Its port: web chat and Telegram webhook.")
    public_origins: str = Field(
        "",
        description="Web sites (https://shop.example, comma-separated) that may embed the chat; empty: none.",
    )
    trusted_proxies: str = Field(
        "",
        description="Addresses of your own reverse proxies (comma-separated) whose X-Forwarded-For is believed.",
    )
    telegram_token: SecretStr | None = Field(
        None, description="The bot's token from @BotFather; empty: no Telegram."
    )
    telegram_base_url: str = Field(
        "https://api.telegram.org", description="The Bot API server; set it for a local one."
    )
    telegram_staff_group: Annotated[
        int | None, Field(description="Chat id of the staff group (a forum).")
    ] = None
    telegram_more_staff_chats: str = Field(
        "",
        pattern=r"^\s*(-?\d+\s*(,\s*-?\d+\s*)*)?$",
        description="More staff groups that share the customers, or ids of agents' private chats; comma-separated.",
    )
    telegram_staff_language: str = Field(
        "en", pattern="^(en|zh)$", description="What the bot speaks in the staff group: en or zh."
    )
    webhook_url: str | None = Field(
        None,
        description="Public https address of this server; with it Telegram uses a webhook, else long polling.",
    )
    webhook_secret: SecretStr | None = Field(
        None,
        description="Secret that Telegram sends with each webhook call (A-Z a-z 0-9 _ -).",
    )
    overall_per_s: float = Field(
        30, gt=0, description="Telegram messages a second at most, all chats together."
    )
    per_chat_per_s: float = Field(
        1, gt=0, description="Telegram messages a second at most in one private chat, after a burst of three."
    )
    per_group_per_min: float = Field(
        20, gt=0, description="Telegram messages a minute at most in the staff group."
    )

    log_level: str = Field(
        "INFO", pattern="(?i)^(debug|info|warning|error)$", description="DEBUG, INFO, WARNING or ERROR."
    )
    log_json: bool = Field(False, description="Log a JSON object a line, for machines.")

    @property
    def staff_chats(self) -> tuple[int, ...]:
        """All chats the staff work in, none twice."""
        first = () if self.telegram_staff_group is None else (self.telegram_staff_group,)
        more = (int(one) for one in self.telegram_more_staff_chats.split(",") if one.strip())
        return tuple(dict.fromkeys((*first, *more)))

    @property
    def proxies(self) -> frozenset[str]:
        """The reverse proxies that are believed."""
        return frozenset(address.strip() for address in self.trusted_proxies.split(",") if address.strip())

    @property
    def origins(self) -> tuple[str, ...]:
        """The web sites that may embed the chat."""
        return tuple(
            origin.strip().rstrip("/") for origin in self.public_origins.split(",") if origin.strip()
        )
