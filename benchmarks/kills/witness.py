"""A Bot API server that misbehaves by chance and remembers every message that arrived: when, where, in which life."""

import asyncio
import random
from collections import defaultdict
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.botapi import faults
from tests.botapi.faults import Fault
from tests.botapi.server import BotApiServer
from tests.botapi.wire import Params
from tests.botapi.world import Post

TOKEN = "123456:" + "K" * 35
FAULTS = (
    # one message in so many, and what happens to it; the last two arrive although no good answer comes
    (180, faults.too_many_requests(1)),
    (180, faults.server_error(502)),
    (240, faults.dropped(takes_effect=True)),
    (240, faults.timeout(takes_effect=True)),
)
_is_doubtful: ContextVar[bool] = ContextVar("is_doubtful", default=False)
_connection: ContextVar[asyncio.Transport | None] = ContextVar("connection", default=None)
NOTICED_S = 0.1
"""Until then this server has seen that the other side had gone before its answer."""


@dataclass(slots=True)
class Answer:
    """What became of the answer to a call."""

    is_late: bool = False
    """Whoever called had given up and gone; known after `NOTICED_S`."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that arrived."""

    post: Post
    text: str
    buttons: tuple[str, ...]
    """What its buttons send back, as it was sent."""
    life: int
    """How many lives of the bot had ended before."""
    is_doubtful: bool
    """No good answer was given, by an ordered fault."""
    answer: Answer = field(default_factory=Answer)

    def excuses(self, later_life: int) -> bool:
        """Whether whoever sent it again in this life could not know that it had arrived."""
        return self.is_doubtful or (self.life == later_life and self.answer.is_late)

    @property
    def number(self) -> int | None:
        """The message's row, which its buttons name; None without buttons of a customer's."""
        first = self.buttons[0].partition(":")[0] if self.buttons else ""
        return int(first) if first.isdecimal() else None


def _look_for_who_called(answer: Answer, connection: asyncio.Transport | None) -> None:
    answer.is_late = connection is None or connection.is_closing()


class Dice:
    """In place of ordered faults: each message has its chance of one."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance
        self.is_on = True

    def take(self, method: str, _params: Params) -> Fault | None:
        """The fault for this call, if it is unlucky."""
        if not self.is_on or method.lower() != "sendmessage":
            return None
        drawn = self._chance.random()
        for one_in, fault in FAULTS:
            drawn -= 1 / one_in
            if drawn < 0:
                return fault
        return None


class Witness(BotApiServer):
    """The server; `arrivals` holds what arrived, by chat."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__(token=TOKEN, checks=False, records=False)
        self.faults = Dice(chance)  # type: ignore[assignment]
        self.life = 0
        self.arrivals: dict[int, list[Arrival]] = defaultdict(list)
        self.topics: dict[str, list[int]] = defaultdict(list)
        """The lives in which a topic of this name was made."""

    async def __aenter__(self) -> "Witness":
        await self.start()
        return self

    async def _answer(self, request: web.BaseRequest, method: str) -> web.StreamResponse:
        mark = _connection.set(request.transport)
        try:
            return await super()._answer(request, method)
        finally:
            _connection.reset(mark)

    async def _call(self, method: str, params: Params) -> Any:
        before = len(self.world.sent)
        result = await super()._call(method, params)
        for post in self.world.sent[before:] if method.lower() != "getupdates" else ():
            buttons = tuple(str(button.get("callback_data", "")) for row in post.rows for button in row)
            arrival = Arrival(post, post.text, buttons, self.life, _is_doubtful.get())
            self.arrivals[post.chat_id].append(arrival)
            asyncio.get_running_loop().call_later(
                NOTICED_S, _look_for_who_called, arrival.answer, _connection.get()
            )
        if method.lower() == "createforumtopic":
            self.topics[result["name"]].append(self.life)
        return result

    async def _suffer(
        self, fault: Fault, request: web.BaseRequest, method: str, params: Params
    ) -> web.StreamResponse:
        mark = _is_doubtful.set(True)
        try:
            return await super()._suffer(fault, request, method, params)
        finally:
            _is_doubtful.reset(mark)
