"""The outgoing messages, lane by lane. A message row is the outbox; its `delivery` says how far it is.

    pending -> sending -> sent         the platform has it
    pending <- sending                 it surely did not arrive, or may have and is sent once more
               sending -> ambiguous    it may have arrived, and is not sent again
               sending -> dead         the platform will never take it

'sending' is committed before the platform is called, so that after a crash nobody is in doubt about what may have
been sent. What a crash interrupted is sent again; what must not come twice (a rating request, a broadcast) never is.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import Connection, Integer, and_, bindparam, exists, func, literal_column, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import desk_failed, undelivered
from crm_store.models.base import table_of
from crm_store.models.conversations import Conversation, Message
from crm_store.models.customers import Identity
from crm_store.models.staff import Agent
from crm_store.statements import Same, Statement, among
from crm_store.storable import storable

LEASE = timedelta(seconds=90)
"""After this a claim that names no process is looked at again."""
LONGEST_WAIT = timedelta(days=1)
"""No new try is set later, whatever the platform asks; one that is was set while the clock was wrong, and is due."""
_MESSAGE, _IDENTITY = table_of(Message), table_of(Identity)
_M = _MESSAGE.c


class Claimed(NamedTuple):
    """A message to send now."""

    id: int
    conversation_id: int
    customer_id: int
    lane: str
    author: str
    kind: str
    text: str
    intent: dict[str, Any] | None
    attachment: dict[str, Any] | None
    reply_to_id: int | None
    language: str
    attempts: int
    created_at: datetime
    doubted_at: datetime | None = None
    """When an earlier sending of it ended without an answer."""
    signed: str | None = None
    """The agent whose words they are, as customers know them; None where they are told no name."""

    @property
    def channel(self) -> str:
        """The channel's name, the lane's first half."""
        return self.lane.split(":", 1)[0]

    @property
    def address(self) -> str:
        """The customer's address on that channel."""
        return self.lane.split(":", 1)[1]

    @property
    def at_most_once(self) -> bool:
        """Better never than twice."""
        return bool(self.intent and self.intent.get("once"))


@dataclass(frozen=True, slots=True)
class Sent:
    """A message the platform took."""

    id: int
    platform_id: str | None
    text: str | None = None
    """The words as they were sent, where the row held only their meaning."""
    claim: int | None = None
    """Which attempt it was. Others may have claimed the message since; None asks nobody."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A sending that failed, and the state the message is in now."""

    id: int
    state: str
    """'pending' (again at `retry_at`), 'ambiguous' or 'dead'."""
    error: str
    attempts: int
    retry_at: datetime | None = None
    doubted_at: datetime | None = None
    unreachable: tuple[str, str] | None = None
    """(channel, address) of a customer who blocked us or is gone."""
    claim: int | None = None
    """As in `Sent`."""


def _loading(is_sqlite: bool) -> Any:
    return (
        select(*(_M[name] for name in Claimed._fields[:10]), Conversation.language)
        .add_columns(_M.attempts, _M.created_at, _M.doubted_at, Agent.public_name)
        .join(Conversation, Conversation.id == _M.conversation_id)
        .outerjoin(Agent, Agent.id == _M.agent_id)
        .where(among(_M.id, "ids", is_sqlite))
        .order_by(_M.id)
    )


# Written out, not bound: only so does SQLite see that a partial index holds all that is asked for.
_IS_PENDING = _M.delivery == literal_column("'pending'")
IS_UNSENT = _M.delivery.in_((literal_column("'pending'"), literal_column("'sending'")))


def _is_on(channel: str, as_range: bool) -> Any:
    """Whether a lane is on this channel; as a range SQLite would rather go by lanes than by what is oldest."""
    if as_range:
        return and_(_M.lane >= f"{channel}:", _M.lane < f"{channel};")  # ';' follows ':'
    return _M.lane.startswith(f"{channel}:", autoescape=True)


@cache
def _due(channels: tuple[str, ...], is_small: bool, is_after: bool = False) -> Statement:
    """The first unsent message of each lane of these channels, when its time has come.

    `is_small`: they are few among many of other channels, and are looked for by lane, not by going through all.
    `is_after`: only those that follow `b_after`.
    """
    return Statement(lambda is_sqlite: _due_query(channels, is_small, is_after, is_sqlite))


def _due_query(channels: tuple[str, ...], is_small: bool, is_after: bool, is_sqlite: bool) -> Any:
    # Said as "the least of its lane" this is one look into an index for each row. Said as "none is before it",
    # PostgreSQL compared every unsent message with every other where it had no fresh statistics.
    other = _MESSAGE.alias("other")
    is_unsent = other.c.delivery.in_((literal_column("'pending'"), literal_column("'sending'")))
    first = select(func.min(other.c.id)).where(other.c.lane == _M.lane, is_unsent).scalar_subquery()
    # The sum keeps SQLite at the index of what is pending.
    after = [_M.id + 0 > bindparam("b_after", type_=Integer)] if is_after else []
    return (
        select(_M.id)
        .where(_IS_PENDING, IS_UNSENT, _M.id == first, *after)
        .where(or_(*(_is_on(name, is_small and is_sqlite) for name in channels)))
        .where(
            or_(
                _M.next_try_at.is_(None),
                _M.next_try_at <= bindparam("b_now"),
                _M.next_try_at > bindparam("b_latest"),
            )
        )
        .order_by(_M.id + 0 if is_small else _M.id)
        .limit(bindparam("b_limit"))
        .with_for_update(skip_locked=True)
    )


