"""A Telegram in the same process: updates until they are confirmed, calls that fail in every way the real one has.

The seam is `Api.call`, the product's one way to Telegram; errors are those its transport raises.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any, TypeVar

import orjson
from telegram.error import BadRequest, Forbidden, NetworkError, RetryAfter, TelegramError, TimedOut

from bot.channels.base import Outgoing
from bot.channels.telegram.api import Api
from bot.channels.telegram.sending import TelegramChannel
from bot.channels.telegram.transport import NotSent, ServerAway
from tests.simulation.forum import GROUP, Forum

T = TypeVar("T")
Json = dict[str, Any]
READ_TIMEOUT_S = 10.0
FAULTS = (
    # (what happens to a call, how often beside the others)
    ("flood", 5), ("away", 4), ("refused", 4), ("lost", 3), ("arrived", 3), ("reset", 2), ("reset_arrived", 2),
    ("slow", 5), ("gone", 1), ("bad", 1),
)  # fmt: skip
DOUBTFUL = (("reset", 6), ("reset_arrived", 6), ("lost", 1), ("arrived", 1), ("slow", 1))
"""A network on which most calls end without an answer."""
sending: ContextVar[Outgoing | None] = ContextVar("sending", default=None)
"""The message row that the present call is about."""


@dataclass(slots=True)
class Call:
    """A sending on its way: did it arrive?"""

    chat: str
    message_id: int | None
    """Our row's."""
    body: Json
    once: bool = False
    """Better never than twice."""
    has_arrived: bool = False


