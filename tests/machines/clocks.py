"""Response targets through everything that touches them, beside a count on one page; and who is handed what absent.

One customer's case goes through every act of staff, customer and clock in any order. The model keeps a list of what
happened, and counts from it, stretch by stretch, what is owed: undone and taken back is what never was.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Any, cast

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from sqlalchemy import update

from bot.channels.base import Inbound, Kind
from bot.dispatch import HANDLERS
from bot.knowledge import Knowledge
from bot.reception import Reception
from crm_store import (
    attendance,
    bulk,
    conversations,
    dispatching,
    handing_on,
    outbox,
    promises,
    queue,
    reopening,
    snoozing,
    taking_back,
    timers,
)
from crm_store.engine import Store
from crm_store.lifecycle import Status
from crm_store.models.conversations import Message
from crm_store.models.staff import Agent
from crm_store.outbox import Unsent
from crm_store.settings import StoreSettings
from crm_store.timers import TimerKind
from crm_store.working_hours import ALWAYS
from tests.machines.base import NOON, Machine, at_once
from tests.machines.conversation import DirectStore
from tests.machines.story import COUNTS, Happened, owed
from tests.simulation.house import FixedKnowledge

ANN, BEN, CID = 1, 2, 3
OTHERS = st.sampled_from((BEN, CID))
HELD = (Status.ASSIGNED, Status.WAITING_CUSTOMER)
STEP = timedelta(seconds=20)
SETTINGS = StoreSettings(
    rating_aspects="",
    response_targets="first 40m, next 20m, resolution 5h",
    first_reply_minutes=0,
    handoff_notice_minutes=0,
)


class ClocksMachine(Machine):
    """Ann leads, Ben and Cid come and go."""

    @initialize()
    def open(self) -> None:
        """A customer asks for a person; Ann is there."""
        self.story: list[Happened] = []
        self.said = 0
        self.online = {ANN: NOON + attendance.SHIFT_LASTS}
        self.undoable: tuple[int, Happened] | None = None
        self.reply_at: dict[int, int] = {}
        known = cast(Knowledge, FixedKnowledge(store := cast(Store, DirectStore(self))))
        self.reception = Reception(store, known, lambda: self.now, SETTINGS, business_name="Shop")
        self.do(self._staff)
        self._hear("/human")
        self._note("handoff")

    async def _staff(self, session: Any) -> None:
        for number, role in ((ANN, "supervisor"), (BEN, "agent"), (CID, "agent")):
            session.add(Agent(id=number, name=f"A{number}", role=role, undo_s=60, created_at=NOON))
        await session.flush()
        ann = await session.get_one(Agent, ANN)
        await attendance.set_presence(session, ann, "online", now=NOON, lasts=attendance.SHIFT_LASTS)

    def _hear(self, text: str) -> None:
        self.said += 1
        said = Inbound("web", f"{self.said}", "web", "me", Kind.TEXT, text, platform_id=f"{self.said}")
        at_once(self.reception._handle([said]))

    @property
    def case(self) -> tuple[str, int | None, int | None]:
        """Status, holder, and whom it waits for."""
        [row] = self.rows("SELECT status, agent_id, meant_for_id FROM conversation WHERE id = 1")
        return (row[0], row[1], row[2])

    def _note(self, what: str) -> None:
        self.story.append(Happened(what, self.now, self.case[0]))
        self.undoable = None

    def _do(self, what: str, work: Any) -> Any:
        self.now += STEP
        result = self.do(work)
        self._note(what)
        return result

    def _is(self, *statuses: str) -> bool:
        return self.case[0] in statuses

    @precondition(lambda self: not self._is(Status.RESOLVED))
    @rule()
    def says(self) -> None:
        """The customer writes."""
        self.now += STEP
        self._hear("well then, what about it")
        self._note("says")

    @precondition(lambda self: self._is(Status.QUEUED, Status.SNOOZED))
    @rule()
    def take(self) -> None:
        """Ann takes it."""
        self._do("take", lambda s: self._as_ann(s, queue.take, 1))

    async def _as_ann(self, session: Any, act: Any, *given: Any, **more: Any) -> Any:
        return await act(session, *given, await session.get_one(Agent, ANN), now=self.now, **more)

    @precondition(lambda self: not self._is(Status.RESOLVED) and self.case[1] in (None, ANN))
    @rule()
    def reply(self) -> None:
        """Ann writes; for a minute she can take it back."""

        async def replying(session: Any) -> int:
            ann = await session.get_one(Agent, ANN)
            message = await conversations.reply(session, 1, ann, "I see.", now=self.now)
            await taking_back.hold_back(session, message, ann, now=self.now)
            return int(message.id)

        self.reply_at = {self._do("reply", replying): len(self.story) - 1}

    @precondition(lambda self: self.reply_at and not self._is(Status.RESOLVED))
    @rule()
    def take_back(self) -> None:
        """Her last reply, while it has not left."""
        [(number, place)] = self.reply_at.items()
        if self.now + STEP >= self.story[place].at + timedelta(seconds=60):
            return
        self._do("take back", lambda s: self._as_ann(s, taking_back.take_back, number))
        self._never_was(place)

    @precondition(lambda self: self.reply_at and not self._is(Status.RESOLVED))
    @rule()
    def dies(self) -> None:
        """Her last reply does not reach the customer."""
        [(number, place)] = self.reply_at.items()

        async def dying(session: Any) -> None:
            await session.execute(update(Message).where(Message.id == number).values(delivery="sending"))
            lost = [Unsent(number, "dead", "too long", 1)]
            connection = await session.connection()
            await connection.run_sync(lambda c: outbox.settle(c, (), lost, now=self.now))
            session.sync.expire_all()

        self._do("dies", dying)
        self._never_was(place)

    def _never_was(self, place: int) -> None:
        before = self.story[place - 1].status
        stood = before if before in HELD else Status.ASSIGNED
        self.story[place] = replace(self.story[place], what="nothing", status=stood)
        for n in range(place + 1, len(self.story) - 1):  # nobody was waited for
            if self.story[n].status != Status.WAITING_CUSTOMER:
                break
            self.story[n] = replace(self.story[n], status=stood)
        self.reply_at = {}

    @precondition(lambda self: self._is(*HELD))
    @rule()
    def release(self) -> None:
        """Back into the queue."""
        self._do("release", lambda s: self._as_ann(s, queue.release, 1))

    @precondition(lambda self: not self._is(Status.RESOLVED))
    @rule(to=OTHERS)
    def transfer(self, to: int) -> None:
        """Handed on: held by who is there, else it waits for them."""
        if to in self.case[1:]:
            return

        async def handing(session: Any) -> None:
            ann, other = await session.get_one(Agent, ANN), await session.get_one(Agent, to)
            await handing_on.transfer(session, 1, by=ann, to=other, now=self.now, settings=SETTINGS)

        self._do("transfer", handing)
        is_there = self.online.get(to, NOON) > self.now
        assert self.case == ((Status.ASSIGNED, to, None) if is_there else (Status.QUEUED, None, to))

    @precondition(lambda self: self._is(Status.QUEUED, *HELD))
    @rule(minutes=st.sampled_from((1, 240)))
    def snooze(self, minutes: int) -> None:
        """Put aside."""
        until = self.now + STEP + timedelta(minutes=minutes)
        self._do("snooze", lambda s: self._as_ann(s, snoozing.snooze, 1, until=until))

    @precondition(lambda self: not self._is(Status.RESOLVED))
    @rule()
    def resolve(self) -> None:
        """Closed."""
        self._do("resolve", lambda s: self._as_ann(s, queue.resolve, 1, settings=SETTINGS))

    @precondition(lambda self: self._is(Status.RESOLVED))
    @rule()
    def reopen(self) -> None:
        """Opened again."""
        self._do("reopen", lambda s: self._as_ann(s, reopening.reopen, 1))

    @precondition(lambda self: not self._is(Status.RESOLVED))
    @rule(act=st.sampled_from(("snooze", "resolve", "assign")), to=OTHERS)
    def act_on_many(self, act: str, to: int) -> None:
        """One of the acts that can be undone."""
        later = (self.now + timedelta(hours=4)).isoformat()
        value = {"snooze": later, "assign": f"agent:{to}"}.get(act, "")
        what = "transfer" if act == "assign" else act

        async def acting(session: Any) -> bulk.BulkDone:
            ann = await session.get_one(Agent, ANN)
            return await bulk.apply(session, act, [1], ann, now=self.now, settings=SETTINGS, value=value)

        before, done = self.story[-1], self._do(what, acting)
        if not done.changed:
            self.story[-1] = replace(self.story[-1], what="nothing")
        else:
            self.undoable = (done.id, before)

    @precondition(lambda self: self.undoable and self.now + STEP < self.story[-1].at + bulk.UNDO_FOR)
    @rule()
    def undo(self) -> None:
        """As it was."""
        number, before = self.undoable or (0, self.story[-1])
        done = self._do("nothing", lambda s: self._as_ann(s, bulk.undo, number, settings=SETTINGS))
        assert done.changed == (1,)
        if self.story[-2].what in ("snooze", "resolve"):
            self.story[-2] = replace(self.story[-2], what="nothing", status=before.status)

    @rule(number=st.sampled_from((ANN, BEN, CID)), presence=st.sampled_from(("online", "away", "offline")))
    def attend(self, number: int, presence: str) -> None:
        """Somebody comes or goes."""

        async def saying(session: Any) -> None:
            agent = await session.get_one(Agent, number)
            await attendance.set_presence(session, agent, presence, now=self.now)

        self.now += STEP
        self.do(saying)
        self.online[number] = self.now + attendance.DESK_LASTS if presence == "online" else NOON

    @rule()
    def give(self) -> None:
        """What waits is given to who is there."""
        status, _, meant_for = self.case
        given = self._do("give", lambda s: dispatching.give(s, now=self.now))
        there = {number for number, until in self.online.items() if until > self.now}
        assert bool(given) <= (status == Status.QUEUED and bool(there))
        if given and meant_for in there:
            assert given[0].agent_id == meant_for

    @rule(minutes=st.sampled_from((1, 3, 31, 300)))
    def time_passes(self, minutes: int) -> None:
        """And what is due happens; then what is written down is what is owed."""
        self.pass_time(timedelta(minutes=minutes))

        async def firing(session: Any) -> None:
            for timer in await timers.claim_due(session, now=self.now):
                if timer.kind in (TimerKind.UNANSWERED, TimerKind.WAKE_SNOOZED):
                    await HANDLERS[TimerKind(timer.kind)](session, timer.subject_id, self.now, SETTINGS)
                    await session.flush()

        for _ in range(2):  # what wakes is looked at
            self.do(firing)
        if self.case[0] != self.story[-1].status:
            self._note("wake")
        if self._is(*COUNTS):
            rows = self.rows("SELECT kind FROM promise WHERE ended_at IS NULL")
            assert sorted(kind for (kind,) in rows) == sorted(owed(self.story, self.now))

    @invariant()
    def clocks_agree(self) -> None:
        """What the store's clocks say is what the story says."""
        found = self.do(lambda s: promises.clocks_of(s, [1])).get(1, [])
        running = {one.kind.value: one.spent(ALWAYS, self.now) for one in found if one.ended_at is None}
        assert running == owed(self.story, self.now), self.story

    @invariant()
    def nobody_is_handed_it_absent(self) -> None:
        """Who got it by somebody else's act, or by itself, was there."""
        by_others = self.rows(
            "SELECT agent_id FROM assignment WHERE assigned_at = :now AND reason IN ('transfer', 'dispatch')",
            now=self.now.strftime("%Y-%m-%d %H:%M:%S.%f"),
        )
        assert all(self.online.get(number, NOON) > self.now for (number,) in by_others)