_LOAD = Statement(_loading)
_CLAIM = Statement(
    lambda is_sqlite: (
        update(_MESSAGE)
        .where(among(_M.id, "ids", is_sqlite))
        .values(
            delivery="sending",
            next_try_at=bindparam("b_until"),
            attempts=_M.attempts + 1,
            claimed_by=bindparam("b_process"),
        )
    )
)


def _is_claim() -> Any:
    """Whether it is still the claim that is spoken of: a process that was stopped may wake up much later."""
    claim = bindparam("b_claim", type_=Integer)
    return or_(claim.is_(None), _M.attempts == claim)


_MARK_SENT = Statement(
    lambda _: (
        update(_MESSAGE)
        # Even when others have put it back meanwhile: that spares the customer a second one.
        .where(_M.id == bindparam("b_id"), _is_claim(), IS_UNSENT)
        .values(
            delivery="sent",
            sent_at=bindparam("b_now"),
            platform_id=bindparam("b_platform"),
            next_try_at=None,
            error=None,
            doubted_at=None,
        )
    )
)
_MARK_WORDS = Statement(
    lambda _: (
        update(_MESSAGE)
        # Other words may have come into the row while these were on their way; they are carried after them.
        .where(_M.id == bindparam("b_id"), _M.text == "")
        .values(text=bindparam("b_text"))
    )
)
_MARK_UNSENT = Statement(
    lambda _: (
        update(_MESSAGE)
        .where(_M.id == bindparam("b_id"), _is_claim(), _M.delivery == "sending")
        .values(
            delivery=bindparam("b_state"),
            error=bindparam("b_error"),
            attempts=bindparam("b_attempts"),
            next_try_at=bindparam("b_retry"),
            doubted_at=bindparam("b_doubted"),
        )
    )
)
_MARK_UNREACHABLE = Statement(
    lambda _: (
        update(_IDENTITY)
        .where(_IDENTITY.c.channel == bindparam("b_channel"), _IDENTITY.c.address == bindparam("b_address"))
        .values(is_reachable=False)
    )
)


def claim(
    connection: Connection,
    channels: Collection[str],
    *,
    now: datetime,
    limit: int = 256,
    process: int | None = None,
    is_small: bool = False,
    after: int = 0,
) -> list[Claimed]:
    """The first unsent message of each lane that is due, marked 'sending' by this process; never two of one lane.
    With `after` those that follow this one, and only where there are none the others."""
    if not channels or limit <= 0:
        return []
    values = {"b_now": now, "b_latest": now + LONGEST_WAIT, "b_limit": limit}
    names = tuple(sorted(channels))
    found = _due(names, is_small, True).rows(connection, {**values, "b_after": after}) if after else []
    ids = [number for (number,) in found or _due(names, is_small).rows(connection, values)]
    if not ids:
        return []
    _CLAIM(connection, [{"ids": ids, "b_until": now + LEASE, "b_process": process}])
    return [Claimed(*row) for row in _LOAD.rows(connection, {"ids": ids})]


def settle(connection: Connection, sent: Sequence[Sent], unsent: Sequence[Unsent], *, now: datetime) -> None:
    """Write down how sendings ended; in the order of ids, as everybody locks them."""
    if dead := {u.id: u.unreachable is not None for u in unsent if u.state == "dead"}:
        undelivered.lock(connection, dead)
    if sent:
        done = sorted(sent, key=lambda one: one.id)
        _MARK_SENT.fill(
            connection,
            {
                "b_id": [s.id for s in done],
                "b_now": Same(now),
                "b_platform": [s.platform_id for s in done],
                "b_claim": [s.claim for s in done],
            },
        )
        if worded := [{"b_id": s.id, "b_text": s.text} for s in done if s.text is not None]:
            _MARK_WORDS(connection, worded)
    if unsent:
        rows = [
            {
                "b_id": u.id,
                "b_state": u.state,
                "b_error": storable(u.error)[:256] or None,
                "b_attempts": u.attempts,
                "b_retry": u.retry_at,
                "b_doubted": u.doubted_at,
                "b_claim": u.claim,
            }
            for u in sorted(unsent, key=lambda one: one.id)
        ]
        _MARK_UNSENT(connection, rows)
        if lost := [(u.id, u.error) for u in unsent if u.state in ("ambiguous", "dead")]:
            desk_failed.tell_failed(connection, lost, now=now)
        if gone := sorted({u.unreachable for u in unsent if u.unreachable is not None}):
            _MARK_UNREACHABLE(connection, [{"b_channel": c, "b_address": a} for c, a in gone])
        if dead:
            undelivered.give_turn_back(connection, dead, now=now)


async def has_unsent(session: AsyncSession, lane: str) -> bool:
    """Whether anything in this lane is still on its way."""
    unsent = exists().where(Message.lane == lane, IS_UNSENT)
    return bool(await session.scalar(select(unsent)))


async def load(session: AsyncSession, ids: Sequence[int]) -> list[Claimed]:
    """These messages as delivery needs them, in the order of their ids."""
    connection = await session.connection()
    rows = await connection.run_sync(_LOAD, {"ids": list(ids)})
    return [Claimed(*row) for row in rows]
