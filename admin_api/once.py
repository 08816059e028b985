"""Writing to customers once, though the request comes twice: its answer may have been lost on the network."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from pydantic import BaseModel, Field

from admin_api.contract import Context, Reply
from admin_api.schemas.conversations import MessageShown
from crm_store import repeats
from crm_store.models.conversations import Message
from crm_store.models.staff import Agent
from crm_store.session import Session

REPEATED = {"Idempotent-Replayed": "true"}
MAX_NAME = 64


class Named(BaseModel):
    """The name that whoever asks gave the request."""

    idempotency_key: str | None = Field(
        None,
        min_length=1,
        max_length=MAX_NAME,
        description="A random name for this request: repeated within a week, it gets what the first one did and "
        "says nothing anew (the header Idempotent-Replayed tells so)",
    )


NAMELESS = Named.model_construct(idempotency_key=None)


@dataclass(frozen=True, slots=True)
class Said:
    """A message, and whether an earlier request had led to it."""

    message: Message
    is_repeat: bool

    def reply(self) -> Reply[MessageShown]:
        """The answer of the API."""
        return Reply(MessageShown.model_validate(self.message), dict(REPEATED) if self.is_repeat else {})


async def once(
    context: Context,
    session: Session,
    named: Named,
    what: tuple[object, ...],
    say: Callable[[Agent], Awaitable[Message]],
) -> Said:
    """What the request leads to: said now, or before under the same name; `what` tells all that it asks for."""
    agent = await context.agent(session)
    if named.idempotency_key is None:
        return Said(await say(agent), False)
    request = repeats.asked(named.idempotency_key, (context.action, *what))
    before = await repeats.led_to(session, agent.id, request, now=context.now)
    if before is not None:
        return Said(before, True)
    message = await say(agent)
    await repeats.note(session, agent.id, request, message)
    return Said(message, False)
