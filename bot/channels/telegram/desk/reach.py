"""Whether a staff chat can be written to, and what follows while it cannot."""

from collections.abc import Sequence
from typing import Final

import structlog
from telegram.error import TelegramError

from bot.channels.base import Outcome
from bot.channels.telegram.desk.elsewhere import can_be_reached, refusal
from bot.channels.telegram.desk.group import StaffGroup
from bot.channels.telegram.failures import delivery_failed
from bot.clock import Clock
from crm_store import desk_posts, out_of_reach
from crm_store.condition import Condition
from crm_store.engine import Store

log = structlog.get_logger(__name__)
STAFF_GROUP: Final = "staff group"
"""What is told to be out of order; with its id where there are several."""
TRY_AWAY_EVERY_S: Final = 60.0
"""So often it is looked whether a chat that was left to others can be written to again."""


class Reach:
    """One chat's."""

    def __init__(
        self,
        store: Store,
        group: StaffGroup,
        clock: Clock,
        among: Sequence[StaffGroup],
        condition: Condition,
    ) -> None:
        """`among` are all chats that share the customers."""
        self._store, self._group, self._clock = store, group, clock
        self._among, self._condition = among, condition
        self._part = STAFF_GROUP if len(among) == 1 else f"{STAFF_GROUP} {group.key}"
        self._tried_at = 0.0
        self._was_tried = self._was_away = False
        """Whether it was looked at since the start, and what is known of it as being away has been done."""

    def proved(self) -> None:
        """Something was posted."""
        self._group.is_away = self._was_away = False
        self._condition.works(self._part)

    def denied(self, error: TelegramError) -> None:
        """Nothing can be posted, whomever it is about."""
        self._condition.fails(self._part, f"nothing can be posted: {error}")

    async def is_lost(self, error: TelegramError) -> bool:
        """Whether it is this chat that cannot be written to, not what was sent there, while another can: then that one
        has its customers until it can."""
        is_unreachable = delivery_failed(error).outcome is Outcome.UNREACHABLE
        if not is_unreachable or await can_be_reached(self._group):
            return False
        self._group.is_away = True
        await self.follow(str(error))
        return any(not one.is_away for one in self._among)

    async def follow(self, why: str = "the platform says that it cannot be written to") -> None:
        """Do and tell what follows where it was lost or found since the last time, in whatever way that was heard of.
        An agent whose own chat it is gets nothing more to do."""
        if self._group.is_away == self._was_away:
            return
        if not self._group.is_away:
            self.proved()
            return
        self._tried_at = self._group.steady()
        others = "; its customers go to the others until it can be" if len(self._among) > 1 else ""
        self._condition.fails(self._part, f"it cannot be written to{others}: {why}")
        if self._group.is_private:
            await self._lose_agent()
        self._was_away = True

    async def look_first(self) -> TelegramError | None:
        """Look at it once after the start, not when the first customer waits for it: what the platform says against
        writing there just now, where that tells nothing of the chat."""
        if self._was_tried:
            return None
        self._was_tried = True
        error = await refusal(self._group)
        if error is None or delivery_failed(error).outcome is not Outcome.UNREACHABLE:
            return error
        self._group.is_away = True
        await self.follow(str(error))
        return None

    async def _lose_agent(self) -> None:
        async with self._store.write() as session:
            found = await out_of_reach.lose(session, self._group.chat, now=self._clock())
        if found is not None:
            told = (
                "an agent's chat cannot be written to: they are offline, and whom they had not answered waits"
            )
            log.warning(told, agent=found.name, given_back=found.given_back)

    async def look_whether_back(self) -> None:
        """To be called now and then while it cannot be written to."""
        if self._group.steady() - self._tried_at < TRY_AWAY_EVERY_S:
            return
        self._tried_at = self._group.steady()
        if await can_be_reached(self._group):
            self.proved()

    async def look_whether_wanted(self) -> None:
        """Where nothing is left to be posted, nothing is out of order, though no post may prove that for days."""
        if self._group.is_away:
            await self.look_whether_back()
        elif self._condition.is_out_of_order(self._part):
            async with self._store.read() as session:
                if not await desk_posts.unsent(session):
                    self.proved()
