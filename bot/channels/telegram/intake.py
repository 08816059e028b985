"""Where both ways in meet: raw updates are decoded, handed on, and settled before anybody confirms them."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from dataclasses import replace
from typing import Any, Protocol

import structlog
from telegram.error import TelegramError

from bot.channels.base import Inbound, Receiver
from bot.channels.telegram.api import Api
from bot.channels.telegram.decoding import (
    NOTHING,
    Decoded,
    LinkAsked,
    Meaning,
    PresenceAsked,
    decode,
    update_id_of,
)
from bot.channels.telegram.desk.events import DeskEvent
from bot.channels.telegram.keyboards import UsedKeyboards

log = structlog.get_logger(__name__)
DRAIN_S = 1.5
LATE_BY = 1000
"""By so many numbers at most an update comes behind others."""


class Desk(Protocol):
    """What the staff do; returns when it is committed."""

    @property
    def groups(self) -> Collection[int]:
        """The staff's chats."""
        ...

    async def handle(self, event: DeskEvent) -> None:
        """Do what the event asks for, once."""
        ...

    async def link(self, asked: LinkAsked) -> bool:
        """Link the account; False when it was no code and is to be taken as a customer's words."""
        ...

    async def attend(self, asked: PresenceAsked) -> bool:
        """Keep whether the agent is there; False when it was a customer who wrote so."""
        ...


class Intake:
    """Takes updates, from polling or a webhook."""

    def __init__(
        self,
        api: Api,
        receiver: Receiver,
        desk: Desk | None,
        keyboards: UsedKeyboards,
        *,
        park: Callable[[object, Exception, str], Awaitable[None]] | None = None,
    ) -> None:
        """`park` sets an update aside, under this number, that cannot be read or handled."""
        self._api, self._receiver, self._desk, self._keyboards = api, receiver, desk, keyboards
        self._park = park
        self._errands: set[asyncio.Task[None]] = set()
        self.counts: Counter[str] = Counter()
        """How many updates came, by what they were; for metrics."""
        self._newest = 0

    async def take(self, updates: Sequence[object]) -> None:
        """Settle these in order: on return what follows from them is committed."""
        inbounds: list[Inbound] = []
        presses: list[Decoded] = []
        for update in updates:
            decoded = await self._decoded(update)
            meaning = decoded.meaning
            self.counts[type(meaning).__name__ if meaning is not None else "ignored"] += 1
            if decoded.tap is not None:
                # Before anything else: the button shows a clock until it is answered.
                self._later(self._answer(decoded.tap.callback_id))
            if isinstance(meaning, Inbound):
                inbounds.append(self._in_order(meaning))
                if decoded.keyboard is not None:
                    presses.append(decoded)
            elif meaning is not None:
                await self._receive(inbounds)
                await self._staff_or_park(meaning, update)
        await self._receive(inbounds)
        if presses:
            self._later(self._keyboards.retire(presses))

    async def take_again(self, update: object, number: str) -> None:
        """Settle what could not be read or handled when it came, under another number; raises ValueError while it
        still cannot be read."""
        try:
            meaning = self._decode(update).meaning
        except Exception as error:
            raise ValueError(f"still not to be read ({type(error).__name__}: {error})") from None
        if isinstance(meaning, Inbound):
            await self._receiver.receive([replace(meaning, update_id=number, is_late=True)])
        elif isinstance(meaning, (LinkAsked, PresenceAsked)):
            await self._staff_or_park(replace(meaning, update_id=number), update)
        elif meaning is not None and self._desk:
            await self._desk.handle(replace(meaning, update_id=number))

    def _in_order(self, inbound: Inbound) -> Inbound:
        """The same, marked where a later one was handed in before: a webhook has several connections."""
        number, newest = int(inbound.update_id), self._newest
        self._newest = max(number, newest)
        # Telegram begins anew with any number after a week of silence.
        return replace(inbound, is_late=True) if 0 < newest - number < LATE_BY else inbound

    def _decode(self, update: object) -> Decoded:
        return decode(update, self._api.source, self._desk.groups if self._desk else ())

    async def _decoded(self, update: object) -> Decoded:
        """What it means; nothing, and it is parked, when even that cannot be told."""
        try:
            return self._decode(update)
        except Exception as error:
            self.counts["failed"] += 1
            log.exception("an update could not be read", update_id=update_id_of(update))
            number = update_id_of(update)
            if self._park is not None and number is not None:  # without one there is nothing to repeat
                await self._park(update, error, str(number))
            return NOTHING

    async def drain(self) -> None:
        """Let the answers to buttons that are on their way arrive."""
        if self._errands:
            await asyncio.wait(self._errands, timeout=DRAIN_S)

    async def _receive(self, inbounds: list[Inbound]) -> None:
        if inbounds:
            batch = inbounds.copy()
            inbounds.clear()
            await self._receiver.receive(batch)

    async def _staff_or_park(self, meaning: Meaning, update: object) -> None:
        """Nothing the staff do may keep customers' updates from being confirmed."""
        try:
            await self._staff(meaning)
        except Exception as error:
            self.counts["failed"] += 1
            log.exception("something the staff did was parked", update_id=meaning.update_id)
            if self._park is not None:
                await self._park(update, error, meaning.update_id)

    async def _staff(self, meaning: Meaning) -> None:
        if isinstance(meaning, LinkAsked):
            if not (self._desk and await self._desk.link(meaning)) and meaning.otherwise is not None:
                await self._customer_said(meaning.otherwise, meaning.update_id)
        elif isinstance(meaning, PresenceAsked):
            if not (self._desk and await self._desk.attend(meaning)):
                await self._customer_said(meaning.otherwise, meaning.update_id)
        elif self._desk and not isinstance(meaning, Inbound):
            await self._desk.handle(meaning)

    async def _customer_said(self, words: Inbound, number: str) -> None:
        """Words that looked like an agent's; under this number, they may be replayed."""
        await self._receiver.receive([replace(words, update_id=number, is_late=True)])

    async def _answer(self, callback_id: str) -> None:
        try:
            await self._api.call("answerCallbackQuery", callback_query_id=callback_id)
        except TelegramError as error:
            log.debug("a button's press could not be answered", error=str(error))

    def _later(self, errand: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
