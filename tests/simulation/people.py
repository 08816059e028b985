"""Who uses the shop: customers on Telegram and in the web chat, and staff. What they do is drawn from the seed."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from bot.channels.base import Inbound, Kind, Outgoing, Press
from crm_store import attendance, conversations, handing_on, publishing, queue, reopening, snoozing
from crm_store.articles import ArticleDraft
from crm_store.engine import is_outage
from crm_store.errors import StoreError
from crm_store.models.staff import Agent
from crm_store.session import Session
from tests.simulation.forum import AGENTS, account_of
from tests.simulation.house import House
from tests.simulation.telegram import Call, Telegram

TEXTS = (
    "where is my parcel", "parcel", "qwx zvb", "/human", "hello", "money", "ways to pay", "/cancel", "thanks",
    "how do i return it", "/start", "...", "/language zh", "怎么退货",
)  # fmt: skip
POISON = "☠"
ARTICLES = ("track", "returns", "payment")


@dataclass
class TelegramCustomer:
    """Somebody with a Telegram account."""

    chat: int
    rng: Random
    telegram: Telegram
    keyboards: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    said: list[tuple[int, str]] = field(default_factory=list)
    poisoned: set[int] = field(default_factory=set)
    texts: dict[int, str] = field(default_factory=dict)
    """What the chat shows of ours, by the platform's id."""

    def shown(self, call: Call, number: int) -> None:
        """A message stands in the chat."""
        self.texts[number] = str(call.body.get("text", ""))
        if call.body.get("reply_markup"):
            self.keyboards.append((number, call.body["reply_markup"]))

    def act(self) -> dict[str, Any]:
        """One thing they do; the update that tells of it."""
        drawn = self.rng.random()
        if drawn < 0.3 and self.keyboards:
            return self._press()
        if drawn < 0.38 and self.said:
            return self._edit()
        if drawn < 0.41:
            member = {"old_chat_member": {"status": "member"}, "new_chat_member": {"status": "kicked"}}
            return {"my_chat_member": {"chat": self._chat(), "from": self._sender(), "date": 1, **member}}
        return {"message": self._say(POISON if drawn > 0.985 else self.rng.choice(TEXTS))}

    def _say(self, text: str) -> dict[str, Any]:
        number = self.telegram.number(str(self.chat))
        (self.poisoned.add(number) if text == POISON else self.said.append((number, text)))
        return self._message(number, text)

    def _message(self, number: int, text: str) -> dict[str, Any]:
        return {"message_id": number, "date": 1, "chat": self._chat(), "from": self._sender(), "text": text}

    def _chat(self) -> dict[str, Any]:
        return {"id": self.chat, "type": "private"}

    def _sender(self) -> dict[str, Any]:
        return {"id": self.chat, "is_bot": False, "first_name": f"C{self.chat}", "language_code": "en"}

    def _press(self) -> dict[str, Any]:
        number, markup = self.rng.choice(self.keyboards[-4:])
        button = self.rng.choice([b for row in markup["inline_keyboard"] for b in row])
        shown = self._message(number, "?") | {"reply_markup": markup}
        press = {"id": f"{number}", "from": self._sender(), "message": shown, "data": button["callback_data"]}
        return {"callback_query": press}

    def _edit(self) -> dict[str, Any]:
        number, _ = self.rng.choice(self.said)
        return {"edited_message": self._message(number, self.rng.choice(TEXTS)) | {"edit_date": 2}}


