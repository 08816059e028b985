"""The queue: who is next, who takes it, who gives it back, beside a list of who waits since when."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule

from crm_store import conversations, queue, queue_lines
from crm_store.errors import Conflict
from crm_store.lifecycle import Change
from crm_store.models.conversations import Handoff
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings
from tests.machines.base import NOON, Machine, add_conversation, add_person

SPEAKS = {1: (), 2: ("en",), 3: ("zh",)}
AGENTS = st.sampled_from(sorted(SPEAKS))
SETTINGS = StoreSettings(rating_aspects="")
MANY = 1000
"""Of conversations each may hold: how many is another rule."""


@dataclass
class Matter:
    """A conversation as the model knows it."""

    customer_id: int
    queued_at: datetime
    priority: int
    language: str
    agent_id: int | None = None
    resolved_at: datetime | None = None
    waits_since: datetime | None = None
    """When its present hand-over began; None while nobody is waited for."""


@dataclass
class Wait:
    """One wait for a person, over when somebody took it."""

    number: int
    language: str
    came_at: datetime
    left_at: datetime | None = None


class QueueMachine(Machine):
    """Minutes waited, 15 for each step of priority, 5 for who was here within three days: the order, restated."""

    @initialize()
    def open(self) -> None:
        """Three agents: one speaks everything, one English, one Chinese."""
        self.model: dict[int, Matter] = {}
        self.waits: list[Wait] = []
        self.customers = 0
        self.do(self._staff)

    async def _staff(self, session: Any) -> None:
        for number, languages in SPEAKS.items():
            session.add(
                Agent(
                    id=number,
                    name=f"A{number}",
                    role="agent",
                    languages=list(languages),
                    capacity=MANY,
                    created_at=NOON,
                )
            )

    @rule(priority=st.integers(-2, 3), language=st.sampled_from(("en", "zh")), is_known=st.booleans())
    def hand_over(self, priority: int, language: str, is_known: bool) -> None:
        """A customer asks for a person: a new one, or one whose matters are all closed."""
        idle = [m.customer_id for m in self.model.values()]
        closed = sorted(
            {n for n in idle if all(m.resolved_at for m in self.model.values() if m.customer_id == n)}
        )
        number = closed[0] if is_known and closed else self.customers + 1

        async def adding(session: Any) -> int:
            if number > self.customers:
                await add_person(session, number, f"web:{number}", self.now)
            made = await add_conversation(
                session, number, "web", self.now, priority=priority, language=language
            )
            conversation = await conversations.get(session, made)
            await conversations.change(
                session, conversation, Change.HANDOFF, actor="customer", now=self.now, queued_at=self.now
            )
            session.add(Handoff(conversation_id=made, reason="asked", queued_at=self.now))
            return made

        made = self.do(adding)
        self.model[made] = Matter(number, self.now, priority, language, waits_since=self.now)
        self.waits.append(Wait(made, language, self.now))
        self.customers = max(self.customers, number)

    def _waiting(self) -> list[int]:
        return [n for n, m in self.model.items() if m.waits_since is not None]

    def _points(self, number: int) -> float:
        matter = self.model[number]
        is_repeat = any(
            m.resolved_at
            and m.agent_id
            and timedelta() <= matter.queued_at - m.resolved_at <= timedelta(days=3)
            for m in self.model.values()
            if m.customer_id == matter.customer_id
        )
        waited = max(0.0, (self.now - matter.queued_at).total_seconds() / 60)
        return waited + 15 * matter.priority + 5 * is_repeat

    def _order(self) -> list[int]:
        return sorted(self._waiting(), key=lambda n: (-self._points(n), self.model[n].queued_at, n))

    def _taken(self, number: int, agent_id: int) -> None:
        matter = self.model[number]
        for wait in self.waits:
            if wait.number == number and wait.left_at is None:
                wait.left_at = self.now
        matter.agent_id, matter.waits_since = agent_id, None

    @rule(agent_id=AGENTS)
    def take_next(self, agent_id: int) -> None:
        """The first whose language the agent speaks."""
        speaks = SPEAKS[agent_id]
        served = [n for n in self._order() if not speaks or self.model[n].language in speaks]

        async def taking(session: Any) -> int | None:
            taken = await queue.take_next(session, await session.get_one(Agent, agent_id), now=self.now)
            return taken.id if taken is not None else None

        taken = self.do(taking)
        assert taken == (served[0] if served else None)
        if taken is not None:
            self._taken(taken, agent_id)

    def _ask(self, what: str, number: int, agent_id: int) -> str:
        async def asking(session: Any) -> None:
            agent = await session.get_one(Agent, agent_id)
            match what:
                case "take":
                    await queue.take(session, number, agent, now=self.now)
                case "release":
                    await queue.release(session, number, agent, now=self.now)
                case _:
                    await queue.resolve(session, number, agent, now=self.now, settings=SETTINGS)

        try:
            self.do(asking)
        except Conflict as refused:
            return str(refused)
        return ""

    @precondition(lambda self: any(not m.resolved_at for m in self.model.values()))
    @rule(data=st.data(), agent_id=AGENTS)
    def take(self, data: st.DataObject, agent_id: int) -> None:
        """One in particular; who has it is named to who comes too late."""
        number = data.draw(st.sampled_from([n for n, m in self.model.items() if not m.resolved_at]))
        holder = self.model[number].agent_id
        refused = self._ask("take", number, agent_id)
        assert bool(refused) == (holder not in (None, agent_id))
        if refused:
            assert f"A{holder}" in refused
        elif holder is None:
            self._taken(number, agent_id)

    @precondition(lambda self: any(m.agent_id and not m.resolved_at for m in self.model.values()))
    @rule(data=st.data(), agent_id=AGENTS, what=st.sampled_from(("release", "resolve")))
    def give_up(self, data: st.DataObject, agent_id: int, what: str) -> None:
        """Back to its old place, or closed; by its holder only."""
        number = data.draw(
            st.sampled_from([n for n, m in self.model.items() if m.agent_id and not m.resolved_at])
        )
        matter = self.model[number]
        refused = self._ask(what, number, agent_id)
        assert bool(refused) == (matter.agent_id != agent_id)
        if refused:
            return
        if what == "release":
            matter.agent_id, matter.waits_since = None, self.now
            self.waits.append(Wait(number, matter.language, self.now))
        else:
            matter.resolved_at = self.now

    @rule(minutes=st.sampled_from((1, 7, 60, 60 * 24)))
    def wait(self, minutes: int) -> None:
        """Time passes."""
        self.pass_time(timedelta(minutes=minutes))

    @rule()
    def look(self) -> None:
        """The list everybody sees, and what a newcomer is told to expect."""
        entries = self.do(lambda s: queue.listing(s, now=self.now))
        assert [entry.conversation.id for entry in entries] == self._order()
        assert [entry.position for entry in entries] == list(range(1, len(entries) + 1))
        assert all(abs(entry.points - self._points(entry.conversation.id)) < 1e-6 for entry in entries)
        standing = self.do(lambda s: queue_lines.standing(s, now=self.now))
        assert {n: place for n, (place, _) in standing.told().items()} == self._places()
        told, expected = standing.of_the_next(), self._expected()
        assert (told is None) == (expected is None)
        assert abs((told or timedelta()).total_seconds() - (expected or 0)) < 1e-4 * (1 + len(entries))

    def _expected(self) -> float | None:
        """The seconds that the next is told: of those who wait, in the language that takes longest.

        Who was taken within ten seconds found somebody free, and tells nothing of a wait.
        """
        waiting = [self.model[number].language for number in self._waiting()]
        longest: list[float] = []
        for language in set(waiting) or {"en"}:
            lately = [
                one
                for one in self.waits
                if one.language == language and one.came_at >= self.now - timedelta(days=7)
            ]
            shares = [
                (one.left_at - one.came_at).total_seconds() / self._ahead(lately[: n + 1], one)
                for n, one in enumerate(lately)
                if one.left_at is not None and one.left_at - one.came_at > timedelta(seconds=10)
            ]
            if len(shares) >= 5:
                longest.append(median(shares) * (1 + waiting.count(language)))
        return max(longest, default=None)

    def _ahead(self, earlier: list[Wait], one: Wait) -> int:
        """Who was there when it began, and it itself."""
        return 1 + sum(each.left_at is None or each.left_at > one.came_at for each in earlier[:-1])

    def _places(self) -> dict[int, int]:
        """Of each language: those of it, and for whom nobody else is there, everybody."""
        found: dict[int, int] = {}
        spoken: list[str] = []
        for number in self._order():
            spoken.append(self.model[number].language)
            found[number] = spoken.count(spoken[-1])
        return found

    @invariant()
    def agrees(self) -> None:
        """Who waits, and who holds what."""
        kept = {
            n: (status, agent)
            for n, status, agent in self.rows("SELECT id, status, agent_id FROM conversation")
        }
        for number, matter in self.model.items():
            status = "resolved" if matter.resolved_at else "assigned" if matter.agent_id else "queued"
            assert kept[number] == (status, matter.agent_id), number
        waiting = self.rows("SELECT conversation_id FROM handoff WHERE ended_at IS NULL")
        assert sorted(n for (n,) in waiting) == sorted(self._waiting())
        held = self.rows("SELECT conversation_id, agent_id FROM assignment WHERE ended_at IS NULL")
        assert sorted(held) == sorted(
            (n, m.agent_id) for n, m in self.model.items() if m.agent_id and not m.resolved_at
        )
