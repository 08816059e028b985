"""The channels of a running bot, put together from its settings."""

from aiohttp import web

from bot.app import Bot
from bot.channels.web.changing import Changing
from bot.channels.web.channel import WebChannel
from bot.channels.web.conversation import Lobby
from bot.channels.web.following import Following
from bot.channels.web.options import WebOptions
from bot.channels.web.routes import add_routes
from bot.channels.web.sessions import Sessions
from bot.process import Site
from bot.public import add_readiness, build_public_app
from crm_store.files import files_of
from crm_store.presence import Presence


def connect(house: Bot) -> Site:
    """Adds the channels to `house`; the public site to open once the house has started."""
    settings = house.settings
    app = build_public_app()
    add_readiness(app, lambda: house.is_ready, house.condition)
    channel = WebChannel()
    files = files_of(house.store_settings.base)
    lobby = Lobby(house.store, house.reception, channel, Sessions(house.store), files, house.clock)
    add_routes(app, lobby, WebOptions(settings.business_name, settings.origins, settings.proxies))
    house.add_channel(channel)
    house.store.typing.listen(channel.show_typing)
    house.add_loop(Changing(house.store, channel, house.clock).run)
    if isinstance(house.presence, Presence):
        house.add_loop(Following(house.store, channel, house.presence).run)
    if settings.telegram_token is not None:
        _connect_telegram(house, app)
    return Site(app, settings.public_host, settings.public_port, "FRONTDESK_PUBLIC_PORT")


def _connect_telegram(house: Bot, app: web.Application) -> None:
    from bot.channels.telegram.service import (
        TelegramBot,  # its library is slow to import, and not all have a token
    )

    telegram = TelegramBot(
        house.settings,
        house.store,
        house.reception,
        house.clock,
        store_settings=house.store_settings,
        condition=house.condition,
        presence=house.presence,
        knowledge=lambda: house.knowledge.edition,
    )
    telegram.add_routes(app)
    house.add_channel(telegram.channel, telegram.pace)
    house.add_service(telegram)
    house.replayer.platforms[telegram.api.source] = telegram.replay
    house.download = telegram.api.find_file
