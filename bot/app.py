"""The talking half as one running thing: its parts, how they start, and how they stop without losing anything."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Protocol

from bot.agreeing import Agreeing
from bot.channels.base import Channel, Pace
from bot.clock import Clock
from bot.delivery import Delivery
from bot.dispatch import Dispatcher, Timekeeper
from bot.hearing import hear_of_answers
from bot.housekeeping import keep_house
from bot.knowledge import Knowledge
from bot.learning import policy_of
from bot.places import Places
from bot.reception import Reception
from bot.replaying import Replayer
from bot.settings import BotSettings
from bot.stopping import Deadline, ended
from bot.training_apart import train_apart
from crm_store import installation
from crm_store.condition import Condition
from crm_store.engine import Store, is_outage
from crm_store.files import files_of
from crm_store.live_settings import SettingsSource
from crm_store.presence import ALONE
from crm_store.settings import StoreSettings
from crm_store.tending import tend
from crm_store.watching import mind

STOP_WITHIN_S = 2.6
"""For all steps of the house's end together. Open pages and the store come before and after it, and the whole process
is cut off at 4.5 seconds (process.py)."""
DELIVERY_S = 1.4
"""Of this, kept for what is being sent."""
ENDS_S = 0.6
"""After this, for the loops to end; what counts is in the store by then."""


class Service(Protocol):
    """A platform's side of the house, such as a Telegram bot."""

    async def start(self) -> None:
        """Log in; raises CannotServe when its settings are wrong."""
        ...

    async def run(self) -> None:
        """Take in what customers do, until cancelled or stopped."""
        ...

    async def stop(self) -> None:
        """Take nothing more in."""
        ...

    async def close(self) -> None:
        """Give connections back, once everything is delivered."""
        ...


class Bot:
    """Knowledge, reception, delivery and timers over one store; channels are added before `start`."""

    def __init__(
        self,
        store: Store,
        settings: BotSettings,
        store_settings: SettingsSource,
        clock: Clock,
        *,
        only_server: bool,
    ) -> None:
        self.store, self.settings, self.store_settings, self.clock = store, settings, store_settings, clock
        self.condition = Condition()
        policy = policy_of(store_settings.current)
        self.knowledge = Knowledge(store, clock, policy, trainer=train_apart, only_server=only_server)
        self.reception = Reception(
            store,
            self.knowledge,
            clock,
            store_settings,
            business_name=settings.business_name,
            has_desk=settings.telegram_token is not None and bool(settings.staff_chats),
            condition=self.condition,
        )
        self.timekeeper = Timekeeper(store, clock, store_settings)
        self.agreeing = Agreeing(store, clock, store_settings, lambda: self.knowledge.index)
        self.dispatcher = Dispatcher(store, clock, store_settings)
        self.places = Places(store, clock, store_settings, self.reception.told_wait)
        self.replayer = Replayer(store, self.reception, clock)
        self.is_ready = False
        """Set by who serves it, once everything does."""
        self.download: Callable[[str], Awaitable[bytes | None]] | None = None
        """Gets a file that lies at Telegram (None: it is not to be had); None without a bot there."""
        self.presence = ALONE if only_server else store.presence
        self._only_server = only_server
        self._channels: dict[str, Channel] = {}
        self._paces: dict[str, Pace] = {}
        self._led: set[str] = set()
        self._services: list[Service] = []
        self._more_loops: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self._tasks: list[asyncio.Task[Any]] = []
        self._delivery: Delivery | None = None

    def add_channel(self, channel: Channel, pace: Pace | None = None) -> None:
        """Deliver to customers of this channel; what has a pace is sent by one process at a time."""
        self._channels[channel.name] = channel
        self._paces[channel.name] = pace or Pace()
        if pace is not None:
            self._led.add(channel.name)
            self.presence.seek(channel.name)

    def heed(self, settings: StoreSettings) -> None:
        """Settings changed: what does not look at them each time has to be told."""
        self.knowledge.heed(policy_of(settings))

    def add_service(self, service: Service) -> None:
        """Start, run, stop and close this with the house."""
        self._services.append(service)

    def add_loop(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Have this run with the house, until it is cancelled."""
        self._more_loops.append(run)

    async def start(self, *, talking: bool = True) -> None:
        """Answering from now on; raises what a service finds wrong with its settings.

        Without `talking` only the knowledge base is kept fresh, for a process that serves the staff alone.
        """
        await self.knowledge.open()
        if not talking:
            loops = [
                self.knowledge.follow(),
                mind(self.store, self.condition),
                tend(self.store),
                *(run() for run in self._more_loops),
            ]
            self._tasks = [asyncio.create_task(loop) for loop in loops]
            return
        self._delivery = Delivery(
            self.store,
            self._channels,
            self.clock,
            paces=self._paces,
            is_only_server=self._only_server,
            presence=self.presence,
            led=self._led,
            condition=self.condition,
        )
        await self.presence.ask_now()
        try:  # before anybody asks: their answers would go behind all that waits
            await self._delivery.look_back()
        except Exception as error:
            if not is_outage(error):  # then it is done as soon as the store is there
                raise
        self.reception.delivery = self._delivery
        if self.settings.telegram_token is None:
            async with self.store.write() as session:
                await installation.set_bot_name(session, None)
        for service in self._services:
            await service.start()
        self._tasks = [asyncio.create_task(loop) for loop in self._loops(self._delivery)]

    def _loops(self, delivery: Delivery) -> list[Coroutine[Any, Any, None]]:
        """All that runs until the house stops."""
        files = files_of(self.store_settings.base)
        return [
            self.knowledge.follow(),
            self.reception.run(),
            delivery.run(),
            self.timekeeper.run(),
            self.agreeing.run(),
            self.dispatcher.run(),
            self.places.run(self.presence),
            self.replayer.run(),
            hear_of_answers(self.store, self.knowledge, self.clock, self.presence),
            mind(self.store, self.condition),
            tend(self.store),
            keep_house(self.store, files, self.clock, self.store_settings, self.presence),
            *(service.run() for service in self._services),
            *(run() for run in self._more_loops),
        ]

    async def failed(self) -> None:
        """Returns when one of the loops has ended, which none of them should; raises its error."""
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()

    async def stop(self) -> None:
        """Close the ways in, finish what has arrived and what is being sent, then end."""
        end = Deadline(STOP_WITHIN_S)
        for service in self._services:
            await service.stop()
        if self._delivery is not None and self._tasks:
            await self.reception.drain(end.left(STOP_WITHIN_S, kept=DELIVERY_S))
            await self._delivery.drain(end.left(STOP_WITHIN_S))
        for task in self._tasks:
            task.cancel()
        # A start that was broken off has begun to learn, and nothing else yet.
        await ended(self._tasks or [asyncio.create_task(self.knowledge.close())], ENDS_S)
        for service in self._services:
            await service.close()
