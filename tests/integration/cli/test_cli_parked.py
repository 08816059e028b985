"""`frontdesk parked`."""

import asyncio

import pytest

from bot.clock import system_clock
from crm_store.engine import open_store
from tests.admin_world import parked
from tests.commandline import CommandLine


def park_one(database_url: str) -> int:
    """The id of an update that was set aside in this database."""

    async def work() -> int:
        store = open_store(database_url)
        try:
            return await parked(store, system_clock())
        finally:
            await store.close()

    return asyncio.run(work())


def test_nothing_is_parked(frontdesk: CommandLine) -> None:
    assert frontdesk("parked", "list").out == "Nothing is parked.\n"
    assert frontdesk("parked", "replay", "--all").out.startswith("0 to be handled again")


def test_look_replay_dismiss(frontdesk: CommandLine, sqlite_url: str) -> None:
    frontdesk("parked", "list")  # makes the database
    number = str(park_one(sqlite_url))
    listed = frontdesk("parked", "list")
    assert "ValueError" in listed.out
    assert "secret words" not in listed.out
    assert "text: secret words" in frontdesk("parked", "show", number).out
    assert frontdesk("parked", "replay", number, "--json").json == {"asked": 1}
    assert "(to be replayed)" in frontdesk("parked", "list").out
    assert frontdesk("parked", "dismiss", number).out == "Dismissed.\n"
    assert frontdesk("parked", "list", "--json").json == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("replay",), "name one update"),
        (("replay", "3", "--all"), "name one update"),
        (("replay", "3"), "there is no parked update 3"),
        (("dismiss", "3"), "there is no parked update 3"),
        (("show", "x"), "Invalid value"),
    ],
)
def test_bad_input_to_parked(frontdesk: CommandLine, words: tuple[str, ...], told: str) -> None:
    done = frontdesk("parked", *words)
    assert (done.status, done.out) == (2, "")
    assert told in done.err
