"""A server as users start it: what it prints and serves, who is refused, how it ends."""

import re
import signal
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from docs.readme import README
from tests.commandline import CommandLine
from tests.server_process import Server, running, started

pytestmark = pytest.mark.timeout(300)  # several whole servers start in one test
NEWS = "text,article,answer\nis there a blue moon tonight,moon,The moon is blue tonight.\n"
OURS = "(delivery IS NOT NULL OR platform_id IS NOT NULL)"
"""Demo conversations have neither."""


def database(frontdesk: CommandLine) -> Path:
    return Path(frontdesk.settings["database_url"].removeprefix("sqlite:///"))


def count(frontdesk: CommandLine, condition: str) -> int:
    with closing(sqlite3.connect(database(frontdesk))) as connection:
        return int(connection.execute(f"SELECT count(*) FROM message WHERE {condition}").fetchone()[0])


def anonymous(announcement: str) -> str:
    """What a start prints, without its ports and its code."""
    return re.sub(r"sign-in#\w+", "sign-in#CODE", re.sub(r":\d+/", ":PORT/", announcement)).strip()


async def test_a_start_prints_what_readme_shows(frontdesk: CommandLine) -> None:
    shown = README.read_text("utf-8").split("You will see:")[1].split("```")[1].removeprefix("text")
    async with running(frontdesk, "run") as server:
        printed = server.said[server.said.index("Frontdesk is running.") :]
        assert anonymous(printed) == anonymous(shown)


async def test_a_first_start_serves_all_that_it_prints(frontdesk: CommandLine) -> None:
    async with running(frontdesk, "run", "--sample") as server:
        code = re.search(
            r"  First sign-in +(\S+)/sign-in#(\w{20,})\n +\(once, within 10 minutes", server.said
        )
        assert code is not None, server.said
        assert code.group(1) == server.staff
        assert await server.status_of(f"{server.staff}/readyz") == 200
        for url in (f"{server.public}/", f"{server.public}/healthz", f"{server.staff}/healthz",
                    server.address("API documentation"), f"{server.staff}/metrics"):  # fmt: skip
            assert await server.status_of(url) == 200, url
        async with server.session.post(
            f"{server.staff}/sign-in",
            data={"code": code.group(2), "back": "/"},
            headers={"Origin": server.staff},
            allow_redirects=False,
        ) as signed_in:
            assert signed_in.status == 303
            assert "Set-Cookie" in signed_in.headers
        visitor = await server.visitor()
        await visitor.hello(language="en")
        answer = await visitor.ask("how long does delivery take?")
        assert answer["author"] == "bot"
        assert "Standard delivery takes" in answer["text"]
        assert answer["question"]
        assert await server.stop() == 0
        assert "Traceback" not in server.said


async def test_once_somebody_signed_in_no_code_is_printed(frontdesk: CommandLine) -> None:
    async with running(frontdesk, "run", "--sample", log="first.log") as server:
        code = server.address("First sign-in").split("#")[1]
        data, origin = {"code": code, "back": "/"}, {"Origin": server.staff}
        for expected in (True, False):
            async with server.session.post(
                f"{server.staff}/sign-in", data=data, headers=origin, allow_redirects=False
            ) as response:
                assert (response.status == 303) is expected
    async with running(frontdesk, "run", "--sample", log="second.log") as again:
        assert "First sign-in" not in again.said
    assert frontdesk("kb", "list", "--json").json


async def test_an_import_by_another_process_is_live_within_two_seconds(frontdesk: CommandLine) -> None:
    async with running(frontdesk, "run", "--sample") as server:
        assert "blue tonight" not in await server.ask("is there a blue moon tonight")
        done = frontdesk.process("kb", "import", frontdesk.file("news.csv", NEWS))
        assert (done.status, "without a restart" in done.out) == (0, True)
        await server.until_said("articles=91")
        assert await server.ask("is there a blue moon tonight") == "The moon is blue tonight."
        assert "already serves this database file" in frontdesk("doctor").out


