"""What another order of the queue would have meant: stored hand-overs replayed under a policy. Pure.

The replay keeps what people really did with their time: each moment at which an agent took somebody out of the queue
is a turn, which falls to the same agent at the same moment. So capacity, shifts and the pace of service are those that
were; only *who* is taken differs: of those waiting then whom the agent can serve, the first by the policy. Whoever gave
up leaves when they left, unless they were taken before.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from statistics import median

from crm_store import queueing
from crm_store.queue_policies import REASONS, Policy
from crm_store.queueing import Candidate, Waiting
from crm_store.working_hours import ALWAYS, WorkingHours


@dataclass(frozen=True, slots=True)
class Owed:
    """The reply that was promised to somebody who waits: the first, or (`is_next`) the next."""

    started_at: datetime
    target: timedelta
    due_at: datetime
    is_next: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """One stored hand-over: who waited (`waiting.queued_at` is what their place counts from), from when, until when.

    `waiting` is without what is promised, which `owed` tells.
    """

    handoff_id: int
    waiting: Waiting
    entered_at: datetime
    taken_at: datetime | None
    left_at: datetime | None
    """When they gave up, or were closed or put aside untaken."""
    owed: Owed | None = None
    hours: WorkingHours = ALWAYS
    """When the people it waits for are there; `waiting.counted_from` is reckoned by them as of the replay's end."""

    def promised(self, *, is_overdue: bool = False) -> Waiting:
        """As they wait while the reply is owed."""
        if self.owed is None:
            return self.waiting
        owed = self.owed
        return replace(self.waiting, target=owed.target, is_next=owed.is_next, is_overdue=is_overdue)


@dataclass(frozen=True, slots=True)
class Turn:
    """A moment at which an agent took somebody, and whom."""

    at: datetime
    agent: Candidate
    handoff_id: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How long somebody waited, and whether for somebody."""

    wait: timedelta
    """Of the time in which people are there."""
    is_taken: bool
    ended_at: datetime


Outcomes = dict[int, Outcome]
"""By the hand-over's id."""


def as_it_was(waits: Sequence[Wait], until: datetime) -> Outcomes:
    """What really happened, up to `until`."""
    return {one.handoff_id: _outcome(one, one.taken_at, until) for one in waits}


def _outcome(one: Wait, taken_at: datetime | None, until: datetime) -> Outcome:
    end = min(taken_at or one.left_at or until, until)
    waited = one.hours.open_time(one.entered_at, end)
    return Outcome(waited, taken_at is not None and taken_at <= until, end)


def replay(waits: Sequence[Wait], turns: Sequence[Turn], policy: Policy, until: datetime) -> Outcomes:
    """What would have happened under the policy; the same for the same input, in whatever order it is given."""
    coming = sorted(waits, key=lambda one: (one.entered_at, one.handoff_id), reverse=True)
    keys = {one.handoff_id: _Key(one, policy) for one in waits}
    passed = _Passed({one.hours for one in waits}, until)
    present: dict[int, Wait] = {}
    taken: dict[int, datetime] = {}
    for turn in sorted(turns, key=lambda one: (one.at, one.handoff_id)):
        while coming and coming[-1].entered_at <= turn.at:
            one = coming.pop()
            present[one.handoff_id] = one
        gone = [
            number for number, one in present.items() if one.left_at is not None and one.left_at < turn.at
        ]
        for number in gone:
            del present[number]
        served = [one for one in present.values() if queueing.can_take(turn.agent, one.waiting)]
        if not served and turn.handoff_id in present:
            served = [present[turn.handoff_id]]  # taken though the rules would not have offered it
        if served:
            gone_by = passed.by(turn.at)
            first = min(served, key=lambda one: keys[one.handoff_id].at(turn.at, gone_by[one.hours]))
            taken[first.handoff_id] = turn.at
            del present[first.handoff_id]
    return {one.handoff_id: _outcome(one, taken.get(one.handoff_id), until) for one in waits}


class _Key:
    """What one who waits is ordered by, the earliest first: as the queue itself ranks them at that moment."""

    def __init__(self, one: Wait, policy: Policy) -> None:
        self._owed = one.owed
        self._before, self._calm, self._late = (
            (policy.ranked(each)[0], each.queued_at, each.conversation_id)
            for each in (one.waiting, one.promised(), one.promised(is_overdue=True))
        )

    def at(self, now: datetime, closed: timedelta) -> tuple[datetime, datetime, int]:
        """`closed`: see `_Passed`."""
        if self._owed is None or now < self._owed.started_at:
            found = self._before
        else:
            found = self._late if now >= self._owed.due_at else self._calm
        return found[0] - closed, *found[1:]


