"""`frontdesk queue ...`: what another order of the queue would have meant, and which one is in force."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated, Any

import typer

from bot.clock import system_clock
from bot.commands.shell import BAD_INPUT, AsJson, emit, fail, with_store
from bot.commands.times import moment
from crm_store import handover_history, queue_policy, reordering
from crm_store.engine import Store
from crm_store.errors import Conflict, InvalidValue
from crm_store.queue_policies import Policy, parse_policy
from crm_store.queue_policy import InForce
from crm_store.queue_replay import Comparison, Figures, compare

app = typer.Typer(no_args_is_help=True, help="The queue: how it is ordered, and replays of it.")
SHOWN = 10
BY = "command line"
SPAN = timedelta(days=30)


@app.command("replay")
def replay(
    policy: Annotated[
        str, typer.Option(help="Factors such as 'priority 2, mood 0'; or first_come, present.")
    ],
    against: Annotated[str, typer.Option(help="What it is compared with.")] = "present",
    since: Annotated[str | None, typer.Option(help="From when; 30 days ago if not said.")] = None,
    until: Annotated[str | None, typer.Option(help="Until when; now if not said.")] = None,
    as_json: AsJson = False,
) -> None:
    """Replay the hand-overs of a time under two policies: who would have waited how long."""
    now = system_clock()
    end = moment(until) if until else now
    start = moment(since) if since else end - SPAN
    if start >= end:
        fail("--since must lie before --until", BAD_INPUT)

    async def work(store: Store) -> tuple[Comparison, tuple[Policy, Policy]]:
        async with store.read() as session:
            present = (await queue_policy.in_force(session)).policy
            policies = (_read(against, present), _read(policy, present))
            waits, turns = await handover_history.read(session, start, end, until=min(end, now))
        return compare(waits, turns, policies, min(end, now)), policies

    found, policies = with_store(work)
    emit(asdict(found), as_json, lambda: _lines(found, policies))


def _read(text: str, present: Policy) -> Policy:
    try:
        return parse_policy(text, present=present)
    except InvalidValue as error:
        fail(str(error), BAD_INPUT)


@app.command("policy")
def policy(
    use: Annotated[
        str | None, typer.Option(help="Order the queue by this from now on: factors, first_come, standard.")
    ] = None,
    back: Annotated[bool, typer.Option("--back", help="Order it by the policy before again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show how the queue is ordered, or order it otherwise, in every running server at once."""
    if use is not None and back:
        fail("say either --use or --back", BAD_INPUT)

    async def work(store: Store) -> InForce:
        if use is None and not back:
            async with store.read() as session:
                return await queue_policy.in_force(session)
        async with store.write() as session:
            try:
                if use is None:
                    wanted = await reordering.previous(session)
                else:
                    wanted = _read(use, (await queue_policy.in_force(session)).policy)
                return await reordering.reorder(
                    session, wanted, by=BY, action="replays.put_policy", now=system_clock()
                )
            except Conflict as error:
                fail(str(error), BAD_INPUT)

    found = with_store(work)
    told = {
        "policy": found.policy.written(),
        "changed_by": found.by,
        "changed_at": found.at.isoformat() if found.at else None,
        "previous": found.previous.written() if found.previous else None,
    }
    emit(told, as_json, lambda: [f"{name:12}{value or '–'}" for name, value in told.items()])


def _lines(found: Comparison, policies: tuple[Policy, Policy]) -> list[str]:
    if not found.stored.waited:
        return ["Nobody was handed over in this time."]
    columns = (("as it was", found.stored), (policies[0].name, found.before), (policies[1].name, found.after))
    lines = [f"{'':24}{'waited':>8}{'taken':>8}{'median':>10}{'p90':>10}{'longest':>10}{'in time':>9}"]
    lines += [_row(name, figures) for name, figures in columns]
    lines += [
        "",
        f"It changes for {len(found.changes)} of {found.stored.waited}; mean waits by what speaks for them:",
    ]
    lines += [
        f"  {one.reason:12}{one.waited:6}  {_minutes(one.before):>9} -> {_minutes(one.after)}"
        for one in found.groups
    ]
    lines += [
        f"  conversation {one.conversation_id}: {_minutes(one.before)} -> {_minutes(one.after)}"
        for one in found.changes[:SHOWN]
    ]
    return lines


def _row(name: str, figures: Figures) -> str:
    kept = "–" if figures.kept_share is None else f"{figures.kept_share:.0%}"
    spans = "".join(f"{_minutes(span):>10}" for span in (figures.median, figures.p90, figures.longest))
    return f"{name[:23]:24}{figures.waited:8}{figures.taken:8}{spans}{kept:>9}"


def _minutes(seconds: Any) -> str:
    return "–" if seconds is None else f"{seconds / 60:.1f} min"
