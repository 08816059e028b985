"""What another order of the queue would have meant, as a page; and the one in force, which an admin changes here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import urlencode

from aiohttp import web
from pydantic import BaseModel, Field

from admin_api.contract import Context
from admin_api.desk.forms import Form, filled, read_form, see
from admin_api.desk.insights import SPANS
from admin_api.desk.pages import page, words_of
from admin_api.desk.texts import Words
from admin_api.desk.through import through
from admin_api.handlers import replays
from admin_api.schemas.replays import NewPolicy, PolicyShown, ReplayQuery
from crm_store import queue
from crm_store.queue_policies import (
    FIRST_COME,
    MOST_FACTOR,
    NAMED,
    PRESENT,
    REASONS,
    Policy,
    UnfitPolicy,
    parse_policy,
)

SHOWN = 10


class PolicyQuery(BaseModel):
    """How many days back, and which two policies: one by its name or as written, one by a factor for each reason."""

    days: Literal["7", "30", "90", "365"] = "30"
    against: str = Field(FIRST_COME, max_length=200)
    policy: str = Field(PRESENT, max_length=200)
    priority: str | None = Field(None, max_length=200)
    repeat: str | None = Field(None, max_length=200)
    value: str | None = Field(None, max_length=200)
    mood: str | None = Field(None, max_length=200)
    target: str | None = Field(None, max_length=200)
    overdue: str | None = Field(None, max_length=200)

    def typed(self) -> dict[str, str]:
        """The factors as they were typed, by reason; empty where the policy is written as one text."""
        found = {reason: getattr(self, reason) for reason in REASONS}
        return {reason: typed for reason, typed in found.items() if typed is not None}


class PutForm(Form):
    """Which policy is to be in force; only once it is confirmed."""

    policy: str
    days: Literal["7", "30", "90", "365"] = "30"
    confirmed: Literal["", "yes"] = ""


@dataclass(frozen=True, slots=True)
class Factor:
    """The field of one reason: what stands in it, and what is wrong with that."""

    reason: str
    typed: str
    told: str = ""


def factor_of(text: str) -> float | None:
    """The factor somebody typed, with a point or a comma; None for what is none. Empty: 1, as delivered."""
    try:
        found = float(text.strip().replace(",", ".") or "1")
    except ValueError:
        return None
    return found if 0 <= found <= MOST_FACTOR else None


def worded(words: Words, policy: Policy) -> str:
    """The policy in the reader's words."""
    written = policy.written()
    if written in NAMED:
        return words(f"replay.{written}")
    told = (f"{words(f'replay_reason.{reason}')} ×{policy.factor(reason):g}" for reason in REASONS)
    return " · ".join(one for reason, one in zip(REASONS, told, strict=True) if policy.factor(reason) != 1)


async def show(context: Context, query: PolicyQuery) -> web.Response:
    """The hand-overs of the last days under the two policies; what is no policy is told in the form, as typed."""
    words = words_of(context.request)
    in_force = (await through(replays.read_policy, context)).body
    present = parse_policy(in_force.policy)
    fields, wanted, wrong = _fields(words, query, present)
    try:
        against = parse_policy(query.against, present=present)
    except UnfitPolicy as error:
        against, wrong = present, words("replay.unfit", piece=error.piece, most=f"{MOST_FACTOR:g}")
    told = None
    if not wrong:
        start = context.now - timedelta(days=int(query.days))
        asked = {"start": start.isoformat(), "policy": wanted.written(), "against": query.against}
        told = (await through(replays.read, context, filled(ReplayQuery, asked))).body
    return page(
        context,
        "queue_replay.html",
        status=422 if wrong else 200,
        told=told,
        wrong=wrong,
        query=query,
        fields=fields,
        wanted=wanted.written(),
        names={"against": _named(words, query.against, against), "policy": worded(words, wanted)},
        choices=_choices(words, query.against, against),
        in_force=in_force,
        stands=_stands(words, in_force),
        shown=SHOWN,
        spans=SPANS,
        most=MOST_FACTOR,
    )


def _fields(words: Words, query: PolicyQuery, present: Policy) -> tuple[list[Factor], Policy, str]:
    """The fields as they are to be shown, the policy they make, and what is wrong (empty: nothing)."""
    typed = query.typed()
    if not typed:
        try:
            policy = parse_policy(query.policy, present=present)
        except UnfitPolicy as error:
            wrong = words("replay.unfit", piece=error.piece, most=f"{MOST_FACTOR:g}")
            return [Factor(reason, "1") for reason in REASONS], present, wrong
        return [Factor(reason, f"{policy.factor(reason):g}") for reason in REASONS], policy, ""
    fields, factors = [], {}
    for reason in REASONS:
        text = typed.get(reason, "1")
        factor = factor_of(text)
        told = "" if factor is not None else words("replay.unfit_factor", typed=text, most=f"{MOST_FACTOR:g}")
        fields.append(Factor(reason, text, told))
        factors[reason] = 1.0 if factor is None else factor
    wrong = words("replay.wrong") if any(field.told for field in fields) else ""
    return fields, Policy("tried", factors), wrong


def _choices(words: Words, asked: str, against: Policy) -> list[tuple[str, str]]:
    """What the tried policy may be compared with, and how it is called."""
    choices = [(name, words(f"replay.{name}")) for name in NAMED]
    return choices if asked in NAMED else [*choices, (asked, worded(words, against))]


def _named(words: Words, asked: str, policy: Policy) -> str:
    return words(f"replay.{asked}") if asked in NAMED else worded(words, policy)


def _stands(words: Words, in_force: PolicyShown) -> Mapping[str, str]:
    """The policy in force and the one before it in the reader's words."""
    before = worded(words, parse_policy(in_force.previous)) if in_force.previous else ""
    return {"now": worded(words, parse_policy(in_force.policy)), "before": before}


async def put(context: Context) -> web.Response:
    """Ask whether it is meant; once it is confirmed, order the queue by this policy."""
    form = await read_form(context.request, PutForm)
    wanted = parse_policy(form.policy)
    if form.confirmed != "yes":
        words = words_of(context.request)
        async with context.read() as session:
            waiting = await queue.length(session)
        values: dict[str, Any] = {
            "named": worded(words, wanted),
            "wanted": wanted.written(),
            "days": form.days,
        }
        return page(context, "queue_policy.html", waiting=waiting, **values)
    await through(replays.put_policy, context, NewPolicy(policy=wanted.written()))
    asked = urlencode({"days": form.days, "policy": wanted.written(), "done": "in_force"})
    return see(f"/insights/queue?{asked}")


async def put_back(context: Context) -> web.Response:
    """Order the queue by the policy before the present one."""
    await through(replays.put_back_policy, context)
    return see("/insights/queue?done=in_force")
