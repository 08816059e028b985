"""Long polling: an update is confirmed only after what follows from it is committed."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import structlog
from telegram.error import Conflict, InvalidToken, TelegramError

from bot.channels.telegram.api import Api
from bot.channels.telegram.decoding import ALLOWED_UPDATES, update_id_of
from bot.channels.telegram.failures import retry_after
from crm_store.condition import Condition

log = structlog.get_logger(__name__)
POLL_TIMEOUT_S = 50
BACKOFF_S = (0.5, 1, 2)
"""Before the n-th new try; short, since a customer who writes meanwhile waits for it."""
UPDATES = "telegram updates"
FIRST_CONFLICT_PAUSE_S = 1.0
"""One refusal may be meant for a poll that was given up, by the process before this one or by a server that stops."""
CONFLICT_PAUSE_S = 5.0
BAD_TOKEN_PAUSE_S = 60.0

Take = Callable[[Sequence[object]], Awaitable[None]]
Sleep = Callable[[float], Awaitable[None]]


class Poller:
    """Fetches updates and hands them to `take`, which returns when they are settled.

    The offset is not stored: unconfirmed updates simply come again after a restart and are known by their ids. A
    stored offset would drop updates when the server starts their numbers anew, as it does after a quiet week.
    """

    def __init__(
        self,
        api: Api,
        take: Take,
        *,
        timeout: int = POLL_TIMEOUT_S,
        sleep: Sleep = asyncio.sleep,
        condition: Condition | None = None,
    ) -> None:
        self._condition = condition or Condition()
        self._api, self._take, self._timeout, self._sleep = api, take, timeout, sleep
        self._offset: int | None = None
        self._failures = 0
        self._conflicts = 0

    async def run(self) -> None:
        """Poll until cancelled."""
        while True:
            try:
                updates = await self._fetch()
            except TelegramError as error:
                await self._endure(error)
                continue
            self._failures = self._conflicts = 0
            self._condition.works(UPDATES)
            if updates:
                await self._take(updates)
            self._offset = next_offset(updates)

    async def _fetch(self) -> Sequence[Any]:
        updates = await self._api.call(
            "getUpdates", offset=self._offset, timeout=self._timeout, allowed_updates=list(ALLOWED_UPDATES)
        )
        return updates if isinstance(updates, list) else []

    async def _endure(self, error: TelegramError) -> None:
        """Say what is wrong and wait before the next try."""
        if isinstance(error, Conflict):
            await self._resolve_conflict(error)
            return
        if isinstance(error, InvalidToken):
            self._condition.fails(
                UPDATES, "Telegram refuses the token; get a valid one from @BotFather and restart with it"
            )
            await self._sleep(BAD_TOKEN_PAUSE_S)
            return
        pause = BACKOFF_S[min(self._failures, len(BACKOFF_S) - 1)]
        wished = retry_after(error) or timedelta()
        self._failures += 1
        self._condition.fails(UPDATES, f"Telegram cannot be reached: {error}")
        await self._sleep(max(pause, wished.total_seconds()))

    async def _resolve_conflict(self, error: Conflict) -> None:
        if "webhook" in str(error):
            log.error("a webhook was set for this bot; it is removed, because this server polls")
            with suppress(TelegramError):
                await self._api.call("deleteWebhook")
            await self._sleep(CONFLICT_PAUSE_S)
            return
        self._conflicts += 1
        if self._conflicts == 1:
            log.info("this bot's updates were asked for elsewhere as well; trying again")
            await self._sleep(FIRST_CONFLICT_PAUSE_S)
            return
        self._condition.fails(UPDATES, "another program polls with this bot's token; stop it")
        await self._sleep(CONFLICT_PAUSE_S)


def next_offset(updates: Sequence[object]) -> int | None:
    """What confirms these updates. None after an empty answer: then everything earlier is confirmed already."""
    numbers = [number for update in updates if (number := update_id_of(update)) is not None]
    return max(numbers) + 1 if numbers else None
