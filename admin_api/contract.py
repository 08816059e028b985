"""A route and what its handler is given: everything typed, everything declared."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, Generic, TypeVar

from aiohttp import web

from admin_api.access import Access, Caller
from admin_api.cursors import CURSORS, Cursors
from admin_api.problems import ApiError
from admin_api.services import Services
from crm_store import api_keys, audit, kept_answers
from crm_store.kept_answers import Wish
from crm_store.models.staff import Agent
from crm_store.session import Session

B = TypeVar("B")


@dataclass(frozen=True, slots=True)
class Reply(Generic[B]):
    """What a handler answers: a pydantic model (or None for no content) and headers."""

    body: B
    headers: dict[str, str] = field(default_factory=dict)


Handler = Callable[..., Awaitable[Any]]
"""Takes any of context, path, query, headers, body by name; gives a Reply, or a response as it is to be sent."""


class Audience(Enum):
    """Who a route is for: programs get problem documents and stand in the OpenAPI document, browsers get pages."""

    PROGRAMS = "programs"
    BROWSERS = "browsers"


@dataclass(frozen=True, slots=True)
class Route:
    """One address. `needs` has no default: nobody can declare a route and forget who may call it."""

    method: str
    path: str
    handler: Handler
    needs: Access
    summary: str
    status: int = 200
    audience: Audience = Audience.PROGRAMS

    @property
    def name(self) -> str:
        """Resource and verb, such as customers.create; also the action in the audit."""
        return f"{self.handler.__module__.rpartition('.')[2]}.{self.handler.__name__}"


@dataclass(slots=True)
class Claim:
    """The name of what is asked for, and whether a transaction that is committed took it."""

    wish: Wish
    is_taken: bool = False


@dataclass(frozen=True, slots=True)
class Context:
    """One request's surroundings."""

    services: Services
    caller: Caller
    now: datetime
    request: web.Request
    action: str
    claim: Claim | None = None
    """What is to be done once, though it may be asked for twice (repeating.py)."""

    def read(self) -> AbstractAsyncContextManager[Session]:
        """A session for reading."""
        return self.services.store.read()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Session]:
        """A transaction, committed when it is left without an error; the first takes the request's name."""
        async with self.services.store.write() as session:
            if self.claim and not self.claim.is_taken:
                await kept_answers.claim(session, self.claim.wish, now=self.now)
            yield session
        if self.claim:
            self.claim.is_taken = True

    async def take_name(self) -> None:
        """Take the request's name before what is done in transactions of its own; raises AskedBefore."""
        if self.claim:
            async with self.write():
                pass

    @property
    def wish(self) -> Wish | None:
        """The request by its name, where it has one."""
        return self.claim.wish if self.claim else None

    @property
    def cursors(self) -> Cursors:
        """Signs and reads cursors."""
        return self.request.app[CURSORS]

    async def audit(self, session: Session, subject: str, **detail: Any) -> None:
        """Write the change down, in its own transaction."""
        await audit.record(
            session,
            actor=self.caller.name,
            action=self.action,
            subject=subject,
            now=self.now,
            detail=detail,
        )

    async def agent(self, session: Session) -> Agent:
        """The agent in whose name the caller works on conversations."""
        if self.caller.agent is not None:
            return self.caller.agent
        if self.caller.key_id is None:
            raise ApiError(403, "nobody is signed in")
        return await api_keys.acting_agent(session, self.caller.key_id, now=self.now)