@dataclass
class Telegram:
    """The platform. It outlives the bot's processes; `cut` is what their end means to it."""

    rng: Random
    now: Callable[[], float]
    note: Callable[..., None]
    departed: Callable[[Call], None]
    """Told of each sending before it leaves."""
    answered: Callable[[Call, str], None]
    """Told what the caller of a sending learned."""
    confirmed: Callable[[list[int]], None]
    """Told which updates are not delivered again."""
    arrived: Callable[[Call, int], None]
    """Told of a message that a chat shows now, with the platform's id of it."""
    forum: Forum | None = None
    """The staff group, where there is one."""
    left_for_group: Callable[[str], None] = lambda _method: None
    """Told of each call about the staff group before it leaves."""
    edited: Callable[[str, int, str], None] = lambda *_: None
    """Told of a message whose text is another now: chat, the platform's id, text."""
    fault_chance: float = 0.0
    updates: list[Json] = field(default_factory=list)
    next_update: int = 1000
    next_message: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    flooded_until: dict[str, float] = field(default_factory=dict)
    _on_way: dict[int, Call] = field(default_factory=dict)
    _in_group: dict[int, tuple[str, Json]] = field(default_factory=dict)
    _poll: "asyncio.Future[None] | None" = None

    def __post_init__(self) -> None:
        self._faults = DOUBTFUL if self.rng.random() < 0.25 else FAULTS

    def offer(self, update: Json, *, again: bool = False) -> None:
        """A customer did something; `again` repeats an update under its own number."""
        if not again:
            update["update_id"] = self.next_update
            self.next_update += 1
        self.updates.append(update)
        if self._poll is not None and not self._poll.done():
            self._poll.set_result(None)

    def number(self, chat: str) -> int:
        """The next message id of a chat."""
        self.next_message[chat] += 1
        return self.next_message[chat]

    def cut(self) -> None:
        """The bot's process is dead; what was on the wire may have left in time."""
        for call in self._on_way.values():
            if not call.has_arrived and self.rng.random() < 0.5:
                self._show(call)
        self._on_way.clear()
        for method, params in self._in_group.values():
            if self.forum is not None and self.rng.random() < 0.5:
                with suppress(BadRequest):
                    self.forum.do(method, params)
        self._in_group.clear()
        self._poll = None

    async def call(self, method: str, params: Json) -> Any:
        """One call of the Bot API."""
        if method == "getUpdates":
            return await self._get_updates(params.get("offset"), float(params.get("timeout") or 0))
        if self.forum is not None and params.get("chat_id") == GROUP:
            return await self._about_group(self.forum, method, params)
        if not method.startswith("send"):
            return await self._aside(method, params)
        call = _call(params)
        self.departed(call)
        self._on_way[id(call)] = call
        try:
            result = await self._send(call)
        except TelegramError as error:
            self.answered(call, type(error).__name__)
            raise
        finally:
            self._on_way.pop(id(call), None)
        self.answered(call, "ok")
        return result

    async def _send(self, call: Call) -> Json:
        fault = self._fault()
        if fault == "gone":
            raise Forbidden("bot was blocked by the user")
        if fault == "bad":
            raise BadRequest("message text is empty")
        number = await self._over_the_wire(call.chat, fault, lambda: self._show(call))
        return {"message_id": number, "chat": {"id": int(call.chat)}}

    async def _about_group(self, forum: Forum, method: str, params: Json) -> Any:
        """A call about the staff group; the group is never gone, and refuses only what cannot be done."""
        self.left_for_group(method)
        fault = self._fault()
        self._in_group[id(params)] = method, params

        def act() -> Any:
            self._in_group.pop(id(params), None)
            return forum.do(method, params)

        try:
            result = await self._over_the_wire(str(GROUP), fault, act)
        except RetryAfter:
            if method != "editMessageReplyMarkup":  # drawn beside the posts; it is not tried again
                forum.told_until = self.flooded_until[str(GROUP)]
            raise
        finally:
            self._in_group.pop(id(params), None)
        self.note("group", method, params.get("message_thread_id", ""))
        return result

    async def _over_the_wire(self, chat: str, fault: str | None, act: Callable[[], T]) -> T:
        """The result of `act`, which happens on the platform's side, or in what way it did not get back."""
        if self.now() < self.flooded_until.get(chat, 0.0):
            raise RetryAfter(timedelta(seconds=self.flooded_until[chat] - self.now()))
        await asyncio.sleep(self.rng.choice((0.005, 0.02, 0.08)))
        match fault:
            case "flood":
                seconds = self.rng.choice((1, 2, 5, 12))
                self.flooded_until[chat] = self.now() + seconds
                raise RetryAfter(timedelta(seconds=seconds))
            case "away":
                raise ServerAway("The server answered 502")
            case "refused":
                raise NotSent("Cannot connect")
            case "lost" | "arrived" | "reset" | "reset_arrived":
                if fault.endswith("arrived"):
                    act()
                await asyncio.sleep(0.01 if fault.startswith("reset") else READ_TIMEOUT_S)
                raise NetworkError("connection reset") if fault.startswith("reset") else TimedOut()
            case "slow":
                await asyncio.sleep(self.rng.uniform(0.5, 9.0))
        result = act()
        await asyncio.sleep(0.005)
        return result

    async def _aside(self, method: str, params: Json) -> Any:
        fault = self._fault()
        await asyncio.sleep(0.01)
        if fault in ("away", "refused", "lost", "reset"):
            raise ServerAway("The server answered 502")
        self.note("api", method)
        if method == "editMessageText":
            self.edited(str(params["chat_id"]), params["message_id"], params["text"])
        return True

    async def _get_updates(self, offset: int | None, timeout_s: float) -> list[Json]:
        fault = self._fault()
        await asyncio.sleep(0.01)
        if fault in ("away", "refused"):
            raise ServerAway("The server answered 502")
        if offset is not None:
            done = [u["update_id"] for u in self.updates if u["update_id"] < offset]
            self.updates = [u for u in self.updates if u["update_id"] >= offset]
            self.confirmed(done)
        if not self.updates:
            self._poll = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(timeout_s):
                    await self._poll
            except TimeoutError:
                return []
        if fault in ("lost", "arrived", "reset"):
            raise NetworkError("connection reset")
        found = orjson.loads(orjson.dumps(self.updates[:100]))
        self.note("poll", offset, [u["update_id"] for u in found])
        return list(found)

    def _show(self, call: Call) -> int:
        call.has_arrived = True
        number = self.number(call.chat)
        self.arrived(call, number)
        return number

    def _fault(self) -> str | None:
        if not self.fault_chance or self.rng.random() >= self.fault_chance:
            return None
        kinds, weights = zip(*self._faults, strict=True)
        return str(self.rng.choices(kinds, weights)[0])


def _call(params: Json) -> Call:
    outgoing = sending.get()
    if outgoing is None:
        return Call(str(params["chat_id"]), None, params)
    once = outgoing.at_most_once or outgoing.is_rating
    return Call(str(params["chat_id"]), outgoing.message_id, params, once)


class SimApi(Api):
    """The product's client with the platform at its other end."""

    def __init__(self, telegram: Telegram) -> None:
        self._telegram = telegram
        self.bot_id = 42

    async def call(self, method: str, **params: Any) -> Any:
        """The call's result, or the error the transport would raise."""
        return await self._telegram.call(method, params)


class SimChannel(TelegramChannel):
    """The product's channel; it only tells which row each call is about."""

    async def send(self, outgoing: Outgoing) -> str | None:
        """Send the message."""
        sending.set(outgoing)
        return await super().send(outgoing)
