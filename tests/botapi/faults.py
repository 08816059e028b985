"""Faults to order: what goes wrong with which call, and whether the call took effect first."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from tests.botapi import errors
from tests.botapi.errors import ApiError
from tests.botapi.wire import Params

_HTML = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to a call: whether it takes effect, the pause, the answer that replaces the real one."""

    takes_effect: bool = False
    delay: float = 0.0
    drops_connection: bool = False
    refusal: ApiError | None = None
    status: int = 0
    body: str = ""


def too_many_requests(retry_after: int = 1) -> Fault:
    """429 with retry_after seconds; nothing is delivered."""
    return Fault(refusal=errors.too_many_requests(retry_after))


def forbidden(reason: str = "bot was blocked by the user") -> Fault:
    """403; nothing is delivered."""
    return Fault(refusal=errors.forbidden(reason))


def bad_request(reason: str, **parameters: int) -> Fault:
    """400; nothing is delivered."""
    return Fault(refusal=errors.bad_request(reason, **parameters))


def server_error(status: int = 502, *, takes_effect: bool = False) -> Fault:
    """5xx with an HTML body, as a proxy in front of the Bot API answers."""
    return Fault(takes_effect=takes_effect, status=status, body=_HTML.format(f"{status} Bad Gateway"))


def broken_json() -> Fault:
    """200 with a cut-off body after the call took effect."""
    return Fault(takes_effect=True, status=200, body='{"ok":true,"resu')


def timeout(*, takes_effect: bool = True) -> Fault:
    """No answer until the client gives up; the ambiguous case is the one that took effect."""
    return Fault(takes_effect=takes_effect, delay=math.inf)


def dropped(*, takes_effect: bool) -> Fault:
    """The connection is closed without an answer, before or after the call took effect."""
    return Fault(takes_effect=takes_effect, drops_connection=True)


def slow(seconds: float) -> Fault:
    """The right answer, late."""
    return Fault(takes_effect=True, delay=seconds)


@dataclass(slots=True)
class _Rule:
    fault: Fault
    method: str
    chat_id: int | None
    times: int
    saying: str = ""


@dataclass(slots=True)
class Faults:
    """The faults on order; the first rule that fits a call is used, `times` times."""

    rules: list[_Rule] = field(default_factory=list)

    def add(self, fault: Fault, method: str, chat_id: int | None, times: int, saying: str = "") -> None:
        """Order `fault`; `method` may end in * ("send*", "*"); `saying` stands in the text of the call."""
        self.rules.append(_Rule(fault, method.lower(), chat_id, times, saying))

    def clear(self) -> None:
        """Cancel all orders."""
        self.rules.clear()

    def take(self, method: str, params: Params) -> Fault | None:
        """The fault for this call, if one is on order."""
        if not self.rules:
            return None
        name, chat_id = method.lower(), params.find_integer("chat_id")
        for rule in self.rules:
            if rule.chat_id not in (None, chat_id) or not _names(rule.method, name):
                continue
            if rule.saying not in params.text("text"):
                continue
            rule.times -= 1
            if rule.times <= 0:
                self.rules.remove(rule)
            return rule.fault
        return None


def _names(pattern: str, method: str) -> bool:
    return method.startswith(pattern[:-1]) if pattern.endswith("*") else method == pattern
