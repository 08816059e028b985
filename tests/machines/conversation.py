"""Conversations: customers' words through reception, agents and the clock through the store, beside who holds what."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, cast

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from sqlalchemy.orm import Session as SyncSession

from bot.channels.base import Inbound, Kind
from bot.dispatch import HANDLERS
from bot.knowledge import Knowledge
from bot.reception import Reception
from crm_store import conversations, handing_on, queue, reopening, timers
from crm_store.engine import Store
from crm_store.errors import Conflict, IllegalTransition
from crm_store.lifecycle import TRANSITIONS, WAITING, Change, Status
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from crm_store.timers import TimerKind
from knowledge_base.articles import Article
from tests.machines.base import NOON, DirectSession, Machine, at_once
from tests.simulation.house import FixedKnowledge

PEOPLE = st.sampled_from(("ann", "bob"))
AGENTS = st.integers(1, 3)
SUPERVISOR = 3
TEXTS = ("ways to pay", "qwx zvb", "/human", "hello", "/cancel", "thanks")
SETTINGS = StoreSettings(rating_aspects="")
HELD = (Status.ASSIGNED, Status.WAITING_CUSTOMER)


@dataclass
class Matter:
    """A conversation as the model knows it."""

    address: str
    status: Status = Status.BOT
    agent_id: int | None = None
    misses: int = 0
    meant_for: int | None = None
    is_joined: bool = False
    """It is part of another."""


class DirectStore:
    """A store whose transactions run in the machine's own."""

    is_sqlite = True

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    async def transact(self, work: Callable[[Any, set[Any]], Any]) -> Any:
        """The result of `work`."""
        return self._machine.write(lambda connection: work(connection, set()))

    @asynccontextmanager
    async def read(self) -> AsyncIterator[DirectSession]:
        """A session."""
        with SyncSession(self._machine.connection, join_transaction_mode="create_savepoint") as session:
            yield DirectSession(session)


