"""Members of staff link their Telegram account by a code that works once, sent to the bot in private."""

from collections import OrderedDict, deque
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.channels.telegram.api import Api
from bot.channels.telegram.decoding import LinkAsked
from bot.channels.telegram.desk.answers import Answers
from bot.channels.telegram.desk.group import StaffGroup
from bot.clock import Clock
from bot.texts import best_language, render
from crm_store import seen, staff
from crm_store.engine import Store
from crm_store.errors import InvalidValue

TRIES = 5
TRIES_WITHIN = timedelta(minutes=15)
KEPT_PEOPLE = 10_000


class Linking:
    """Redeems codes, a few tries at a time."""

    def __init__(
        self, api: Api, store: Store, clock: Clock, answers: Answers, groups: Sequence[StaffGroup] = ()
    ) -> None:
        self._groups = groups
        self._api, self._store, self._clock, self._answers = api, store, clock, answers
        self._misses: OrderedDict[int, deque[datetime]] = OrderedDict()

    async def link(self, asked: LinkAsked) -> bool:
        """True when it was about linking, whether it worked or not."""
        language = best_language(asked.language) or "en"
        if self._is_limited(asked.user_id):
            if asked.otherwise is not None:
                return False
            return await self._tell_once(asked, render(language, "desk.link_too_often"))
        if not asked.code:
            return await self._tell_once(asked, render(language, "desk.link_usage"))
        try:
            agent_name = await self._redeem(asked)
        except InvalidValue:
            self._miss(asked.user_id, self._clock())
            if asked.otherwise is not None:
                return False
            return await self._tell_once(asked, render(language, "desk.link_bad"))
        if agent_name is not None:
            key = self._how_they_answer(asked.user_id)
            self._answers.whisper(asked.user_id, render(language, key, name=agent_name))
        return True

    def _how_they_answer(self, user_id: int) -> str:
        """The sentence that says so: in topics, below cards in a chat without them, or not in Telegram."""
        own = [group for group in self._groups if group.chat == user_id or not group.is_private]
        if not own:
            return "desk.link_done_alone"
        return "desk.link_done" if any(group.has_topics for group in own) else "desk.link_done_cards"

    async def _redeem(self, asked: LinkAsked) -> str | None:
        """Who is linked now; None for a repeat. Raises InvalidValue."""
        now = self._clock()
        async with self._store.write() as session:
            if not await seen.first_time(session, self._api.source, asked.update_id, now=now):
                return None
            agent = await staff.link_telegram(session, asked.code, asked.user_id, now=now)
            return agent.name

    async def _tell_once(self, asked: LinkAsked, text: str) -> bool:
        """Say it, unless this is a repeat; True."""
        async with self._store.write() as session:
            is_first = await seen.first_time(session, self._api.source, asked.update_id, now=self._clock())
        if is_first:
            self._answers.whisper(asked.user_id, text)
        return True

    def _is_limited(self, user_id: int) -> bool:
        misses = self._misses.get(user_id, deque())
        since = self._clock() - TRIES_WITHIN
        return sum(at > since for at in misses) >= TRIES

    def _miss(self, user_id: int, now: datetime) -> None:
        self._misses.setdefault(user_id, deque(maxlen=TRIES)).append(now)
        self._misses.move_to_end(user_id)
        if len(self._misses) > KEPT_PEOPLE:
            self._misses.popitem(last=False)
