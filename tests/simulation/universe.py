"""One run: the world's agenda drawn from a seed, the processes that live and die in it, and the rules in between."""

import heapq
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from zlib import crc32

from bot.channels.base import Outgoing, Pace
from tests.simulation import checks
from tests.simulation.broken import Broken
from tests.simulation.disk import Disk
from tests.simulation.forum import GROUP, Forum
from tests.simulation.giving import Giving, staff
from tests.simulation.house import SETTINGS_OF, House, WebPage
from tests.simulation.ledger import Ledger
from tests.simulation.loop import SimLoop, enter
from tests.simulation.people import Request, TelegramCustomer, Visitor
from tests.simulation.rules import Looks
from tests.simulation.telegram import Call, Telegram

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
CUSTOMERS = range(101, 107)
SPITEFUL = 0.25
"""The share of seeds in which the process ends while what must not come twice is on its way."""
MOST_STEPS = 60_000
PER_MIN = (20, 60)
"""The staff group's limit; Telegram's own is the first."""
PACES = (Pace(30, 1, 20), Pace(5, 1, 20), Pace(30, 0.5, 20))


@dataclass
class Universe:
    """The world of one seed. `step` moves it by one callback; `trace` is what happened."""

    disk: Disk
    seed: int
    trace: list[str] = field(default_factory=list)
    now: float = 0.0
    wall: timedelta = timedelta()
    """How far the wall clock is from the steady one."""
    steps: int = 0
    crashes: int = 0
    house: House | None = None
    loop: SimLoop | None = None
    requests: list[Request] = field(default_factory=list)
    broken: Broken | None = None
    """The first rule that did not hold."""

    def __post_init__(self) -> None:
        rng = self.rng = Random(self.seed)
        self.disk.reset(Random(rng.random()))
        self.disk.on_commit = self._committed
        self.pace = rng.choice(PACES)
        self.shuffling = rng.choice((0.0, 0.5, 1.0))
        self.ledger = Ledger(self.pace, lambda: self.now)
        self.telegram = Telegram(
            Random(rng.random()),
            lambda: self.now,
            self.note,
            self._departed,
            self._answered,
            self._confirmed,
            self._arrived,
        )
        self.customers = {str(n): TelegramCustomer(n, Random(rng.random()), self.telegram) for n in CUSTOMERS}
        self.visitors = {f"w{n}": Visitor(f"w{n}", Random(rng.random())) for n in range(2)}
        self.forum = self.telegram.forum = self._staff_group()
        self.telegram.edited = lambda chat, number, text: self.customers[chat].texts.__setitem__(number, text)
        self.telegram.left_for_group = self._left_for_group
        self.agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._made = 0
        self.look = self.disk.look()
        self.looks = Looks(self.look, self.ledger)
        self._crash_at = 0
        self._is_spiteful = rng.random() < SPITEFUL
        self.errors: list[str] = []
        self.closed: set[int] = set()
        """Matters that staff have closed at the end, or were asked to."""
        self.presses: set[int] = set()
        """Updates of buttons in the staff group: one that is refused does nothing, and nothing is kept of it."""
        self.settings = rng.choice(SETTINGS_OF)
        if self.settings.pushes:
            staff(self.look, rng)
        self.giving = Giving(self.look, self.settings, lambda: self.now, self.clock, lambda: self.disk.faults)
        self.start()

    def _staff_group(self) -> Forum | None:
        """Half of the shops have one."""
        rng = self.rng
        if rng.random() < 0.5:
            return None
        return Forum(Random(rng.random()), partial(self.telegram.number, str(GROUP)), rng.choice(PER_MIN))

    def at(self, when: float, act: Callable[[], None]) -> None:
        """Let this happen to the world at a moment."""
        self._made += 1
        heapq.heappush(self.agenda, (when, self._made, act))

    def note(self, *what: Any) -> None:
        """A line of the trace."""
        self.trace.append(f"{self.now:.4f} {self.steps} {' '.join(map(str, what))}")

    def clock(self) -> datetime:
        """The wall clock, which may jump."""
        return NOON + self.wall + timedelta(seconds=self.now)

    def set_clock(self, by: timedelta) -> None:
        """Set the wall clock."""
        self.wall += by
        self.giving.jumped()

    def start(self) -> None:
        """A process of the bot starts."""
        self.loop = SimLoop(  # type: ignore[abstract]
            Random(self.rng.random()), self.now, self.shuffling
        )
        self.ledger.fresh()
        if self.forum is not None:
            self.forum.fresh()
        page = WebPage(self._on_page)
        enter(self.loop)
        self.house = House(
            self.disk, self.loop, self.telegram, self.clock, self.pace, page, self.forum, self.settings
        )
        self.giving.restart()
        self.loop.create_task(self.house.run())
        self.note("start")

    def crash_in(self, steps: int) -> None:
        """The process ends so many steps from now."""
        self._crash_at = self.steps + steps

    def crash(self, *, restart_after: float) -> None:
        """The process is gone, with everything that was not committed."""
        if self.loop is None:
            return
        self.crashes += 1
        self._crash_at = 0
        self.telegram.cut()
        self._raise_failures()
        enter(None)
        self.disk.end()
        known = len(self.errors)
        self.loop.bury()
        del self.errors[known:]
        self._forget_process()
        self.note("crash")
        doubted = "SELECT id, doubted_at IS NOT NULL FROM message WHERE delivery = 'sending'"
        for number, is_doubted in self.look.execute(doubted).fetchall():
            self.ledger.interrupted(number, is_doubted=bool(is_doubted))
        self.looks.whole()
        for visitor in self.visitors.values():
            visitor.is_busy = False
        self.at(self.now + restart_after, self.start)

    def step(self) -> bool:
        """One callback of the process, or one act of the world; False when nothing will ever happen again."""
        if self.broken is not None:
            raise self.broken
        if self.loop is not None and self.loop.step():
            self._count()
            return True
        return self._advance()

    def _count(self) -> None:
        self.steps += 1
        if self.steps == self._crash_at or self.disk.is_dead:
            self.crash(restart_after=self.rng.choice((0.1, 1.0, 3.0)))
        if self.steps > MOST_STEPS:
            raise Broken("it never comes to rest")

    def _advance(self) -> bool:
        theirs = self.loop.next_moment() if self.loop is not None else None
        ours = self.agenda[0][0] if self.agenda else None
        if ours is not None and (theirs is None or ours <= theirs):
            self.now = max(self.now, ours)
            if self.loop is not None:
                self.loop.advance(self.now)
            heapq.heappop(self.agenda)[2]()
            return True
        if theirs is None or self.loop is None:
            return False
        self.now = theirs
        if theirs > self.giving.due_at:
            self._watched(self.giving.judge, is_up=self.house is not None and self.house.is_open)
        self.loop.advance(theirs)
        return True

    def check(self) -> None:
        """Look at everything."""
        self._still_alive()
        self.looks.whole()

    def _still_alive(self) -> None:
        self._raise_failures()
        if self.house is not None and self.house.is_open and any(task.done() for task in self.house.loops):
            raise Broken("one of the loops has ended")

    def _raise_failures(self) -> None:
        if self.errors:
            raise Broken(f"logged as an error: {self.errors[0]}")
        for failure in self.loop.failures if self.loop is not None else ():
            raise Broken(f"nobody caught {failure.get('exception')!r}: {failure.get('message')}")

    def end(self) -> sqlite3.Connection:
        """The world stops; the store, to be looked at."""
        enter(None)
        self.disk.end()
        if self.loop is not None:
            self.loop.bury()
        self._forget_process()
        return self.look

    def _forget_process(self) -> None:
        if self.house is not None:
            self.house.end()
        self.loop = self.house = None

    def close(self) -> None:
        """The checker's connection too."""
        self.look.close()

    @property
    def events(self) -> int:
        """What crossed the border between the bot and its world: acts, calls, answers, faults, ends."""
        return len(self.trace) + self.disk.faults

    def digest(self) -> str:
        """The messages and conversations of the store as one number."""
        rows: list[Any] = []
        for query in (
            "SELECT id, conversation_id, author, kind, text, delivery, attempts, platform_id FROM message ORDER BY id",
            "SELECT id, status, agent_id, memory, last_message_at FROM conversation ORDER BY id",
            "SELECT * FROM status_change ORDER BY id",
            "SELECT source, update_id, seen_at FROM seen_update ORDER BY 1, 2",
            "SELECT * FROM timer ORDER BY id",
        ):
            rows += self.look.execute(query).fetchall()
        return f"{crc32(repr(rows).encode()):08x}"

    # --- what the platform and the disk tell ---

    def _watched(self, rule: Callable[..., None], *args: Any, **more: Any) -> None:
        """Apply a rule where the product would catch what is raised."""
        try:
            rule(*args, **more)
        except Broken as error:
            self.broken = self.broken or error

    def _departed(self, call: Call) -> None:
        self.note("send", call.chat, call.message_id)
        if call.once and self._is_spiteful:
            self._is_spiteful = False
            self.crash_in(self.rng.randrange(1, 16))
        self._watched(self.looks.leaves, call.message_id)
        self._watched(self.ledger.departed, call)

    def _answered(self, call: Call, what: str) -> None:
        self.note("answer", call.chat, call.message_id, what)
        self._watched(self.ledger.answered, call, what)
        if what == "RetryAfter":
            self.ledger.told_to_wait(call.chat, self.telegram.flooded_until[call.chat] - self.now)

    def _left_for_group(self, method: str) -> None:
        self.note("for the group", method)
        if self.forum is not None:
            self._watched(self.forum.departed, method, self.now)

    def _arrived(self, call: Call, number: int) -> None:
        self.note("arrived", call.chat, call.message_id, number)
        self._watched(self.ledger.arrived, call)
        self.customers[call.chat].shown(call, number)

    def _confirmed(self, numbers: list[int]) -> None:
        said = [str(number) for number in numbers if number not in self.presses]
        missing = checks.unseen(self.look, "telegram:42", said)
        if missing and self.broken is None:
            self.broken = Broken(f"updates were confirmed before they were stored: {missing}")

    def _on_page(self, outgoing: Outgoing) -> None:
        self.note("page", outgoing.address, outgoing.message_id)
        self.visitors[outgoing.address].shown(outgoing)

    def _committed(self, written: set[str]) -> None:
        self._watched(self._still_alive)
        self._watched(self.looks.after, written)
        self._watched(self.giving.after, written)
