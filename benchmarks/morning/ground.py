"""Where the morning takes place: the program as its user starts it, Telegram's side of it, the staff at their desks."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

from benchmarks.faults.program import TOKEN, Program, command, running
from benchmarks.morning.customer import Customer
from benchmarks.morning.desk_agent import DeskAgent
from benchmarks.morning.group_agent import GroupAgent
from benchmarks.morning.phones import Phone, TelegramPhone
from benchmarks.morning.plans import Plan
from benchmarks.morning.web_phone import WebPhone
from tests.botapi.server import BotApiServer
from tests.browser import CHROMIUM

GROUP = -1001234567890
AGENT_ID = 71
FIRST_CUSTOMER_ID = 1001
IN_THE_GROUP, AT_THE_DESK = "Tara", ("Mara", "Noor")
SETTINGS = {
    "telegram_staff_group": str(GROUP),
    # Hours pass in minutes here, so the group takes more a minute; what customers get keeps to the platform's pace.
    "per_group_per_min": "3000",
    "overall_per_s": "30",
    "per_chat_per_s": "1",
    "trusted_proxies": "127.0.0.1",
    "log_json": "false",
}
AGENTS_HOLD = 6


@dataclass
class Ground:
    """Everything that stands when the first customer comes."""

    server: BotApiServer
    program: Program
    folder: Path
    group_agent: GroupAgent
    desk_agents: list[DeskAgent]
    _headers: dict[str, str]

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.folder / "frontdesk.db"

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """The API's answer, in the name of the owner."""
        return await _ask(self.program, self._headers, method, path, body)

    def customer(self, plan: Plan) -> Customer:
        """Somebody with this plan, and what they reach the house by."""
        phone: Phone
        if plan.channel == "telegram":
            person = self.server.user(FIRST_CUSTOMER_ID + plan.number, plan.name, plan.language)
            phone = TelegramPhone(self.server, person)
        else:
            phone = WebPhone(self.program.http, self.program.public, plan.number, plan.name, plan.language)
        return Customer(plan, phone)


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Ground]:
    """`frontdesk run --sample`, three agents at work."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(BotApiServer(token=TOKEN))
        group, person = server.group(GROUP, "Desk"), server.user(AGENT_ID, IN_THE_GROUP)
        group.add(person)
        program = await stack.enter_async_context(
            running(folder, server, "run", "--sample", settings=SETTINGS)
        )
        made = await command(folder, "keys", "create", "--role", "admin", "--name", "morning")
        headers = {"Authorization": f"Bearer {made['key']}"}
        codes = {
            name: await _hire(program, headers, name, "telegram" if name == IN_THE_GROUP else "sign_in")
            for name in (IN_THE_GROUP, *AT_THE_DESK)
        }
        group_agent = GroupAgent(server, person, group, IN_THE_GROUP)
        await group_agent.clock_in(codes[IN_THE_GROUP])
        playwright = await stack.enter_async_context(async_playwright())
        # Without a sandbox, because this often runs as root in a container.
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        stack.push_async_callback(browser.close)
        desk_agents = [
            await DeskAgent.arrive(browser, program.staff, name, codes[name]) for name in AT_THE_DESK
        ]
        yield Ground(server, program, folder, group_agent, desk_agents, headers)


async def _hire(program: Program, headers: dict[str, str], name: str, purpose: str) -> str:
    """An agent who speaks both languages; the code of their first day."""
    agent = {"name": name, "role": "supervisor", "capacity": AGENTS_HOLD, "languages": ["en", "zh"]}
    made = await _ask(program, headers, "POST", "/staff", agent)
    code = await _ask(program, headers, "POST", f"/staff/{made['id']}/codes", {"purpose": purpose})
    return str(code["code"])


async def _ask(program: Program, headers: dict[str, str], method: str, path: str, body: Any) -> Any:
    url = f"{program.staff}/api/v1{path}"
    async with program.http.request(method, url, headers=headers, json=body) as response:
        told = await response.json()
        if response.status >= 400:
            raise RuntimeError(f"{method} {path}: {response.status} {told}")
        return told


UNSENT = ("frontdesk_messages_unsent", "frontdesk_posts_unsent")


async def at_rest(ground: Ground, idle_s: float) -> bool:
    """Whether everything came to rest: every update taken in, every message and post gone out.

    It may take as long as there is less and less of it: the group takes one message a second, so what a long
    morning leaves takes minutes. False when for `idle_s` there was no less than before.
    """
    loop = asyncio.get_running_loop()
    least, since = float("inf"), loop.time()
    while loop.time() - since < idle_s:
        metrics = await ground.program.metrics()
        left = sum(map(metrics.__getitem__, UNSENT)) + len(ground.server.world.updates.pending)
        if not left:
            return True
        if left < least:
            least, since = left, loop.time()
        await asyncio.sleep(0.2)
    return False
