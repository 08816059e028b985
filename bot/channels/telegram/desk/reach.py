"""Whether a staff chat can be written to, and what is told of it while it cannot."""

from collections.abc import Sequence
from typing import Final

from telegram.error import TelegramError

from bot.channels.base import Outcome
from bot.channels.telegram.desk.elsewhere import can_be_reached
from bot.channels.telegram.desk.group import StaffGroup
from bot.channels.telegram.failures import delivery_failed
from crm_store import desk_posts
from crm_store.condition import Condition
from crm_store.engine import Store

STAFF_GROUP: Final = "staff group"
"""What is told to be out of order; with its id where there are several."""
TRY_AWAY_EVERY_S: Final = 60.0
"""So often it is looked whether a chat that was left to others can be written to again."""


class Reach:
    """One chat's."""

    def __init__(
        self, store: Store, group: StaffGroup, among: Sequence[StaffGroup], condition: Condition
    ) -> None:
        """`among` are all chats that share the customers."""
        self._store, self._group, self._among, self._condition = store, group, among, condition
        self._part = STAFF_GROUP if len(among) == 1 else f"{STAFF_GROUP} {group.key}"
        self._tried_at = 0.0

    def proved(self) -> None:
        """Something was posted."""
        self._condition.works(self._part)

    def denied(self, error: TelegramError) -> None:
        """Nothing can be posted, whomever it is about."""
        self._condition.fails(self._part, f"nothing can be posted: {error}")

    async def is_lost(self, error: TelegramError) -> bool:
        """Whether it is this chat that cannot be written to, not what was sent there, while another can: then that one
        has its customers until it can."""
        others = [one for one in self._among if one is not self._group and not one.is_away]
        is_unreachable = delivery_failed(error).outcome is Outcome.UNREACHABLE
        if not others or not is_unreachable or await can_be_reached(self._group):
            return False
        self._condition.fails(
            self._part, f"its customers go to the others until it can be written to: {error}"
        )
        self._group.is_away, self._tried_at = True, self._group.steady()
        return True

    async def look_whether_back(self) -> None:
        """To be called now and then while others have its customers."""
        if self._group.steady() - self._tried_at < TRY_AWAY_EVERY_S:
            return
        self._tried_at = self._group.steady()
        if await can_be_reached(self._group):
            self._group.is_away = False
            self.proved()

    async def look_whether_wanted(self) -> None:
        """Where nothing is left to be posted, nothing is out of order, though no post may prove that for days."""
        if self._condition.is_out_of_order(self._part):
            async with self._store.read() as session:
                if not await desk_posts.unsent(session):
                    self.proved()
