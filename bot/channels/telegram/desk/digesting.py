"""Telling the staff in one message what waits, while the minute still has room for one."""

from collections.abc import Sequence

import structlog
from telegram.error import TelegramError

from bot.channels.base import Outcome
from bot.channels.telegram.desk.digest import digest, is_due
from bot.channels.telegram.desk.elsewhere import open_chats
from bot.channels.telegram.desk.group import NO_PREVIEW, StaffGroup
from bot.channels.telegram.desk.pace import MINUTE_S
from bot.channels.telegram.failures import delivery_failed
from bot.clock import Clock
from crm_store import desk_load
from crm_store.engine import Store

log = structlog.get_logger(__name__)
FEWEST = 3
"""In a chat that takes fewer messages a minute they would be nothing but digests."""


class Digests:
    """Asked before a post that leaves none of the minute's messages: the last then tells of everybody who waits."""

    def __init__(self, store: Store, group: StaffGroup, clock: Clock, among: Sequence[StaffGroup]) -> None:
        self._store, self._group, self._clock, self._among = store, group, clock, among
        self._told_at: float | None = None

    async def tell_before(self, weight: int) -> None:
        """Who waits and what they said, where others do than whose turn this is; all of it follows in its turn."""
        pace, steady = self._group.pace, self._group.steady()
        is_fresh = self._told_at is not None and steady - self._told_at < MINUTE_S
        if is_fresh or pace.per_min < FEWEST:
            return
        chats = open_chats(self._among)
        async with self._store.read() as session:
            now, chat = self._clock(), self._group.key
            load = await desk_load.load(session, chat=chat, chats=chats, now=now)
            pace.owes &= load.others > 0
            if not pace.owes and not is_due(pace.left(), weight, load.others):
                return
            waiting = await desk_load.backlog(session, chat=chat, chats=chats, now=now)
        await self._send(*digest(waiting, load, self._group.chat, pace.per_min, self._group.language))
        pace.owes, self._told_at = False, self._group.steady()

    async def _send(self, text: str, entities: list[dict[str, object]]) -> None:
        """Raises what says that it was not sent: whose turn it is waits as well, and it comes before them then."""
        await self._group.pace.turn()
        params = {"text": text, "entities": entities, "link_preview_options": NO_PREVIEW}
        try:
            await self._group.api.call("sendMessage", chat_id=self._group.chat, **params)
        except TelegramError as error:
            if delivery_failed(error).outcome is Outcome.NOT_SENT:
                self._group.pace.owes = True
                self._group.pace.give_back()  # as the minute's last it would have to wait for the next minute
                raise
            log.warning("the staff could not be told what waits", error=str(error))
