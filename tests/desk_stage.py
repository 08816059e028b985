"""Browsers of the desk without a browser: they keep cookies, follow redirects, and send forms as browsers do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import insert

from crm_store.engine import Store
from crm_store.lifecycle import Status
from crm_store.models.base import table_of
from crm_store.models.conversations import Conversation, Handoff, Message, StatusChange
from crm_store.models.customers import Customer, Identity
from crm_store.session import Session
from tests.admin_stage import Stage, signed_in

FROM_HERE = {"Accept": "text/html,*/*;q=0.8", "Sec-Fetch-Site": "same-origin"}


@dataclass(frozen=True)
class Seen:
    """What the browser shows."""

    status: int
    headers: dict[str, str]
    text: str
    path: str


@dataclass
class Visitor:
    """One browser."""

    stage: Stage
    headers: dict[str, str] = field(default_factory=dict)

    async def visit(self, path: str, **headers: str) -> Seen:
        """The page at this address, after redirects."""
        return await self._ask("GET", path, headers, allow_redirects=True)

    async def send(
        self, path: str, follow: bool = True, headers: dict[str, str] | None = None, **fields: Any
    ) -> Seen:
        """The answer to a form."""
        return await self._ask("POST", path, headers or {}, data=fields, allow_redirects=follow)

    async def _ask(self, method: str, path: str, headers: dict[str, str], **options: Any) -> Seen:
        sent = {**FROM_HERE, **self.headers, **headers}
        async with self.stage.client.request(method, path, headers=sent, **options) as answer:
            return Seen(answer.status, dict(answer.headers), await answer.text(), answer.url.path)


async def agent_browser(stage: Stage, role: str = "agent") -> Visitor:
    """The browser of the agent of this role, signed in."""
    return Visitor(stage, await signed_in(stage, role))


class Place(Protocol):
    """Where customers are: a store, and what time it is there."""

    @property
    def store(self) -> Store: ...

    @property
    def clock(self) -> Callable[[], datetime]: ...


async def customer_waits(
    stage: Place,
    *words: str,
    name: str | None = "Anna Berg",
    address: str = "anna",
) -> int:
    """The id of a new conversation in which a customer said these words and waits for a person."""
    now = stage.clock()
    async with stage.store.write() as session:
        identity = await _person(session, name, address, now)
        waiting = Conversation(
            customer_id=identity.customer_id,
            identity_id=identity.id,
            channel="web",
            status=Status.QUEUED,
            language="en",
            handoff_reason="asked_for_person",
            queued_at=now - timedelta(minutes=4),
            created_at=now,
            last_message_at=now,
        )
        session.add(waiting)
        await session.flush()
        said = {"conversation_id": waiting.id, "customer_id": identity.customer_id, "author": "customer"}
        rows = [{**said, "created_at": now, "text": text} for text in words]
        await session.execute(insert(table_of(Message)), rows)
        session.add(Handoff(conversation_id=waiting.id, reason="asked_for_person", queued_at=now))
        session.add(
            StatusChange(
                conversation_id=waiting.id,
                change="handoff",
                from_status=Status.BOT,
                to_status=Status.QUEUED,
                actor="customer",
                reason="asked_for_person",
                changed_at=now,
            )
        )
    return waiting.id


async def _person(session: Session, name: str | None, address: str, now: datetime) -> Identity:
    customer = Customer(name=name, language="en", created_at=now, updated_at=now)
    session.add(customer)
    await session.flush()
    identity = Identity(
        customer_id=customer.id,
        channel="web",
        address=address,
        display_name=name,
        created_at=now,
        last_seen_at=now,
    )
    session.add(identity)
    await session.flush()
    return identity