class _Passed:
    """For how long those of each calendar will be closed from a moment to the replay's end.

    Ranks are reckoned as of that end, when so much less of their waits has counted beside those of other calendars.
    """

    def __init__(self, calendars: Collection[WorkingHours], until: datetime) -> None:
        self._at, self._left = until, dict.fromkeys(calendars, timedelta())

    def by(self, now: datetime) -> Mapping[WorkingHours, timedelta]:
        """From then on; asked for one moment after the other it counts only what lies between."""
        if len(self._left) > 1:
            for hours, left in self._left.items():
                since, until = min(now, self._at), max(now, self._at)
                closed = until - since - hours.open_time(since, until)
                self._left[hours] = left + closed if now < self._at else left - closed
            self._at = now
        return self._left


@dataclass(frozen=True, slots=True)
class Figures:
    """How all of them fared; seconds, None where nobody was taken or nothing promised."""

    waited: int
    taken: int
    median: float | None
    p90: float | None
    longest: float | None
    promised: int
    """Those with a response target."""
    kept_share: float | None
    """Of the promised: taken before the reply was due."""


def figures(waits: Sequence[Wait], outcomes: Outcomes) -> Figures:
    """Waits of those taken (the longest: of all), and the share of targets met."""
    spans = sorted(one.wait.total_seconds() for one in outcomes.values() if one.is_taken)
    longest = max((one.wait.total_seconds() for one in outcomes.values()), default=None)
    promised = [one for one in waits if one.owed is not None]
    kept = sum(_is_kept(one, outcomes[one.handoff_id]) for one in promised)
    return Figures(
        waited=len(outcomes),
        taken=len(spans),
        median=median(spans) if spans else None,
        p90=spans[ceil(0.9 * len(spans)) - 1] if spans else None,
        longest=longest,
        promised=len(promised),
        kept_share=kept / len(promised) if promised else None,
    )


def _is_kept(one: Wait, outcome: Outcome) -> bool:
    return outcome.is_taken and one.owed is not None and outcome.ended_at <= one.owed.due_at


@dataclass(frozen=True, slots=True)
class Change:
    """Somebody who would have been taken at another time: seconds of waiting under the one and the other policy."""

    conversation_id: int
    reasons: tuple[str, ...]
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Group:
    """Those for whom one thing speaks ('none': nothing but their wait): mean waits in seconds."""

    reason: str
    waited: int
    before: float
    after: float


def changes(waits: Sequence[Wait], before: Outcomes, after: Outcomes) -> list[Change]:
    """For whom it changes, the most first."""
    found = [
        Change(
            one.waiting.conversation_id,
            _reasons(one),
            before[one.handoff_id].wait.total_seconds(),
            after[one.handoff_id].wait.total_seconds(),
        )
        for one in waits
        if before[one.handoff_id] != after[one.handoff_id]
    ]
    return sorted(found, key=lambda one: (-abs(one.after - one.before), one.conversation_id))


def groups(waits: Sequence[Wait], before: Outcomes, after: Outcomes) -> list[Group]:
    """The same by what speaks for them; who has several reasons is in several groups."""
    members: dict[str, list[int]] = {}
    for one in waits:
        for reason in _reasons(one):
            members.setdefault(reason, []).append(one.handoff_id)
    return [
        Group(reason, len(some), _mean(before, some), _mean(after, some))
        for reason in (*REASONS, "none")
        if (some := members.get(reason))
    ]


def _reasons(one: Wait) -> tuple[str, ...]:
    found = queueing.reasons(one.promised())
    return tuple(reason.reason.removesuffix(queueing.NEXT) for reason in found) or ("none",)


def _mean(outcomes: Outcomes, some: Sequence[int]) -> float:
    return sum(outcomes[number].wait.total_seconds() for number in some) / len(some)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two policies over the same hand-overs, beside what really happened."""

    stored: Figures
    before: Figures
    after: Figures
    groups: list[Group]
    changes: list[Change]


def compare(
    waits: Sequence[Wait], turns: Sequence[Turn], policies: tuple[Policy, Policy], until: datetime
) -> Comparison:
    """The hand-overs as they were, under the one policy and under the other."""
    before, after = (replay(waits, turns, policy, until) for policy in policies)
    return Comparison(
        stored=figures(waits, as_it_was(waits, until)),
        before=figures(waits, before),
        after=figures(waits, after),
        groups=groups(waits, before, after),
        changes=changes(waits, before, after),
    )
