"""`frontdesk parked ...`: updates that could not be handled, looked at, handled again, dismissed."""

from typing import Annotated, Any

import typer

from bot.clock import system_clock
from bot.commands.shell import BAD_INPUT, MAX_ID, AsJson, emit, fail, with_store
from crm_store import parking
from crm_store.engine import Store
from crm_store.models.plumbing import ParkedUpdate

app = typer.Typer(no_args_is_help=True, help="Updates that could not be handled: look, replay, dismiss.")
MOST_LISTED = 1000

Number = Annotated[int, typer.Argument(min=1, max=MAX_ID, help="From 'frontdesk parked list'.")]


@app.command("list")
def list_parked(as_json: AsJson = False) -> None:
    """What waits (the newest 1,000) with what went wrong; without the words, which are the customer's."""

    async def work(store: Store) -> list[ParkedUpdate]:
        async with store.read() as session:
            return await parking.page(session, limit=MOST_LISTED)

    rows = [_shown(row) for row in with_store(work)]
    emit(rows, as_json, lambda: [_line(row) for row in rows] or ["Nothing is parked."])


def _shown(row: ParkedUpdate) -> dict[str, Any]:
    names = ("id", "source", "update_id", "error", "parked_at", "asked_at")
    return {name: getattr(row, name) for name in names}


def _line(row: dict[str, Any]) -> str:
    waits = "  (to be replayed)" if row["asked_at"] else ""
    return f"{row['id']:6}  {row['parked_at']:%Y-%m-%d %H:%M}  {row['source']}  {row['error']}{waits}"


@app.command("show")
def show(parked_id: Number, as_json: AsJson = False) -> None:
    """One of them whole, with the customer's words: for your eyes only."""

    async def work(store: Store) -> ParkedUpdate:
        async with store.read() as session:
            return await parking.read(session, parked_id)

    row = with_store(work)
    result = _shown(row) | {"body": row.body}
    lines = [_line(result), *(f"  {name}: {value}" for name, value in row.body.items() if value is not None)]
    emit(result, as_json, lambda: lines)


@app.command("replay")
def replay(
    parked_id: Annotated[int | None, typer.Argument(min=1, max=MAX_ID, help="Which one.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="All of them, in the order they came.")] = False,
    as_json: AsJson = False,
) -> None:
    """Handle it again: a running bot does so at once, else the next that starts."""
    if (parked_id is None) == (not everything):
        fail("name one update ('frontdesk parked list' shows them), or --all", BAD_INPUT)

    async def work(store: Store) -> int:
        async with store.write() as session:
            if parked_id is None:
                return await parking.ask_replay_of_all(session, now=system_clock())
            await parking.ask_replay(session, parked_id, now=system_clock())
            return 1

    asked = with_store(work)
    told = f"{asked} to be handled again; 'frontdesk parked list' shows what fails anew."
    emit({"asked": asked}, as_json, lambda: [told])


@app.command("dismiss")
def dismiss(parked_id: Number, as_json: AsJson = False) -> None:
    """List it no more; it stays in the database until its person is erased."""

    async def work(store: Store) -> int:
        async with store.write() as session:
            return (await parking.dismiss(session, parked_id, now=system_clock())).id

    emit({"dismissed": with_store(work)}, as_json, lambda: ["Dismissed."])