async def test_a_second_server_on_the_same_file_is_refused(frontdesk: CommandLine) -> None:
    async with running(frontdesk, "run") as server:
        for verb in ("run", "api", "bot"):
            second = frontdesk.process(verb, public_port="0", staff_port="0")
            assert (second.status, second.out) == (1, "")
            assert second.err == (
                f"frontdesk: another Frontdesk server (process {server.process.pid}) already serves this database "
                "file: use that one, or stop it first; on SQLite one 'frontdesk run' serves bot, desk and API "
                "together, and for several processes set FRONTDESK_DATABASE_URL to a PostgreSQL database (README, "
                "Growing)\n"
            )
        made = frontdesk.process("db", "backup", "--json")
        assert made.status == 0, "a backup may be made beside it"
        restored = frontdesk.process("db", "restore", made.json["path"], "--yes")
        assert (restored.status, "already serves this database file" in restored.err) == (1, True)
        assert await server.status_of(f"{server.staff}/readyz") == 200


@pytest.mark.parametrize("setting", ["public_port", "staff_port"])
async def test_a_port_in_use(frontdesk: CommandLine, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        async with started(frontdesk, "run", **{setting: port}) as server:
            assert await server.ended() == 1
            told = server.said.splitlines()[-1]
            assert f"frontdesk: cannot listen on 127.0.0.1:{port}" in told
            assert f"or set FRONTDESK_{setting.upper()} to another port" in told
            assert "Traceback" not in server.said
            assert "Frontdesk is running" not in server.said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_clean_end_leaves_nothing_half_done(frontdesk: CommandLine, number: signal.Signals) -> None:
    async with running(frontdesk, "run", "--sample") as server:
        visitor = await server.visitor()
        await visitor.hello(language="en")
        for _ in range(5):
            await visitor.say("how long does delivery take?")
        await visitor.next("accepted")
        assert await server.stop(number) == 0
        assert "Traceback" not in server.said
    assert count(frontdesk, "delivery = 'sending'") == 0
    with closing(sqlite3.connect(database(frontdesk))) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    taken = count(frontdesk, f"author = 'customer' AND {OURS}")
    assert count(frontdesk, f"author = 'bot' AND {OURS}") >= taken


async def test_a_signal_while_starting_ends_it_as_cleanly(frontdesk: CommandLine) -> None:
    frontdesk("kb", "sample", "payments")
    async with started(frontdesk, "run", "--sample") as server:
        while not database(frontdesk).with_name("frontdesk.db.lock").exists():
            assert server.process.returncode is None, server.said
        assert await server.stop() == 0
        assert "Traceback" not in server.said


async def test_a_start_after_a_kill_goes_on_where_it_was(frontdesk: CommandLine) -> None:
    async with running(frontdesk, "run", "--sample", log="first.log") as server:
        visitor = await server.visitor()
        token = (await visitor.hello(language="en"))["token"]
        answer = await visitor.ask("how long does delivery take?")
        await visitor.taken("how can I pay?")
        assert await server.stop(signal.SIGKILL) == -signal.SIGKILL
    async with running(frontdesk, "run", "--sample", log="second.log") as again:
        assert "Traceback" not in again.said
        history = await _settled_history(again, token)
        told = [(line["author"], line["text"]) for line in history]
        assert told.count(("customer", "how long does delivery take?")) == 1
        assert told.count(("bot", answer["text"])) == 1
        assert told.count(("customer", "how can I pay?")) == 1
        assert told[-1][0] == "bot"


async def _settled_history(server: Server, token: str) -> list[dict[str, str]]:
    while True:
        visitor = await server.visitor()
        history: list[dict[str, str]] = (await visitor.hello(token=token))["history"]
        if history[-1]["author"] == "bot":
            return history


async def test_bot_and_api_are_two_processes_on_postgres(frontdesk: CommandLine, postgres_url: str) -> None:
    shop = CommandLine(frontdesk.folder, {"database_url": postgres_url})
    assert shop("kb", "sample", "shop").status == 0
    key = shop("keys", "create", "--role", "admin", "--name", "test", "--json").json["key"]
    async with running(shop, "bot", log="bot.log") as bot, running(shop, "api", log="api.log") as api:
        assert "Staff" not in bot.said
        assert "web chat" not in api.said
        assert await api.status_of(f"{api.staff}/readyz") == 200
        assert "Standard delivery" in await bot.ask("how long does delivery take?")
        headers = {"Authorization": f"Bearer {key}"}
        async with api.session.get(f"{api.staff}/api/v1/conversations", headers=headers) as response:
            assert (response.status, len((await response.json())["items"])) == (200, 1)
        shop("kb", "import", shop.file("news.csv", NEWS))
        for server in (bot, api):
            await server.until_said("articles=91")
        assert await bot.ask("is there a blue moon tonight") == "The moon is blue tonight."
        assert (await bot.stop(), await api.stop()) == (0, 0)
