"""Who waits is brought into the chat that has them now: another cannot be written to, or its agent is not there."""

from collections.abc import Sequence
from typing import Final

from bot.channels.telegram.desk.elsewhere import open_chats
from bot.channels.telegram.desk.group import StaffGroup
from bot.clock import Clock
from crm_store import desk_moves
from crm_store.engine import Store

LOOK_EVERY_S: Final = 5.0
NOT_AGAIN_FOR_S: Final = 600.0
"""Whose card cannot be drawn here is not asked for again at each look."""


class Moving:
    """Into one chat."""

    def __init__(self, store: Store, group: StaffGroup, clock: Clock, among: Sequence[StaffGroup]) -> None:
        self._store, self._group, self._clock, self._among = store, group, clock, among
        self._looked_at: float | None = None
        self._brought: dict[int, float] = {}
        """When which customers were brought here last."""

    async def look(self) -> int:
        """How many are brought: their cards are to be posted now."""
        steady = self._group.steady()
        is_early = self._looked_at is not None and steady - self._looked_at < LOOK_EVERY_S
        chats = open_chats(self._among)
        if is_early or len(self._among) < 2 or self._group.key not in chats:
            return 0
        self._looked_at = steady
        self._brought = {who: at for who, at in self._brought.items() if steady - at < NOT_AGAIN_FOR_S}
        async with self._store.read() as session:
            moved = await desk_moves.moved_here(
                session, chat=self._group.key, chats=chats, besides=self._brought, now=self._clock()
            )
        if moved:
            async with self._store.write() as session:
                await desk_moves.bring(session, moved, now=self._clock())
            self._brought |= {customer: steady for _, customer in moved}
        return len(moved)
