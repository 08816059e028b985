"""Four `frontdesk bot` and two `frontdesk api` on one PostgreSQL, one killed at random every few seconds.

Customers write and agents reply all the while, to whatever lives. The Bot API server and a reverse proxy stand in
this process. First one bot, then four, answer the same crowd as fast as they can; then comes the killing; then the
process that leads is stopped (SIGSTOP) for ten seconds, which no closed connection gives away. At last all is let
come to rest, and the store and the server's log are held against what was written. Once by polling, once by webhook.

    python -m benchmarks.growth [--seconds 60] [--quick] [--form polling|webhook] [--seed N] [--json]

`takeover_s`: from the leader's SIGKILL to the next message sent, at most. `takeover_stopped_s`: from its SIGSTOP.
"""

import asyncio
import os
import random
import signal
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.bars import Bar, command_line, none_of, tell_parts
from benchmarks.databases import database, rows_of
from benchmarks.growth.fleet import TOKEN, Fleet, Member, Proxy, environment
from benchmarks.growth.judging import Verdict, judge
from benchmarks.growth.load import HELD, Load
from benchmarks.shop import prepare
from bot.clock import system_clock
from crm_store import api_keys, staff
from crm_store.engine import Store, open_store
from crm_store.presence import leader
from crm_store.staff import Role
from tests.botapi.server import BotApiServer

PER_SECOND = 60
STOPPED_S = 10.0
CROWD = range(10_001, 10_401)
SECRET = "growth-benchmark-secret-0123456789"
TICKS = os.sysconf("SC_CLK_TCK")
BARS = (
    *none_of("lost", "duplicated", "out_of_order"),
    Bar("extra_per_kill", at_most=1),
    Bar("takeover_s", at_most=10),
    Bar("takeover_stopped_s", at_most=10),
)
"""How soon is taken over is a matter of the program's own leases, not of the machine's speed."""


@dataclass
class Form:
    """One way in, and what was measured of it."""

    form: str
    kills: int = 0
    kills_of_leader: int = 0
    takeovers_s: list[float] = field(default_factory=list)
    takeover_stopped_s: float = 0.0
    one_per_s: float = 0.0
    four_per_s: float = 0.0
    one_cpu_us: float = 0.0
    four_cpu_us: float = 0.0
    verdict: Verdict | None = None

    def figures(self) -> dict[str, Any]:
        """By name."""
        shown = asdict(self)
        shown |= shown.pop("verdict") or {}
        shown["takeover_s"] = max(shown.pop("takeovers_s"), default=0.0)
        shown["four_to_one"] = self.four_per_s / self.one_per_s
        # A stopped leader's calls may arrive again as a killed one's do.
        shown["extra_per_kill"] = shown["extra_deliveries"] / (self.kills + 1)
        return {name: round(v, 2) if isinstance(v, float) else v for name, v in shown.items()}