@dataclass
class Visitor:
    """Somebody in the web chat: their page says everything again until it is accepted."""

    address: str
    rng: Random
    unaccepted: list[Inbound] = field(default_factory=list)
    accepted: list[Inbound] = field(default_factory=list)
    buttons: list[tuple[int, int]] = field(default_factory=list)
    made: int = 0
    is_busy: bool = False

    def shown(self, outgoing: Outgoing) -> None:
        """A message stands on the page."""
        self.buttons += [(outgoing.message_id, index) for index in range(len(outgoing.choices))]

    def act(self) -> None:
        """One thing they do."""
        self.made += 1
        number, press, text = str(self.made), None, self.rng.choice(TEXTS)
        if self.buttons and self.rng.random() < 0.25:
            press, text = Press(*self.rng.choice(self.buttons[-8:])), ""
            update = f"{self.address}:p{press.message_id}.{press.index}"
        else:
            update = f"{self.address}:{number}"
        kind = Kind.PRESSED if press else Kind.TEXT
        platform_id = None if press else number
        self.unaccepted.append(
            Inbound("web", update, "web", self.address, kind, text, press, platform_id=platform_id)
        )

    async def talk(self, house: House) -> None:
        """Say what was not accepted yet, one after the other."""
        self.is_busy = True
        while self.unaccepted:
            await house.reception.receive([self.unaccepted[0]])
            self.accepted.append(self.unaccepted.pop(0))
        self.is_busy = False


Ask = Callable[[Session, Agent, int], Awaitable[object]]


@dataclass
class Request:
    """Something a member of staff asked of the desk, and how it ended."""

    agent_id: int
    what: str
    conversation_id: int
    outcome: str = "unknown"
    """'done', 'refused', 'away', or 'unknown' while no answer came."""
    reply_id: int | None = None

    async def run(self, house: House) -> None:
        """Ask, in one transaction as a handler does."""
        try:
            async with house.store.write() as session:
                agent = await session.get_one(Agent, self.agent_id)
                await self._do(session, agent, house)
        except StoreError:
            self.outcome = "refused"
        except Exception as error:
            if not is_outage(error):
                raise
            self.outcome = "away"
        else:
            self.outcome = "done"

    async def _do(self, session: Session, agent: Agent, house: House) -> None:
        now, number = house.clock(), self.conversation_id
        match self.what:
            case "take_next":
                held = await queue.take_next(session, agent, now=now)
                self.conversation_id = held.id if held is not None else 0
            case "take":
                await queue.take(session, number, agent, now=now)
            case "reply":
                said = await conversations.reply(session, number, agent, "I am looking into it.", now=now)
                self.reply_id = said.id
            case "release":
                await queue.release(session, number, agent, now=now)
            case "resolve":
                await queue.resolve(session, number, agent, now=now, settings=house.settings)
            case "reopen":
                await reopening.reopen(session, number, agent, now=now)
            case "transfer":
                to = await session.get_one(Agent, self.agent_id % len(AGENTS) + 1)
                await handing_on.transfer(session, number, by=agent, to=to, now=now, settings=house.settings)
            case "to_team":
                await snoozing.transfer_to_team(session, number, by=agent, team="returns", now=now)
            case "online":
                await attendance.set_presence(session, agent, "online", now=now, lasts=attendance.DESK_LASTS)
            case "shift":
                await attendance.set_presence(session, agent, "online", now=now, lasts=attendance.SHIFT_LASTS)
            case "away" | "offline":
                await attendance.set_presence(session, agent, self.what, now=now)
            case "renew":
                await attendance.renew(session, agent.id, now=now)
            case _:
                drafts = [draft(key, f"as of {now:%H:%M:%S}") for key in ARTICLES]
                await publishing.publish(session, drafts, by="staff", now=now)


def draft(key: str, answer: str) -> ArticleDraft:
    """An article of the fixed knowledge base."""
    return ArticleDraft(key, f"About {key}?", (key,), f"{key}: {answer}")


async def prepare(house: House) -> None:
    """What the shop begins with: three articles, three agents."""
    async with house.store.write() as session:
        await publishing.publish(
            session, [draft(key, "at first") for key in ARTICLES], by="staff", now=house.clock()
        )
        for number in AGENTS:
            session.add(
                Agent(
                    name=f"A{number}",
                    role="supervisor",
                    telegram_user_id=account_of(number),
                    created_at=house.clock(),
                )
            )
    await asyncio.sleep(0)
