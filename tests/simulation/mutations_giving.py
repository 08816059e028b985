"""Giving by itself broken on purpose."""

from dataclasses import replace
from typing import Any
from unittest.mock import patch

from sqlalchemy import select, true

from bot.dispatch import Dispatcher
from crm_store import attendance, conversations, dispatching, duty, queueing, resting, unanswered
from crm_store.models.conversations import Conversation
from crm_store.models.staff import Agent
from crm_store.queue import IN_ORDER, IS_QUEUED
from crm_store.settings import StoreSettings
from tests.simulation.mutations_group import Patches, Planted


def _given_where_agents_take() -> Patches:
    """The setting counts for nothing."""
    return [patch.object(StoreSettings, "pushes", property(lambda _self: True))]


def _leases_never_end() -> Patches:
    """Who was online once is so until they say otherwise."""
    return [patch.object(attendance, "is_online", lambda _now: Agent.presence == "online")]


def _away_counts_as_there() -> Patches:
    """Agents who said that they are away are given conversations as well."""
    return [patch.object(attendance, "is_online", lambda _now: Agent.presence != "offline")]


def _capacity_not_kept() -> Patches:
    """Everybody can hold one more."""
    free = duty.candidates

    async def roomy(*args: Any, **more: Any) -> Any:
        found = await free(*args, **more)
        return {n: (agent, _with_room(candidate)) for n, (agent, candidate) in found.items()}

    return [patch.object(duty, "candidates", roomy)]


def _with_room(candidate: queueing.Candidate) -> queueing.Candidate:
    return replace(candidate, capacity=candidate.capacity + 1)


def _languages_not_asked() -> Patches:
    """Everybody is given everything."""
    everything = patch.object(dispatching, "can_serve", lambda _agent, _now: true())
    return [everything, *(patch.object(queueing, name, lambda *_: True) for name in ("_speaks", "_can"))]


def _first_blocks_the_rest() -> Patches:
    """Behind who can be served by nobody who is there, all wait."""

    async def first(session: Any, *_: Any) -> list[int]:
        wanted = select(Conversation.id).where(IS_QUEUED).order_by(*IN_ORDER).limit(1)
        return list(await session.scalars(wanted))

    return [patch.object(dispatching, "_first", first)]


def _signals_not_heard() -> Patches:
    """Nobody is given anything when an agent comes, only now and then."""

    class Deaf:
        """In place of the signals."""

        notify = staticmethod(lambda *_: None)

    return [patch.object(attendance, "signals", Deaf)]


def _nothing_given() -> Patches:
    """The dispatch looks and does nothing."""

    async def nothing(_self: Any) -> int:
        return 0

    return [patch.object(Dispatcher, "give_all", nothing)]


def _wait_begins_anew() -> Patches:
    """Who was taken by somebody silent goes to the end of the queue."""
    change = conversations.change

    async def late(*args: Any, **more: Any) -> None:
        if more.get("reason") == "no_reply":
            more["queued_at"] = more["now"]
        await change(*args, **more)

    return [patch.object(unanswered, "change", late)]


def _silent_holders_kept() -> Patches:
    """Nobody looks whether who took a conversation has written."""

    async def nothing(*_: Any) -> None: ...

    return [patch.object(unanswered, "_look_at_taken", nothing)]


def _silent_agents_stay_online() -> Patches:
    """Who was given a conversation and wrote nothing is given the next."""

    async def nothing(*_: Any) -> None: ...

    return [patch.object(attendance, "relieve", nothing)]


def _given_straight_back() -> Patches:
    """Who let a conversation lie is as good as anybody for it."""

    async def nothing(_session: Any, agents: Any, **_: Any) -> dict[int, set[int]]:
        return {agent.id: set() for agent in agents}

    return [patch.object(resting, "not_yet", nothing)]


GIVING: dict[str, Planted] = {
    "conversations are given where agents take": (_given_where_agents_take, "where agents only take"),
    "leases never end": (_leases_never_end, "who is not there"),
    "who is away is given conversations": (_away_counts_as_there, "who is not there"),
    "agents hold more than they can": (_capacity_not_kept, "who holds"),
    "languages and skills are not asked for": (_languages_not_asked, "who cannot serve it"),
    "the first in the queue blocks the rest": (_first_blocks_the_rest, "starves although"),
    "the dispatch hears nothing of agents": (_signals_not_heard, "starves although"),
    "nothing is given": (_nothing_given, "starves although"),
    "a wait begins anew": (_wait_begins_anew, "and came back as of"),
    "silent holders keep what they have": (_silent_holders_kept, "held in silence"),
    "who let it lie has it back at once": (_given_straight_back, "had just let it lie"),
    "silent agents stay online": (_silent_agents_stay_online, "goes on being given"),
}