class ConversationMachine(Machine):
    """The model's rules of holding are written out again here, in a page."""

    @initialize()
    def open(self) -> None:
        """Two agents and a supervisor; nobody has said anything."""
        self.model: dict[int, Matter] = {}
        self.said: list[Inbound] = []
        store = cast(Store, DirectStore(self))
        knowledge = FixedKnowledge(store)
        article = Article("payment", "Ways to pay", (), "By card.")
        knowledge.edition = replace(knowledge.edition, articles={"payment": {"en": article}})
        known = cast(Knowledge, knowledge)
        self.reception = Reception(store, known, lambda: self.now, SETTINGS, business_name="Shop")
        self.do(self._staff)

    async def _staff(self, session: Any) -> None:
        for number in (1, 2, 3):
            role = "supervisor" if number == SUPERVISOR else "agent"
            session.add(Agent(id=number, name=f"A{number}", role=role, created_at=NOON))

    def _open_one(self, address: str) -> tuple[int, Matter] | None:
        return next(
            ((n, m) for n, m in self.model.items() if m.address == address and m.status != Status.RESOLVED),
            None,
        )

    @rule(address=PEOPLE, texts=st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3))
    def say(self, address: str, texts: list[str]) -> None:
        """A customer says one thing, or several that come as one batch."""
        batch = []
        for text in texts:
            number = str(len(self.said) + 1)
            batch.append(Inbound("web", number, "web", address, Kind.TEXT, text, platform_id=number))
            self.said.append(batch[-1])
        at_once(self.reception._handle(batch))
        for text in texts:
            self._heard(address, text)

    def _heard(self, address: str, text: str) -> None:
        found = self._open_one(address)
        if found is None:
            matter = self.model[len(self.model) + 1] = Matter(address)
        else:
            matter = found[1]
        if matter.status == Status.WAITING_CUSTOMER:
            matter.status = Status.ASSIGNED
        elif matter.status == Status.QUEUED and text == "/cancel":
            matter.status = Status.BOT
        elif matter.status == Status.BOT:
            self._heard_by_bot(matter, text)

    def _heard_by_bot(self, matter: Matter, text: str) -> None:
        if text == "qwx zvb":
            matter.misses += 1
        elif text == "ways to pay":
            matter.misses = 0
        if text == "/human" or matter.misses == 2:
            matter.status, matter.misses = Status.QUEUED, 0

    @precondition(lambda self: self.said)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """The platform says something again."""
        at_once(self.reception._handle([self.said[data.draw(st.integers(0, len(self.said) - 1))]]))

    @precondition(lambda self: self.model)
    @rule(
        data=st.data(),
        by=AGENTS,
        what=st.sampled_from(("take", "reply", "release", "resolve", "transfer", "reopen")),
    )
    def act(self, data: st.DataObject, by: int, what: str) -> None:
        """Staff do something to a conversation, allowed or not."""
        number = data.draw(st.sampled_from(sorted(self.model)))
        to = data.draw(AGENTS) if what == "transfer" else 0
        matter = self.model[number]
        before = (matter.status, matter.agent_id, matter.misses)
        expected = getattr(self, f"_{what}")(matter, by, to)
        refused: Exception | None = None
        try:
            self.do(lambda s: self._ask(s, what, number, by, to))
        except (Conflict, IllegalTransition) as error:
            refused = error
        kind = next((each for each in (IllegalTransition, Conflict) if isinstance(refused, each)), None)
        assert kind is expected, (what, before, refused)
        assert refused is None or (matter.status, matter.agent_id, matter.misses) == before

    async def _ask(self, session: Any, what: str, number: int, by: int, to: int) -> None:
        agent, now = await session.get_one(Agent, by), self.now
        match what:
            case "take":
                await queue.take(session, number, agent, now=now)
            case "reply":
                await conversations.reply(session, number, agent, "I am here.", now=now)
            case "release":
                await queue.release(session, number, agent, now=now)
            case "resolve":
                await queue.resolve(session, number, agent, now=now, settings=SETTINGS)
            case "transfer":
                other = await session.get_one(Agent, to)
                await handing_on.transfer(session, number, by=agent, to=other, now=now, settings=SETTINGS)
            case _:
                await reopening.reopen(session, number, agent, now=now)

    def _take(self, matter: Matter, by: int, _to: int = 0) -> type[Exception] | None:
        if matter.status in HELD:
            return None if matter.agent_id == by else Conflict
        if matter.status == Status.RESOLVED:
            return IllegalTransition
        matter.status, matter.agent_id, matter.misses = Status.ASSIGNED, by, 0
        return None

    def _reply(self, matter: Matter, by: int, _to: int) -> type[Exception] | None:
        refused = self._take(matter, by)
        if refused is None:
            matter.status = Status.WAITING_CUSTOMER
        return refused

    def _is_kept_from(self, matter: Matter, by: int) -> bool:
        return matter.agent_id not in (None, by) and by != SUPERVISOR

    def _release(self, matter: Matter, by: int, _to: int) -> type[Exception] | None:
        if self._is_kept_from(matter, by):
            return Conflict
        if matter.status not in HELD:
            return IllegalTransition
        matter.status, matter.agent_id = Status.QUEUED, None
        return None

    def _resolve(self, matter: Matter, by: int, _to: int) -> type[Exception] | None:
        if self._is_kept_from(matter, by):
            return Conflict
        if matter.status == Status.RESOLVED:
            return IllegalTransition
        matter.status, matter.agent_id, matter.misses = Status.RESOLVED, matter.agent_id or by, 0
        return None

    def _transfer(self, matter: Matter, by: int, to: int) -> type[Exception] | None:
        """Nobody says that they are there: what goes to another waits in the queue for them."""
        if matter.status == Status.RESOLVED:
            return IllegalTransition
        if matter.status in HELD and (self._is_kept_from(matter, by) or matter.agent_id == to):
            return Conflict
        if to == by:
            matter.status, matter.agent_id, matter.meant_for = Status.ASSIGNED, to, None
            return None
        if matter.status == Status.QUEUED and matter.meant_for == to:
            return Conflict
        matter.status, matter.agent_id, matter.meant_for = Status.QUEUED, None, to
        return None

    def _reopen(self, matter: Matter, by: int, _to: int) -> type[Exception] | None:
        other = self._open_one(matter.address)
        is_elsewhere = other is not None and other[1] is not matter
        if matter.is_joined or (is_elsewhere and other is not None and other[1].status != Status.BOT):
            return Conflict
        if matter.status != Status.RESOLVED:
            return IllegalTransition
        if is_elsewhere and other is not None:  # what was said to the bot becomes part of it
            newer = other[1]
            newer.status, newer.agent_id, newer.misses, newer.is_joined = Status.RESOLVED, by, 0, True
        matter.status, matter.agent_id = Status.QUEUED, None
        return None

    @rule()
    def a_day_passes(self) -> None:
        """What the bot holds falls silent and is closed; what people hold or wait for stays."""
        self.pass_time(timedelta(hours=25))

        async def firing(session: Any) -> None:
            for timer in await timers.claim_due(session, now=self.now):
                if timer.kind == TimerKind.IDLE_CLOSE:
                    await HANDLERS[TimerKind.IDLE_CLOSE](session, timer.subject_id, self.now, SETTINGS)
                    await session.flush()

        self.do(firing)
        for matter in self.model.values():
            if matter.status == Status.BOT:
                matter.status, matter.misses = Status.RESOLVED, 0

    @rule(minutes=st.integers(1, 90))
    def wait(self, minutes: int) -> None:
        """Time passes."""
        self.pass_time(timedelta(minutes=minutes))

    @invariant()
    def agrees(self) -> None:
        """Status and holder are the model's, and what is written about them is one story."""
        kept = {
            n: rest for n, *rest in self.rows("SELECT id, status, agent_id, meant_for_id FROM conversation")
        }
        for matter in self.model.values():
            matter.meant_for = matter.meant_for if matter.status in WAITING else None
        assert kept == {n: [m.status, m.agent_id, m.meant_for] for n, m in self.model.items()}
        held = self.rows("SELECT conversation_id, agent_id FROM assignment WHERE ended_at IS NULL")
        assert sorted(held) == [(n, m.agent_id) for n, m in sorted(self.model.items()) if m.status in HELD]
        waiting = sorted(
            n for (n,) in self.rows("SELECT conversation_id FROM handoff WHERE ended_at IS NULL")
        )
        assert waiting == [n for n, m in sorted(self.model.items()) if m.status == Status.QUEUED]
        at = dict.fromkeys(self.model, Status.BOT)
        story = "SELECT conversation_id, change, from_status, to_status FROM status_change ORDER BY id"
        for number, change, before, after in self.rows(story):
            assert at[number] == before
            assert TRANSITIONS[Status(before), Change(change)] == after
            at[number] = Status(after)
        assert at == {n: m.status for n, m in self.model.items()}
        assert self.rows("SELECT count(*) FROM message WHERE author = 'customer'") == [(len(self.said),)]
