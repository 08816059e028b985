"""Telegram as one thing to start, run and stop: the shell around intake, channel and desk."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import structlog
from aiohttp import web
from telegram.error import BadRequest, InvalidToken, NetworkError, TelegramError

from bot.channels.base import CannotServe, Pace, Receiver
from bot.channels.telegram import setting_aside, webhook
from bot.channels.telegram.api import Api
from bot.channels.telegram.desk.article_teaching import ArticleTeaching
from bot.channels.telegram.desk.errands import Errands
from bot.channels.telegram.desk.events import restored
from bot.channels.telegram.desk.groups import find_groups, learn_groups, staff_groups
from bot.channels.telegram.desk.handling import StaffDesk
from bot.channels.telegram.desk.posting import DeskDelivery
from bot.channels.telegram.intake import Intake
from bot.channels.telegram.keyboards import UsedKeyboards
from bot.channels.telegram.menu import announce_commands, announce_staff_commands
from bot.channels.telegram.parts import SentParts
from bot.channels.telegram.polling import BACKOFF_S, POLL_TIMEOUT_S, UPDATES, Poller
from bot.channels.telegram.rights import look_at_group
from bot.channels.telegram.sending import TelegramChannel
from bot.channels.telegram.typing_action import TypingAction
from bot.channels.telegram.weighing import message_weight
from bot.clock import Clock
from bot.edition import Edition, no_knowledge
from bot.findings import Level
from bot.settings import BotSettings
from bot.stopping import ended
from bot.windows import window
from crm_store import desk_parking, installation, relaying
from crm_store.condition import Condition
from crm_store.engine import Store, is_outage
from crm_store.files import files_of
from crm_store.live_settings import SettingsSource
from crm_store.presence import ALONE, Alone, while_leading
from crm_store.settings import StoreSettings

log = structlog.get_logger(__name__)
LATE_PARTS = timedelta(seconds=5)
ENDS_S = 0.6
"""For the loops to end; what was taken in and what is being posted is waited for beside."""


class TelegramUnusable(CannotServe):
    """Telegram cannot be served as it is set up; the text says what to do."""


class TelegramBot:
    """One bot account: customers in private chats, staff in a group."""

    def __init__(
        self,
        settings: BotSettings,
        store: Store,
        reception: Receiver,
        clock: Clock,
        *,
        store_settings: SettingsSource | None = None,
        condition: Condition | None = None,
        poll_timeout: int = POLL_TIMEOUT_S,
        presence: Alone = ALONE,
        knowledge: Callable[[], Edition] = no_knowledge,
    ) -> None:
        """Of all processes, the one that leads "telegram" polls or announces the webhook, and posts to the group."""
        self._settings, self._store, self._clock = settings, store, clock
        store_settings = store_settings or StoreSettings()
        self._condition = condition or Condition()
        files = files_of(store_settings.base)
        self.api = Api(checked_token(settings), settings.telegram_base_url, files=files)
        self.channel = TelegramChannel(self.api, SentParts(store))
        self._overall = window(settings.overall_per_s, 1.0)
        self._groups = staff_groups(settings, self.api, store, clock, self._overall)
        self._desk = StaffDesk(self.api, store, clock, store_settings, self._groups, knowledge)
        self._teaching = ArticleTeaching(store, clock, knowledge)
        self._posting = [
            DeskDelivery(store, group, clock, self._groups, self._condition) for group in self._groups
        ]
        self._errands = Errands(store, self.api, files, clock, has_group=bool(self._groups))
        self.intake = Intake(self.api, reception, self._desk, UsedKeyboards(self.api, store), park=self._park)
        self.webhook = self._webhook(settings)
        self._poller = Poller(self.api, self.intake.take, timeout=poll_timeout, condition=self._condition)
        self._loops: list[asyncio.Task[None]] = []
        self._presence, self._task = presence, self.channel.name
        presence.seek(self._task)
        self._is_connected = False
        self._typing = TypingAction(self.api, self._overall, lambda: presence.leads(self._task))
        self.channel.on_patience = self._typing.be_quiet
        store.typing.listen(self._typing.hear)

    @property
    def pace(self) -> Pace:
        """What Telegram allows, for delivery."""
        s = self._settings
        rates = (s.overall_per_s, s.per_chat_per_s, s.per_group_per_min)
        return Pace(*rates, shared=self._overall, weigh=message_weight)

    def add_routes(self, app: web.Application) -> None:
        """Put the webhook, if there is one, onto the public application."""
        if self.webhook is not None:
            app.router.add_post(webhook.PATH, self.webhook.handle)

    async def start(self) -> None:
        """Log in; raises TelegramUnusable. A network that is away is waited for in `run`."""
        await self.api.open()
        try:
            if self._presence.leads(self._task):
                await self._hold_albums()
                await self._find_groups()
                await self._introduce(await self._connect())
            else:
                await learn_groups(self._store, self._groups)
                await self._log_in()
        except TelegramUnusable:
            await self.api.close()
            raise
        except NetworkError as error:
            self._condition.fails(UPDATES, f"Telegram cannot be reached yet: {error}")

    async def run(self) -> None:
        """Serve until stopped or cancelled."""
        posting = [each.run for each in self._posting]
        works = [self._take_in, self._errands.run, self._teaching.run, *posting]
        self._loops = [asyncio.create_task(while_leading(self._presence, self._task, work)) for work in works]
        try:
            done, _ = await asyncio.wait(self._loops, return_when=asyncio.FIRST_COMPLETED)
            for loop in done:
                if not loop.cancelled():
                    loop.result()
        finally:
            await self._end_loops()

    async def stop(self) -> None:
        """Take nothing new; on return what was taken is answered and what is being posted is posted."""
        if self.webhook is not None:
            self.webhook.close()
        await self._end_loops()
        # Side by side: where Telegram does not answer, each of them waits as long as it may.
        endings = [self.intake.drain(), self._desk.drain()]
        await asyncio.gather(*endings, *(posting.drain() for posting in self._posting))

    async def replay(self, body: Mapping[str, Any], update_id: str) -> None:
        """Handle again, under this number, what the staff did or what could not be read; raises ValueError."""
        if "update" in body:
            await self.intake.take_again(body["update"], update_id)
            return
        if posts := desk_parking.parked_posts(body):
            async with self._store.write() as session:
                await desk_parking.post_again(session, posts)
            return
        await self._desk.handle(replace(restored(body), update_id=update_id))

    async def _park(self, update: object, error: Exception, number: str) -> None:
        await setting_aside.park(self._store, self.api.source, update, error, number, self._clock())

    async def _end_loops(self) -> None:
        for loop in self._loops:
            loop.cancel()
        if self._loops:
            await ended(self._loops, ENDS_S)

    async def close(self) -> None:
        """Give the connections back, once delivery is done."""
        self._store.typing.forget(self._typing.hear)
        await self._typing.close()
        await self.api.close()

    async def _find_groups(self) -> None:
        await find_groups(self._store, self._groups, self._clock)

    async def _hold_albums(self) -> None:
        """The parts of an album that came while nobody was here come now."""
        async with self._store.write() as session:
            await relaying.hold_albums(session, until=self._clock() + LATE_PARTS)

    def _webhook(self, settings: BotSettings) -> webhook.Webhook | None:
        if not settings.webhook_url:
            return None
        secret = settings.webhook_secret.get_secret_value() if settings.webhook_secret else None
        try:
            return webhook.Webhook(webhook.check_secret(secret), self.intake.take)
        except ValueError as error:
            raise TelegramUnusable(str(error)) from None

    async def _take_in(self) -> None:
        introducing = None
        try:
            if not self._is_connected:
                introducing = asyncio.create_task(self._introduce(await self._until_connected()))
                await self._hold_albums()  # from now on they come
            if self.webhook is None:
                await self._poller.run()
            await asyncio.Event().wait()
        finally:
            self._is_connected = False  # another process may choose the way updates come
            if introducing is not None:
                introducing.cancel()
                await asyncio.wait({introducing})

    async def _until_connected(self) -> Any:
        attempt = 0
        while True:
            try:
                await self._find_groups()
                return await self._connect()
            except Exception as error:
                if not isinstance(error, (NetworkError, TelegramUnusable)) and not is_outage(error):
                    raise
                pause = BACKOFF_S[min(attempt, len(BACKOFF_S) - 1)]
                if not is_outage(error):  # the store's troubles are told as such
                    self._condition.fails(UPDATES, f"Telegram cannot be reached yet: {error}")
                attempt += 1
                await asyncio.sleep(pause)

    async def _log_in(self) -> Any:
        """What Telegram says of the bot; raises TelegramUnusable when it does not know the token."""
        try:
            return await self.api.call("getMe")
        except InvalidToken:
            raise TelegramUnusable(
                "Telegram refuses FRONTDESK_TELEGRAM_TOKEN; copy it again from @BotFather (/mybots, API Token)"
            ) from None

    async def _connect(self) -> Any:
        """Log in, and choose the way updates come; what Telegram says of the bot."""
        me = await self._log_in()
        if self.webhook is not None and self._settings.webhook_url and self._settings.webhook_secret:
            secret = self._settings.webhook_secret.get_secret_value()
            try:
                await webhook.announce(self.api, self._settings.webhook_url, secret)
            except ValueError as error:
                raise TelegramUnusable(str(error)) from None
        else:
            await self._remove_webhook()
        async with self._store.write() as session:
            await installation.set_bot_name(session, me.get("username"))
        self._is_connected = True
        self._condition.works(UPDATES)
        log.info("connected to Telegram", bot=me.get("username"), by="webhook" if self.webhook else "polling")
        return me

    async def _introduce(self, me: dict[str, Any]) -> None:
        """What nobody need wait for: the commands in the menu, and a look at the staff group."""
        try:
            await announce_commands(self.api)
        except TelegramError as error:
            log.warning("the bot's menu could not be looked after", error=str(error))
        for group in self._groups:
            try:
                await announce_staff_commands(self.api, group.chat, group.language)
            except TelegramError as error:
                log.warning(
                    "the menu of a staff chat could not be looked after", chat=group.chat, error=str(error)
                )
        await self._look_at_group(me)

    async def _look_at_group(self, me: dict[str, Any]) -> None:
        """Say at once what is wrong with the staff group, not when the first customer waits for it."""
        for group in self._groups:
            for finding in [] if group.is_private else await look_at_group(self.api, group.chat, me):
                if finding.level is not Level.OK:
                    log.error(f"staff group: {finding.what}", mend=finding.mend)

    async def _remove_webhook(self) -> None:
        try:
            info = await self.api.call("getWebhookInfo")
        except (InvalidToken, BadRequest):  # a small local server may not know the method; the token is good
            return
        if info.get("url"):
            log.warning("a webhook was set for this bot; it is removed, because this server polls")
            await self.api.call("deleteWebhook")


def checked_token(settings: BotSettings) -> str:
    """The token; raises TelegramUnusable when it cannot be one."""
    token = settings.telegram_token.get_secret_value().strip() if settings.telegram_token else ""
    number, colon, secret = token.partition(":")
    if not number.isdecimal() or not colon or not secret:
        raise TelegramUnusable(
            "FRONTDESK_TELEGRAM_TOKEN is no token: it looks like 123456789:AA...; copy it from @BotFather"
        )
    return token
