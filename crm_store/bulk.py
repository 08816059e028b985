"""One act on many conversations, and its undoing. Session first; nothing here commits.

A bulk act can be undone for `UNDO_FOR`. Who waits in a conversation that is resolved reads at once that the wait is
over, and waits again, where they stood, if they write before that time is over; who waited, or was served by a person
lately, is told of it then, and asked for stars as after every resolve.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from crm_store import asking, desk, handing_on, labels, putting_back, snoozing, workload
from crm_store.conversations import change, end_assignments, end_handoffs, get
from crm_store.errors import (
    Conflict,
    DoneBefore,
    HeldByOther,
    IllegalTransition,
    InvalidValue,
    NotFound,
    StoreError,
    TooLate,
    WentOn,
)
from crm_store.holders import LEADS, decided_by
from crm_store.lifecycle import Change, Status
from crm_store.models.casework import BulkAction
from crm_store.models.conversations import Conversation
from crm_store.models.staff import Agent
from crm_store.settings import StoreSettings

MOST = 200
UNDO_FOR = asking.UNDO_FIRST
UNDONE_TOLD_FOR = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Refused:
    """One that was left out: `why` is gone, held, state, went_on or other; `reason` says it in a sentence."""

    id: int
    why: str
    reason: str
    holder: str | None = None
    status: str | None = None
    kind: str | None = None
    params: Mapping[str, str | int] = field(default_factory=dict)
    """Of the refusal (errors.StoreError), where it is another one."""


@dataclass(frozen=True, slots=True)
class BulkDone:
    """What became of a bulk act: its number for undoing, and who was left out with the reason."""

    id: int
    action: str
    changed: tuple[int, ...]
    refused: tuple[Refused, ...]
    waiting: tuple[int, ...] = ()
    """Those of them that were handed on to somebody who is not there, and wait in the queue for them."""


async def _resolve(
    session: AsyncSession, one: Conversation, by: Agent, _value: str, now: datetime, _settings: StoreSettings
) -> dict[str, Any]:
    before = await putting_back.remembered(session, one)
    await change(
        session,
        one,
        Change.RESOLVE,
        actor=f"agent:{by.id}",
        now=now,
        reason=asking.BULK,
        agent_id=one.agent_id or by.id,
        resolved_at=now,
        resolved_by="agent",
        memory={},
    )
    await end_assignments(session, one.id, now)
    await end_handoffs(session, one.id, "resolved", now)
    await asking.after_undo(session, one.id, now=now)
    return before


async def _tag(
    session: AsyncSession, one: Conversation, _by: Agent, value: str, now: datetime, settings: StoreSettings
) -> dict[str, Any]:
    had = set(one.tags)
    await labels.change_labels(session, one.id, now=now, settings=settings, tags=[*one.tags, value])
    return {"added": [tag for tag in one.tags if tag not in had]}


async def _prioritise(
    session: AsyncSession, one: Conversation, _by: Agent, value: str, now: datetime, settings: StoreSettings
) -> dict[str, Any]:
    before = {"priority": one.priority}
    try:
        step = int(value)
    except ValueError:
        raise InvalidValue("priority is a number") from None
    await labels.change_labels(session, one.id, now=now, settings=settings, priority=step)
    return before | {"set": one.priority}


async def _assign(
    session: AsyncSession, one: Conversation, by: Agent, value: str, now: datetime, settings: StoreSettings
) -> dict[str, Any]:
    before = await putting_back.remembered(session, one)
    kind, _, name = value.partition(":")
    is_there = True
    if kind == "team":
        await snoozing.transfer_to_team(session, one.id, by=by, team=name, now=now)
    elif (agent_id := _number(value)) is not None:
        is_there = await _give(session, one, by, agent_id, now, settings)
    else:
        raise InvalidValue("say to whom, as agent:NUMBER or team:NAME", kind="choose_whom")
    return {**before, "is_kept": not is_there, "mark": await putting_back.last_change(session, one.id)}


def _number(value: str) -> int | None:
    """Of the agent to whom it goes; None where it goes to none."""
    kind, _, name = value.partition(":")
    is_number = kind == "agent" and name.isascii() and name.isdigit() and len(name) < 19
    return int(name) if is_number else None


async def _give(
    session: AsyncSession, one: Conversation, by: Agent, agent_id: int, now: datetime, settings: StoreSettings
) -> bool:
    """Whether this agent has it now, and is called, unless it was they; False when they are not there."""
    to = await session.get(Agent, agent_id)
    if to is None:
        raise NotFound(f"there is no member of staff {agent_id}")
    is_held = await handing_on.hand_on(session, one, by=by, to=to, now=now, settings=settings)
    if is_held and to.id != by.id:
        await desk.call(session, one, desk.GIVEN, to, now=now)
    return is_held


async def _snooze(
    session: AsyncSession, one: Conversation, by: Agent, value: str, now: datetime, _settings: StoreSettings
) -> dict[str, Any]:
    before = await putting_back.remembered(session, one)
    try:
        until = datetime.fromisoformat(value)
    except ValueError:
        raise InvalidValue("say until when, such as 2026-01-31T12:00:00Z") from None
    if until.tzinfo is None:
        raise InvalidValue("a time needs its zone, such as 2026-01-31T12:00:00Z")
    await snoozing.snooze(session, one.id, by, until=until.astimezone(UTC), now=now)
    return {**before, "mark": await putting_back.last_change(session, one.id)}


Act = Callable[[AsyncSession, Conversation, Agent, str, datetime, StoreSettings], Awaitable[dict[str, Any]]]
ACTS: dict[str, Act] = {
    "resolve": _resolve,
    "assign": _assign,
    "snooze": _snooze,
    "tag": _tag,
    "priority": _prioritise,
}
LABELS = frozenset({"tag", "priority"})
"""Acts that only write something on a conversation."""


async def apply(
    session: AsyncSession,
    action: str,
    numbers: Sequence[int],
    by: Agent,
    *,
    now: datetime,
    settings: StoreSettings,
    value: str = "",
) -> BulkDone:
    """Do it to each of these that allows it; raises InvalidValue for an act nobody knows or too many at once."""
    if action not in ACTS or not 0 < len(set(numbers)) <= MOST:
        which = f"choose 1 to {MOST} conversations and one of: {', '.join(ACTS)}"
        raise InvalidValue(which, kind="choose_many", most=MOST)
    if action == "assign" and (agent_id := _number(value)) is not None:
        await workload.room(session, agent_id, lock=True)
    before: list[dict[str, Any]] = []
    refused: list[Refused] = []
    for number in sorted(set(numbers)):  # in one order everywhere, so that no two acts wait for each other
        try:
            one = await decided_by(session, number, by)
            before.append({"id": number, **await ACTS[action](session, one, by, value, now, settings)})
        except StoreError as error:
            refused.append(await _left_out(session, number, error))
    told = [asdict(one) for one in refused]
    row = BulkAction(agent_id=by.id, action=action, before=before, refused=told, done_at=now)
    session.add(row)
    await session.flush()
    waiting = tuple(each["id"] for each in before if each.get("is_kept"))
    return BulkDone(row.id, action, tuple(each["id"] for each in before), tuple(refused), waiting)


async def _left_out(session: AsyncSession, number: int, error: StoreError) -> Refused:
    one = await session.get(Conversation, number)
    if one is None:
        return Refused(number, "gone", str(error))
    if isinstance(error, IllegalTransition):
        return Refused(number, "state", str(error), status=one.status)
    if isinstance(error, HeldByOther):
        return Refused(number, "held", str(error), holder=error.holder)
    if isinstance(error, WentOn):
        return Refused(number, "went_on", str(error))
    return Refused(number, "other", str(error), kind=error.kind, params=error.params)


async def standing(session: AsyncSession, agent_id: int, *, now: datetime) -> BulkAction | None:
    """The agent's last act on many while it can be undone, was a moment ago, or was and left some out; else None."""
    newest = select(BulkAction).where(BulkAction.agent_id == agent_id).order_by(BulkAction.id.desc()).limit(1)
    row: BulkAction | None = await session.scalar(newest)
    if row is None or row.done_at + UNDO_FOR <= now:
        return None
    is_told = row.undone_at is None or bool(row.refused) or row.undone_at + UNDONE_TOLD_FOR > now
    return row if is_told else None


