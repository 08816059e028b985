"""The settings of a running server: the environment's, and over them what is stored, read anew when that changes."""

from collections.abc import Callable
from typing import Protocol

import structlog

from crm_store import stored_settings
from crm_store.engine import Store, is_outage
from crm_store.settings import StoreSettings
from crm_store.signals import Topic

log = structlog.get_logger(__name__)
LOOK_EVERY_S = 5.0
"""Should no signal tell that something changed."""


class SettingsSource(Protocol):
    """Where a part of the house finds the settings: fixed ones (StoreSettings themselves), or live ones."""

    @property
    def current(self) -> StoreSettings:
        """As they count at this moment."""
        ...

    @property
    def base(self) -> StoreSettings:
        """As the environment gives them."""
        ...


class LiveSettings:
    """Settings that follow what is stored."""

    def __init__(self, store: Store, base: StoreSettings) -> None:
        self._store, self.base, self.current = store, base, base
        self._hearers: list[Callable[[StoreSettings], None]] = []

    def hear(self, hear: Callable[[StoreSettings], None]) -> None:
        """Let `hear` have the settings whenever they changed."""
        self._hearers.append(hear)

    async def load(self) -> bool:
        """Read what is stored; True when something is different from before."""
        async with self._store.read() as session:
            found = await stored_settings.in_force(session, self.base)
        before, after = self.current.model_dump(), found.model_dump()
        changed = sorted(name for name in after if after[name] != before[name])
        if not changed:
            return False
        self.current = found
        for hear in self._hearers:
            hear(found)
        self._store.signals.wake([Topic.QUEUE, Topic.TIMERS, Topic.DESK])
        log.info("settings changed", names=changed)
        return True

    async def follow(self) -> None:
        """Keep them current until cancelled."""
        listener = self._store.signals.listen(Topic.SETTINGS)
        try:
            while True:
                try:
                    await self.load()
                except Exception as error:
                    if not is_outage(error):
                        log.exception("the settings could not be read; the old ones stay")
                await listener.wait(LOOK_EVERY_S)
        finally:
            self._store.signals.forget(listener)
