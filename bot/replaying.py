"""Parked updates that somebody wants handled again, handed in as if they came anew."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import fields, replace
from typing import Any

import structlog

from bot.channels.base import Inbound, Kind, Press, Receiver
from bot.clock import Clock
from crm_store import parking
from crm_store.engine import Store, is_outage
from crm_store.models.plumbing import ParkedUpdate
from crm_store.signals import Topic

log = structlog.get_logger(__name__)
LOOK_EVERY_S = 60.0

PlatformReplay = Callable[[Mapping[str, Any], str], Awaitable[None]]
"""Takes a parked body and the replay's number; raises KeyError, TypeError or ValueError for a body that is none."""


class Replayer:
    """Hands in again what is asked for, one by one: itself, or, what only a platform can read, through its bot."""

    def __init__(self, store: Store, receiver: Receiver, clock: Clock) -> None:
        self._store, self._receiver, self._clock = store, receiver, clock
        self.platforms: dict[str, PlatformReplay] = {}
        """By source: who takes what the staff did on a platform, and what could not be read when it came.

        Without one it waits for a bot that has it.
        """

    async def run(self) -> None:
        """Replay until cancelled."""
        listener = self._store.signals.listen(Topic.PARKED)
        while True:
            try:
                await self.replay_asked()
            except Exception as error:
                if not is_outage(error):
                    log.exception("a replay stumbled; it is tried again")
            await listener.wait(LOOK_EVERY_S)

    async def replay_asked(self) -> int:
        """Hand in all whose replay is asked for; how many were."""
        handed, last_id = 0, 0
        while True:
            async with self._store.read() as session:
                rows = await parking.asked(session, after_id=last_id)
            if not rows:
                return handed
            last_id = rows[-1].id  # whatever became of them: what waits for another bot holds up nobody
            for row in rows:
                handed += await self._replay(row)

    async def _replay(self, row: ParkedUpdate) -> bool:
        number = parking.number_of_replay(row.update_id)
        try:
            if "desk" not in row.body and "update" not in row.body:
                await self._receiver.receive([replace(restored(row.body), update_id=number, is_late=True)])
            elif take := self.platforms.get(row.source):
                await take(row.body, number)
            else:
                return False
        except (KeyError, TypeError, ValueError) as error:
            log.warning(
                "a parked update cannot be handed in again", parked=row.id, error=type(error).__name__
            )
            async with self._store.write() as session:
                await parking.refuse(
                    session, row.id, f"cannot be handed in again ({type(error).__name__}): {error}"
                )
            return False
        async with self._store.write() as session:
            await parking.close(session, row.id, now=self._clock())
        log.info("a parked update was handed in again", parked=row.id)
        return True


def restored(body: Mapping[str, Any]) -> Inbound:
    """What the customer did, from its parked form; raises KeyError, TypeError or ValueError when it is none."""
    known = {field.name for field in fields(Inbound)}
    values = {name: value for name, value in body.items() if name in known}
    values["kind"] = Kind(values["kind"])
    if values.get("press") is not None:
        values["press"] = Press(**values["press"])
    return Inbound(**values)