async def undo(
    session: AsyncSession, action_id: int, by: Agent, *, now: datetime, settings: StoreSettings
) -> BulkDone:
    """Each as it was before, unless it went on since; raises NotFound, DoneBefore, TooLate, or Conflict for others."""
    row = await session.scalar(select(BulkAction).where(BulkAction.id == action_id).with_for_update())
    if row is None:
        raise NotFound(f"there is no bulk act {action_id}")
    if row.agent_id != by.id and by.role not in LEADS:
        raise Conflict("this is undone by who did it, or by a supervisor", kind="not_your_act")
    if row.undone_at is not None:
        raise DoneBefore("this was undone already", kind="undone_already")
    if row.done_at + UNDO_FOR <= now:
        raise TooLate(
            f"this could be undone for {UNDO_FOR.seconds // 60} minutes; they are over",
            kind="undo_over",
            n=UNDO_FOR.seconds // 60,
        )
    done: list[int] = []
    refused: list[Refused] = []
    for before in row.before:
        try:
            await _put_back(session, row, before, by, now, settings)
            done.append(before["id"])
        except StoreError as error:
            refused.append(await _left_out(session, before["id"], error))
    row.undone_at, row.refused = now, [asdict(one) for one in refused]
    await session.flush()
    return BulkDone(row.id, row.action, tuple(done), tuple(refused))


async def _put_back(
    session: AsyncSession,
    row: BulkAction,
    before: dict[str, Any],
    by: Agent,
    now: datetime,
    settings: StoreSettings,
) -> None:
    one = await get(session, before["id"], lock=True)
    if row.action in LABELS:
        await _unlabel(session, one, before, now, settings)
        return
    if row.action != "resolve":
        await putting_back.refuse_gone_on(session, one, before["mark"])
        await putting_back.put_back(session, one, before, f"agent:{by.id}", now, settings)
        return
    if one.status != Status.RESOLVED or one.resolved_at != row.done_at:
        raise putting_back.went_on(one)
    newer = select(Conversation.id).where(
        Conversation.identity_id == one.identity_id, Conversation.status != Status.RESOLVED
    )
    if await session.scalar(newer) is not None:
        raise WentOn(
            f"the customer of {one.id} has opened another conversation since",
            kind="has_opened",
            number=one.id,
        )
    await putting_back.put_back(session, one, before, f"agent:{by.id}", now, settings)


async def _unlabel(
    session: AsyncSession, one: Conversation, before: dict[str, Any], now: datetime, settings: StoreSettings
) -> None:
    """The tag that was given goes, and whatever colleagues wrote since stays; a priority that they set is none to undo.

    Raises WentOn."""
    if "added" in before:
        tags = [tag for tag in one.tags if tag not in before["added"]]
        await labels.change_labels(session, one.id, now=now, settings=settings, tags=tags)
    elif one.priority == before.get("set"):
        await labels.change_labels(session, one.id, now=now, settings=settings, priority=before["priority"])
    else:
        raise putting_back.went_on(one)
