"""What a batch needs to know before anybody thinks about it, in a fixed number of queries.

On PostgreSQL the senders' identities and open conversations are locked on the way, in the order of their ids, so
that whatever else concerns a customer (another process's batch, an agent's reply) comes wholly before or after.
SQLite has one writer at a time anyway.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, bindparam, case, exists, func, or_, select

from crm_store import cases_told, customer_links, whereabouts
from crm_store.asking import BULK, UNDO_FIRST
from crm_store.batch import Address, Batch, Held, Known, OpenRequest, Outlet, Person, Question
from crm_store.lifecycle import HELD_BY_PERSON, WAITING, Change, Status
from crm_store.models.base import table_of
from crm_store.models.conversations import Conversation, Message, StatusChange
from crm_store.models.customers import Customer, Identity
from crm_store.models.plumbing import SeenUpdate
from crm_store.models.ratings import Rating, RatingRequest
from crm_store.outbox import IS_UNSENT
from crm_store.ratings import OPEN_STATES
from crm_store.statements import Statement, among

_I, _C, _M, _S, _H = (
    table_of(model).c for model in (Identity, Conversation, Message, SeenUpdate, StatusChange)
)
_KNOWN = [getattr(_M, name) for name in Known.__slots__]


def _people(is_sqlite: bool) -> Any:
    return (
        select(
            _I.channel,
            _I.address,
            _I.display_name,
            _I.username,
            _I.language,
            Customer.language,
            _I.is_reachable,
            _I.id,
            _I.customer_id,
            Customer.banned_at,
            Customer.ban_is_shadow,
            _I.unchecked_since,
        )
        .join(Customer, Customer.id == _I.customer_id)
        .where(_I.channel == bindparam("channel"), among(_I.address, "addresses", is_sqlite))
        .order_by(_I.id)
        .with_for_update(of=table_of(Identity))
    )


ASKED_BY_BOT = (Status.BOT, Status.QUEUED, Status.SNOOZED)
"""While a person has a conversation, what is said is for them."""
_BY_A_PERSON = (Change.TAKE, Change.REPLY, Change.TRANSFER)


_IS_OPEN = _C.status != Status.RESOLVED


def _conversations(
    is_sqlite: bool, column: ColumnElement[int], name: str, which: ColumnElement[bool] = _IS_OPEN
) -> Any:
    served_at = (
        select(func.max(_H.changed_at))
        .where(_H.conversation_id == _C.id, or_(*(_H.change == one for one in _BY_A_PERSON)))
        .scalar_subquery()
    )
    return (
        select(
            _C.identity_id,
            _C.status,
            _C.language,
            _C.memory,
            _C.id,
            _C.agent_id,
            _C.queued_at,
            _C.handoff_reason,
            _C.last_message_at,
            _C.resolved_at,
            _C.team,
            _C.away_told_at,
            # The bot has most conversations: those are not looked up.
            case((or_(*(_C.status == one for one in HELD_BY_PERSON)), served_at)),
        )
        .where(among(column, name, is_sqlite), which)
        .order_by(_C.id)
        .with_for_update()
    )


def _closed_waiting(is_sqlite: bool) -> Any:
    was_waiting = exists().where(
        _H.conversation_id == _C.id,
        _H.changed_at == _C.resolved_at,
        _H.reason == BULK,
        or_(*(_H.from_status == one for one in WAITING)),
    )
    which = and_(_C.status == Status.RESOLVED, _C.resolved_at > bindparam("since"), was_waiting)
    return _conversations(is_sqlite, _C.identity_id, "identities", which)


def _requests(is_sqlite: bool) -> Any:
    return (
        select(
            RatingRequest.id,
            RatingRequest.conversation_id,
            RatingRequest.state,
            RatingRequest.expires_at,
            RatingRequest.customer_id,
            Rating.aspect,
        )
        .outerjoin(Rating, Rating.request_id == RatingRequest.id)
        .where(
            among(table_of(RatingRequest).c.customer_id, "customers", is_sqlite),
            or_(*(RatingRequest.state == state for state in OPEN_STATES)),
        )
        .order_by(RatingRequest.id)
    )


_READ_PEOPLE = Statement(_people)
_READ_CONVERSATIONS = Statement(lambda is_sqlite: _conversations(is_sqlite, _C.identity_id, "identities"))
_READ_JOINED = Statement(lambda is_sqlite: _conversations(is_sqlite, _C.id, "conversations"))
_READ_CLOSED_WAITING = Statement(_closed_waiting)
_READ_LAST = Statement(
    lambda is_sqlite: (
        select(_C.identity_id, func.max(_C.id))
        .where(among(_C.identity_id, "identities", is_sqlite))
        .group_by(_C.identity_id)
    )
)
_READ_REQUESTS = Statement(_requests)
_READ_SEEN = Statement(
    lambda is_sqlite: select(_S.update_id).where(
        _S.source == bindparam("source"), among(_S.update_id, "updates", is_sqlite)
    )
)
_READ_BUSY = Statement(
    lambda is_sqlite: select(_M.lane).where(IS_UNSENT, among(_M.lane, "lanes", is_sqlite)).distinct()
)
_READ_PRESSED = Statement(
    lambda is_sqlite: select(*_KNOWN).where(among(_M.id, "pressed", is_sqlite), _M.author != "customer")
)
_READ_SAID = Statement(
    lambda is_sqlite: select(*_KNOWN).where(
        _M.id.in_(
            select(func.max(_M.id))
            .where(
                among(_M.conversation_id, "conversations", is_sqlite),
                _M.author != "customer",
                _M.is_note.is_(False),
                or_(_M.text != "", _M.intent.is_not(None)),  # the files behind an answer are none
            )
            .group_by(_M.conversation_id)
        )
    )
)
_READ_STORED = Statement(
    lambda is_sqlite: select(*_KNOWN, _M.platform_id).where(
        and_(among(_M.lane, "lanes", is_sqlite), among(_M.platform_id, "platform_ids", is_sqlite)),
        _M.author == "customer",
    )
)


def read(connection: Connection, question: Question, outlet: Outlet, now: datetime) -> Batch:
    """What the store knows of the senders and of what they refer to: twelve queries for one channel at most."""
    batch = Batch(now)
    _find_people(connection, batch, question.addresses)
    _find_requests(connection, batch)
    asked = [*question.updates, *question.foretold] if question.foretold else question.updates
    for source, updates in _grouped(asked).items():  # one source per bot: a handful at most
        rows = _READ_SEEN.rows(connection, {"source": source, "updates": updates})
        batch.seen.update((source, update_id) for (update_id,) in rows)
    if outlet.places:
        lanes = [person.lane for person in batch.people.values() if person.channel in outlet.places]
        batch.busy_lanes = {lane for (lane,) in _READ_BUSY.rows(connection, {"lanes": lanes})}
    if question.pressed:
        found = _READ_PRESSED.rows(connection, {"pressed": question.pressed})
        batch.known = {row[0]: Known(*row) for row in found}
    if question.typed:
        _find_said(connection, batch, question.typed)
    stored = question.stored | {place for mark, place in question.foretold.items() if mark in batch.seen}
    if stored:
        lanes, numbers = (list(some) for some in zip(*stored, strict=True))
        for row in _READ_STORED.rows(connection, {"lanes": lanes, "platform_ids": numbers}):
            known = Known(*row[:-1])
            batch.stored[known.lane or "", row[-1]] = known
    if question.of_cases:
        asking = {batch.people[place].customer_id for place in question.of_cases if place in batch.people}
        batch.cases = cases_told.read(connection, asking, question.case_numbers, now=now)
    batch.links = customer_links.find(connection, question.link_hashes, now)
    return batch


def _find_said(connection: Connection, batch: Batch, typed: set[Address]) -> None:
    people = [batch.people[address] for address in sorted(typed) if address in batch.people]
    talks = [
        one.conversation.id for one in people if one.conversation and one.conversation.status in ASKED_BY_BOT
    ]
    for row in _READ_SAID.rows(connection, {"conversations": talks}) if talks else ():
        said = Known(*row)
        batch.known[said.id] = batch.last_said[said.conversation_id] = said


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for key, value in sorted(pairs):
        groups.setdefault(key, []).append(value)
    return groups


def _find_people(connection: Connection, batch: Batch, addresses: set[tuple[str, str]]) -> None:
    by_identity: dict[int, Person] = {}
    for channel, wanted in _grouped(addresses).items():
        for row in _READ_PEOPLE.rows(connection, {"channel": channel, "addresses": wanted}):
            person = Person(*row)
            batch.people[person.channel, person.address] = by_identity[person.identity_id] = person
    if by_identity:
        for identity_id, status, *rest in _READ_CONVERSATIONS.rows(
            connection, {"identities": list(by_identity)}
        ):
            by_identity[identity_id].conversation = _held(identity_id, status, rest)
        _find_joined(connection, by_identity)
        _find_closed_waiting(connection, by_identity, batch.now)
    unheard = [n for n, one in by_identity.items() if one.is_shadow_banned and one.conversation is None]
    for identity_id, number in _READ_LAST.rows(connection, {"identities": unheard}) if unheard else ():
        by_identity[identity_id].last_resolved = Held(Status.RESOLVED, "en", id=number)


def _find_closed_waiting(connection: Connection, by_identity: dict[int, Person], now: datetime) -> None:
    """Of who has no open conversation: the one in which they waited when many were closed, while that may be undone."""
    without = [number for number, person in by_identity.items() if person.conversation is None]
    asked = {"identities": without, "since": now - UNDO_FIRST}
    for identity_id, status, *rest in _READ_CLOSED_WAITING.rows(connection, asked) if without else ():
        by_identity[identity_id].closed_waiting = _held(identity_id, status, rest)


def _held(identity_id: int, status: str, rest: Sequence[Any]) -> Held:
    one = Held(Status(status), *rest)
    one.identity_id = identity_id
    return one


def _find_joined(connection: Connection, by_identity: dict[int, Person]) -> None:
    """Of who has no conversation at this address: the one that theirs was made part of."""
    without = [number for number, person in by_identity.items() if person.conversation is None]
    found = whereabouts.JOINED.rows(connection, {"identities": without}) if without else []
    if not found:
        return
    held = {one.id: one for person in by_identity.values() if (one := person.conversation) is not None}
    unread = sorted({number for _, number in found} - held.keys())
    for identity_id, status, *rest in _READ_JOINED.rows(connection, {"conversations": unread}):
        one = _held(identity_id, status, rest)
        held[one.id] = one
    for identity_id, number in found:
        by_identity[identity_id].conversation = held.get(number)


def _find_requests(connection: Connection, batch: Batch) -> None:
    of_customer: dict[int, list[Person]] = {}
    for person in batch.people.values():
        of_customer.setdefault(person.customer_id, []).append(person)
    if not of_customer:
        return
    rows = _READ_REQUESTS.rows(connection, {"customers": list(of_customer)})
    for request_id, conversation_id, state, expires_at, customer_id, aspect in rows:
        people = of_customer[customer_id]
        request = people[0].request
        if request is None or request.id != request_id:
            request = OpenRequest(request_id, conversation_id, state, expires_at)
        if aspect is not None:
            request.given.add(aspect)
        for person in people:  # one object for all their channels: what is said on one counts on the other
            person.request = request
