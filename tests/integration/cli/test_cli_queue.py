"""`frontdesk queue replay`."""

import asyncio
import json
from datetime import timedelta

from bot.clock import system_clock
from crm_store import queue, staff
from crm_store.engine import open_store
from crm_store.staff import Role
from tests.admin_world import conversation
from tests.commandline import CommandLine


def serve_two(database_url: str) -> None:
    """Two who came an hour ago and were taken one after the other."""

    async def work() -> None:
        store = open_store(database_url)
        before = system_clock() - timedelta(hours=1)
        try:
            for n in range(2):
                await conversation(store, before + timedelta(minutes=n))
            async with store.write() as session:
                agent = await staff.create_agent(session, name="Ann", role=Role.AGENT, now=before)
                for minutes in (10, 20):
                    await queue.take_next(session, agent, now=before + timedelta(minutes=minutes))
        finally:
            await store.close()

    asyncio.run(work())


def test_nobody_was_handed_over(frontdesk: CommandLine) -> None:
    assert (
        frontdesk("queue", "replay", "--policy", "first_come").out == "Nobody was handed over in this time.\n"
    )


def test_a_replay_in_words_and_for_programs(frontdesk: CommandLine, sqlite_url: str) -> None:
    frontdesk("queue", "replay", "--policy", "first_come")
    serve_two(sqlite_url)
    told = frontdesk("queue", "replay", "--policy", "priority 2").out
    assert "as it was" in told
    assert "It changes for 0 of 2" in told
    found = json.loads(frontdesk("queue", "replay", "--policy", "first_come", "--json").out)
    assert (found["stored"]["waited"], found["stored"]["median"]) == (2, 870.0)


def test_what_cannot_be_is_said(frontdesk: CommandLine) -> None:
    refused = frontdesk("queue", "replay", "--policy", "speed 2")
    assert (refused.status, "first_come" in refused.err) == (2, True)
    wrong = frontdesk(
        "queue", "replay", "--policy", "present", "--since", "2026-02-02", "--until", "2026-02-01"
    )
    assert (wrong.status, "must lie before" in wrong.err) == (2, True)


def test_a_policy_is_shown_put_in_force_and_put_back(frontdesk: CommandLine) -> None:
    def told(*options: str) -> dict[str, str | None]:
        found: dict[str, str | None] = json.loads(frontdesk("queue", "policy", *options, "--json").out)
        return found

    assert told() == {"policy": "standard", "changed_by": None, "changed_at": None, "previous": None}
    assert "before it" in frontdesk("queue", "policy", "--back").err
    put = told("--use", "priority 2, mood 0")
    assert (put["policy"], put["previous"], put["changed_by"]) == (
        "priority 2, mood 0",
        "standard",
        "command line",
    )
    assert told() == put
    assert told("--back")["policy"] == "standard"
    assert "by this policy already" in frontdesk("queue", "policy", "--use", "standard").err
    assert "'speed 2' is no factor" in frontdesk("queue", "policy", "--use", "speed 2").err