class Trial:
    """A fleet under load."""

    def __init__(self, server: BotApiServer, fleet: Fleet, store: Store, load: Load, result: Form) -> None:
        self.server, self.fleet, self.store, self.load, self.result = server, fleet, store, load, result

    async def leads(self) -> Member | None:
        """Who polls and sends."""
        async with self.store.reader.connect() as connection:
            name = await leader(connection, "telegram")
        pid = int(name.split()[-1]) if name else 0
        return next((member for member in self.fleet.members if member.pid == pid), None)

    async def drain(self, count: int) -> tuple[float, float]:
        """(messages a second, processor µs a message of all bots) for a crowd that writes at once."""
        sent, cpu, began = len(self.server.world.sent), self._cpu_s(), time.monotonic()
        self.load.write(count, CROWD)
        while len(self.server.world.sent) < sent + count:
            if time.monotonic() - began > 120:
                raise TimeoutError(f"{len(self.server.world.sent) - sent} of {count} were answered")
            await asyncio.sleep(0.005)
        took = time.monotonic() - began
        await asyncio.sleep(0.3)  # the last marks belong to the work
        return count / took, (self._cpu_s() - cpu) / count * 1e6

    def _cpu_s(self) -> float:
        total = 0
        for member in self.fleet.of("bot"):
            fields = Path(f"/proc/{member.pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    async def kill_for(self, seconds: float) -> None:
        """Kill and restart at random; first of all whoever leads."""
        until, is_first, chance = time.monotonic() + seconds, True, self.load.chance
        while time.monotonic() < until:
            leading = await self.leads()
            victim = leading if is_first and leading else chance.choice(self.fleet.members)
            is_first = is_first and leading is None
            at = self.server.world.clock()
            await self.fleet.end(victim, "kill")
            self.result.kills += 1
            if victim is leading:
                self.result.kills_of_leader += 1
                self.result.takeovers_s.append(await self._until_next_message(at))
            await asyncio.sleep(chance.uniform(0.2, 1.0))
            await self.fleet.start(victim)
            await asyncio.sleep(chance.uniform(0.5, 3.0))

    async def _until_next_message(self, at: float, within_s: float = 30) -> float:
        """Seconds from `at`; what was in the air then does not count."""
        sent, until = self.server.world.sent, time.monotonic() + within_s
        await asyncio.sleep(0.1)
        seen = len(sent)
        while len(sent) == seen and time.monotonic() < until:
            await asyncio.sleep(0.01)
        return self.server.world.clock() - at

    async def stop_leader(self) -> None:
        """SIGSTOP the leader, let another take over, and wake it up again."""
        await self.fleet.until_serving()
        while (leading := await self.leads()) is None:
            await asyncio.sleep(0.1)
        began, at = time.monotonic(), self.server.world.clock()
        os.kill(leading.pid, signal.SIGSTOP)
        self.result.takeover_stopped_s = await self._until_next_message(at)
        await asyncio.sleep(max(0.0, STOPPED_S - (time.monotonic() - began)))
        os.kill(leading.pid, signal.SIGCONT)

    async def rest(self, url: str, within_s: float = 90) -> None:
        """Until every update is confirmed and nothing is left to be sent."""
        self.server.faults.clear()
        until = time.monotonic() + within_s
        unsent = "SELECT count(*) FROM message WHERE delivery IN ('pending', 'sending')"
        while time.monotonic() < until:
            if not self.server.world.updates.pending and not (await rows_of(url, unsent))[0][0]:
                return
            await asyncio.sleep(0.2)


async def run(form: str, url: str, seconds: float, crowd: int, seed: int) -> Form:
    """One form's whole trial."""
    await prepare(url)
    store, chance, result = open_store(url), random.Random(seed), Form(form)
    async with BotApiServer(token=TOKEN, checks=False, records=False) as server:
        fleet = Fleet(environment(url, server.base_url))
        proxy = Proxy(fleet, chance)
        await proxy.open()
        if form == "webhook":
            fleet.environment |= {"FRONTDESK_WEBHOOK_URL": proxy.url, "FRONTDESK_WEBHOOK_SECRET": SECRET}
        try:
            await fleet.open()
            await fleet.add("bot")
            key, conversations = await _hold(server, store)
            trial = Trial(server, fleet, store, Load(server, fleet, chance, key, conversations), result)
            await _compare(trial, crowd)
            await _endure(trial, seconds)
            await trial.rest(url)
            result.verdict = await judge(trial.load, url)
        finally:
            await fleet.close()
            await proxy.close()
            await store.close()
    return result


async def _hold(server: BotApiServer, store: Store) -> tuple[str, dict[int, int]]:
    """An agent's key, and conversations that wait for them."""
    async with store.write() as session:
        agent = await staff.create_agent(session, name="Ann", role=Role.AGENT, now=system_clock(), undo_s=0)
        made = await api_keys.create(
            session, name="growth", role=Role.AGENT, now=system_clock(), agent_id=agent.id
        )
    server.pour([(chat, "/human") for chat in HELD])
    for chat in HELD:
        await server.wait_for_sent(chat, timeout=60)
    url = store.url.set(drivername="postgresql").render_as_string(hide_password=False)
    rows = await rows_of(url, "SELECT lane, conversation_id FROM message WHERE author = 'customer'")
    return made.key, {int(lane.partition(":")[2]): number for lane, number in rows}


async def _compare(trial: Trial, crowd: int) -> None:
    """One bot, then four, over the same crowd."""
    await trial.drain(crowd // 4)
    trial.result.one_per_s, trial.result.one_cpu_us = await trial.drain(crowd)
    for _ in range(3):
        await trial.fleet.add("bot")
    await trial.fleet.until_serving()
    await trial.drain(crowd // 4)
    trial.result.four_per_s, trial.result.four_cpu_us = await trial.drain(crowd)


async def _endure(trial: Trial, seconds: float) -> None:
    for _ in range(2):
        await trial.fleet.add("api")
    await trial.fleet.until_serving()
    loads = [asyncio.create_task(work) for work in (trial.load.customers(PER_SECOND), trial.load.agent())]
    try:
        await trial.kill_for(seconds)
        await trial.stop_leader()
    finally:
        for load in loads:
            load.cancel()
            with suppress(asyncio.CancelledError):
                await load


def measure(forms: list[str], seconds: float, crowd: int, seed: int, url: str | None = None) -> list[Form]:
    """Each form on a fresh database; `url` is only for one form."""
    found = []
    for form in forms:
        with database(url) as fresh:
            found.append(asyncio.run(run(form, fresh, seconds, crowd, seed)))
    return found


def main() -> int:
    """Print the figures; 1 when anything was lost, doubled, disordered or not taken over in time."""
    parser = command_line(__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="of killing, for each form")
    parser.add_argument("--quick", action="store_true", help="a few kills and a small crowd")
    parser.add_argument("--form", choices=("polling", "webhook"))
    parser.add_argument("--database-url", help="an empty PostgreSQL database, with --form")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    given = parser.parse_args()
    seconds, crowd = (5.0, 400) if given.quick else (given.seconds, 3000)
    forms = [given.form] if given.form else ["polling", "webhook"]
    found = measure(forms, seconds, crowd, given.seed, given.database_url)
    parts = {each.form: each.figures() for each in found}
    return tell_parts(parts, BARS, as_json=given.json, seed=given.seed)


if __name__ == "__main__":
    sys.exit(main())
