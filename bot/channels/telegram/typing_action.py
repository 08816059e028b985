"""That somebody of the staff is writing, shown above the customer's chat in Telegram.

Telegram shows a chat action for five seconds or until a message arrives, and counts it as a request like any other. It
is shown at best: nobody waits for it, and it is left out wherever messages may need the room.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence

from telegram.error import TelegramError

from bot.channels.telegram.api import Api
from bot.channels.telegram.decoding import CHANNEL
from bot.channels.telegram.failures import retry_after
from bot.windows import Window
from crm_store.typing_signs import Side, TypingSign

EVERY_S = 4.0
KEPT_CHATS = 1_000
AT_ONCE = 8
"""Connections that may be busy with this."""


class TypingAction:
    """Hears who writes; `overall` is the limit that messages share, `may_send` whether this process sends them."""

    def __init__(
        self,
        api: Api,
        overall: Window,
        may_send: Callable[[], bool],
        *,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._api, self._overall, self._may_send, self._steady = api, overall, may_send, steady
        self._shown_at: OrderedDict[str, float] = OrderedDict()
        self._quiet_until = 0.0
        self._showing: set[asyncio.Task[None]] = set()

    def hear(self, signs: Sequence[TypingSign]) -> None:
        """Show what is told of Telegram's customers, as far as there is room."""
        for sign in signs:
            channel, _, chat = sign.lane.partition(":")
            if channel == CHANNEL and sign.side is Side.AGENT and sign.is_typing and self._has_room(chat):
                task = asyncio.create_task(self._show(chat))
                self._showing.add(task)
                task.add_done_callback(self._showing.discard)

    def be_quiet(self, seconds: float) -> None:
        """Telegram asked for patience."""
        self._quiet_until = max(self._quiet_until, self._steady() + seconds)

    async def close(self) -> None:
        """Drop what is under way."""
        for task in self._showing:
            task.cancel()
        await asyncio.gather(*self._showing, return_exceptions=True)

    def _has_room(self, chat: str) -> bool:
        """Half of what may leave in a second is the messages' own; what is shown is counted in."""
        now = self._steady()
        if now < self._quiet_until or len(self._showing) >= AT_ONCE or not self._may_send():
            return False
        if chat in self._shown_at and now - self._shown_at[chat] < EVERY_S:
            return False
        if self._overall.left(now) <= self._overall.most // 2:
            return False
        self._overall.take(now)
        self._shown_at[chat] = now
        self._shown_at.move_to_end(chat)
        if len(self._shown_at) > KEPT_CHATS:
            self._shown_at.popitem(last=False)
        return True

    async def _show(self, chat: str) -> None:
        try:
            await self._api.call("sendChatAction", chat_id=chat, action="typing")
        except TelegramError as error:
            wait = retry_after(error)
            if wait is not None:
                self.be_quiet(wait.total_seconds())
