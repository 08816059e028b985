"""Ratings: requests, reminders, expiries and stars, with the timers that drive them, beside a list of requests."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from bot.dispatch import HANDLERS
from crm_store import conversations, ratings, timers
from crm_store.models.ratings import RatingRequest
from crm_store.settings import StoreSettings
from crm_store.timers import TimerKind
from tests.machines.base import Machine, add_conversation, add_person

SETTINGS = StoreSettings()
ASPECTS = st.sampled_from(SETTINGS.aspects)
REMIND = timedelta(hours=SETTINGS.rating_reminder_hours)
EXPIRE = timedelta(hours=SETTINGS.rating_expiry_hours)


@dataclass
class Asked:
    """A request as the model knows it."""

    customer_id: int
    at: datetime
    is_open: bool = True
    reminders: int = 0
    is_reminder_due: bool = True
    stars: dict[str, float] = field(default_factory=dict)


class RatingsMachine(Machine):
    """One open request a customer; one reminder, to who gave nothing; nothing taken twice, whoever fires the timers."""

    @initialize()
    def open(self) -> None:
        """Two customers."""
        self.model: dict[int, Asked] = {}
        for number in (1, 2):
            self.do(partial(self._open, number=number))

    async def _open(self, session: Any, number: int) -> None:
        await add_person(session, number, f"web:{number}", self.now)
        await add_conversation(session, number, "web", self.now, status="resolved")

    @rule(customer_id=st.integers(1, 2))
    def ask(self, customer_id: int) -> None:
        """A matter is closed: earlier requests end."""

        async def asking(session: Any) -> int:
            conversation = await conversations.get(session, customer_id)
            request = await ratings.ask(session, conversation, now=self.now, settings=SETTINGS)
            assert request is not None
            return int(request.id)

        number = self.do(asking)
        for earlier in self.model.values():
            if earlier.customer_id == customer_id:
                earlier.is_open = False
        self.model[number] = Asked(customer_id, self.now)

    @precondition(lambda self: self.model)
    @rule(data=st.data(), aspect=ASPECTS, stars=st.sampled_from(tuple(ratings.STARS)))
    def rate(self, data: st.DataObject, aspect: str, stars: int) -> None:
        """Stars for one aspect; the last word counts."""
        number = data.draw(st.sampled_from(sorted(self.model)))
        asked, score = self.model[number], ratings.score_of(stars)

        async def rating(session: Any) -> None:
            request = await session.get_one(RatingRequest, number)
            await ratings.record(session, asked.customer_id, aspect, score, now=self.now, request=request)
            if asked.is_open:
                request.state = "rating"

        self.do(rating)
        asked.stars[aspect] = score
        asked.is_reminder_due = asked.is_reminder_due and not asked.is_open

    @rule(hours=st.sampled_from((1, 10, 25, 73, -2)))
    def wait(self, hours: int) -> None:
        """Time passes, or the clock is set back."""
        self.pass_time(timedelta(hours=hours))

    def _expected(self) -> list[tuple[datetime, str, int]]:
        kept = self.rows("SELECT kind, subject_id FROM timer WHERE fired_at IS NULL")
        after = {TimerKind.RATING_REMINDER: REMIND, TimerKind.RATING_EXPIRY: EXPIRE}
        due = [(self.model[number].at + after[TimerKind(kind)], kind, number) for kind, number in kept]
        return sorted(one for one in due if one[0] <= self.now)

    @rule()
    def fire(self) -> None:
        """What is due fires, once; what each does is decided by the request as it is then."""
        expected = self._expected()

        async def firing(session: Any) -> list[tuple[datetime, str, int]]:
            due = await timers.claim_due(session, now=self.now)
            for timer in due:
                await HANDLERS[TimerKind(timer.kind)](session, timer.subject_id, self.now, SETTINGS)
                await session.flush()
            return [(timer.due_at, timer.kind, timer.subject_id) for timer in due]

        fired = self.do(firing)
        assert sorted(fired) == expected
        assert [at for at, *_ in fired] == sorted(at for at, *_ in fired)
        for _, kind, number in fired:
            asked = self.model[number]
            if kind == TimerKind.RATING_EXPIRY:
                asked.is_open = False
            elif asked.is_open and asked.is_reminder_due:
                asked.reminders, asked.is_reminder_due = 1, False

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def fire_again(self, data: st.DataObject) -> None:
        """Handlers that run a second time change nothing that a customer could see."""
        number = data.draw(st.sampled_from(sorted(self.model)))
        asked = self.model[number]
        reminded = self.do(lambda s: ratings.remind(s, number, now=self.now, settings=SETTINGS))
        assert reminded == (asked.is_open and asked.is_reminder_due)
        if reminded:
            asked.reminders, asked.is_reminder_due = 1, False

    @invariant()
    def agrees(self) -> None:
        """Open requests, stars and reminders are those of the model."""
        kept = self.rows("SELECT id, state, finished_at IS NULL FROM rating_request ORDER BY id")
        assert [(number, state in ratings.OPEN_STATES, bool(is_open)) for number, state, is_open in kept] == [
            (number, asked.is_open, asked.is_open) for number, asked in sorted(self.model.items())
        ]
        scores = {
            (n, aspect): score for n, asked in self.model.items() for aspect, score in asked.stars.items()
        }
        rated = self.rows("SELECT request_id, aspect, score FROM rating")
        assert {(n, aspect): score for n, aspect, score in rated} == scores
        assert len(rated) == len(scores)
        told = (
            "SELECT json_extract(intent, '$.rating_request.request_id') FROM message "
            "WHERE intent LIKE '%rating_reminder%'"
        )
        assert sorted(n for (n,) in self.rows(told)) == sorted(
            n for n, asked in self.model.items() if asked.reminders
        )
