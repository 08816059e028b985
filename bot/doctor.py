# ruff: noqa: E501 (the table of findings reads best a row a line)
"""`frontdesk doctor`: looks at everything a server needs, and says how to mend what it finds."""

import errno
import socket
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Protocol

from bot.findings import Finding, Level
from bot.settings import BotSettings
from crm_store import health, schema, watching
from crm_store.desk_load import Failing
from crm_store.engine import Store, open_store, parse_url
from crm_store.errors import StoreError, StoreUnusable
from crm_store.ownership import FileOwnership
from crm_store.settings import Settings, StoreSettings
from crm_store.sqlite_files import path_of, room

PREFIX = "FRONTDESK_"
TESTS = "FRONTDESK_TEST_"
"""What the tests are told this way is no setting."""


class Ports(Protocol):
    """Where the staff's side listens."""

    @property
    def staff_host(self) -> str:
        """The address."""
        ...

    @property
    def staff_port(self) -> int:
        """The port."""
        ...


def check_port(host: str, port: int, setting: str) -> Finding:
    """Whether a server could listen there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                mend = f"fine if that is Frontdesk itself; else stop the other program or set {setting}"
                return Finding(Level.WARNING, f"port {port} on {host} is in use", mend)
            return Finding(Level.ERROR, f"cannot listen on {host}:{port}: {error.strerror}", f"set {setting}")
    return Finding(Level.OK, f"port {port} on {host} is free")


def check_ownership(settings: StoreSettings) -> Finding | None:
    """Whether a server already has the SQLite file; None on PostgreSQL. Raises InvalidValue for a wrong address."""
    url = parse_url(settings.database_url)
    if url.get_backend_name() != "sqlite":
        return None
    path = Path(url.database or "")
    mend = "create it with the right for this user to write in it, or set FRONTDESK_DATABASE_URL"
    if not path.parent.is_dir():
        return Finding(Level.ERROR, f"the folder {path.parent} does not exist", mend)
    ownership = FileOwnership(path)
    try:
        ownership.acquire()
    except StoreUnusable as error:
        if ownership.is_taken():
            return Finding(Level.OK, str(error).split(";")[0])
        return Finding(Level.ERROR, *str(error).split("; ", 1))
    except OSError as error:
        return Finding(Level.ERROR, f"the folder {path.parent} cannot be written: {error.strerror}", mend)
    ownership.release()
    return Finding(Level.OK, "no server is running on this database file")


def check_room(settings: StoreSettings) -> list[Finding]:
    """Whether an SQLite file can still grow."""
    url = parse_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or (left := room(path_of(url))) >= watching.LEAST_ROOM:
        return []
    what = f"the database's disk is full but for {left >> 10} KB"
    return [Finding(Level.ERROR, what, "make room; until then what customers write waits at Telegram")]


async def check_store(store: Store) -> list[Finding]:
    """The database's soundness and what lies about in it."""
    async with store.read() as session:
        state = await health.state(session)
    found = [
        Finding(
            Level.OK,
            f"the database answers: {state.customers} customers, {state.conversations} conversations",
        )
    ]
    table = (
        (not state.is_sound, Level.ERROR, "the database fails its integrity check", "restore a backup: frontdesk db restore FILE"),
        (state.articles == 0, Level.WARNING, "the knowledge base is empty", "frontdesk kb sample shop, or kb import FILE"),
        (state.admins == 0, Level.WARNING, "nobody can sign in as admin", "frontdesk staff create --role admin --name NAME"),
        (state.parked > 0, Level.WARNING, f"{state.parked} updates could not be handled", "frontdesk parked list shows why, parked replay ID tries again"),
        (state.failed_timers > 0, Level.WARNING, f"{state.failed_timers} things that were due could not be done", "they are tried again for two hours; the log says why: a timer failed"),
        (state.dead > 0, Level.WARNING, f"{state.dead} messages could not be delivered", "the desk shows them in their conversations"),
        (state.unsent > 500, Level.WARNING, f"{state.unsent} messages wait to be sent", "is the bot running, the platform up?"),
    )  # fmt: skip
    scored = f"{state.scored_at:%Y-%m-%d %H:%M} UTC" if state.scored_at else "never yet"
    found.append(Finding(Level.OK, f"all customers were scored last: {scored}"))
    found += [Finding(level, what, mend) for wrong, level, what, mend in table if wrong]
    return found + ([_told_of(state.failing_posts)] if state.failing_posts else [])


def _told_of(failing: Failing) -> Finding:
    """Posts that the staff's chats do not take, since when, and why."""
    posts = "1 post" if failing.count == 1 else f"{failing.count} posts"
    what = f"{posts} to the staff group failed, the oldest is of {failing.since:%Y-%m-%d %H:%M} UTC: {failing.error}"
    return Finding(Level.ERROR, what, "they are tried again; meanwhile agents see everybody at the web desk")


def check_settings(settings: BotSettings) -> list[Finding]:
    """Settings that do not fit together."""
    found = []
    if settings.telegram_token is None:
        found.append(
            Finding(
                Level.WARNING, "Telegram is off", "set FRONTDESK_TELEGRAM_TOKEN to the token from @BotFather"
            )
        )
    if settings.webhook_url and not settings.webhook_secret:
        found.append(Finding(Level.ERROR, "a webhook needs a secret", "set FRONTDESK_WEBHOOK_SECRET"))
    if settings.webhook_url and not settings.webhook_url.startswith("https://"):
        found.append(
            Finding(
                Level.WARNING,
                "Telegram calls https addresses only",
                "set FRONTDESK_WEBHOOK_URL to https://...",
            )
        )
    return found


def check_names(environment: Iterable[str], kinds: Collection[type[Settings]]) -> list[Finding]:
    """Variables that look like settings and are none, as after a slip of the pen."""
    known = [f"{PREFIX}{name.upper()}" for kind in kinds for name in kind.model_fields]
    found = []
    for name in sorted(environment):
        if name.startswith(PREFIX) and not name.startswith(TESTS) and name not in known:
            near = get_close_matches(name, known, 1)
            mend = f"did you mean {near[0]}?" if near else "README has the list of settings; remove it"
            found.append(Finding(Level.WARNING, f"{name} is no setting, so it does nothing", mend))
    return found


async def examine(settings: BotSettings, stored: StoreSettings, admin: Ports) -> list[Finding]:
    """Everything, in the order a server needs it; nothing is changed."""
    found = check_settings(settings) + await _check_database(stored)
    found.append(check_port(settings.public_host, settings.public_port, "FRONTDESK_PUBLIC_PORT"))
    found.append(check_port(admin.staff_host, admin.staff_port, "FRONTDESK_STAFF_PORT"))
    if settings.telegram_token is not None:
        from bot.channels.telegram.doctor import check_telegram  # slow to import, and not all have a token

        found += await check_telegram(settings)
    return found


async def _check_database(stored: StoreSettings) -> list[Finding]:
    found: list[Finding] = []
    try:
        if (ownership := check_ownership(stored)) is not None:
            found.append(ownership)
            if ownership.level is Level.ERROR:
                return found
        found += check_room(stored)
        found += await _look_into(stored)
    except StoreError as error:
        found.append(Finding(Level.ERROR, str(error)))
    return found


async def _look_into(stored: StoreSettings) -> list[Finding]:
    url = parse_url(stored.database_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():  # noqa: ASYNC240 (one look, no server runs yet)
        return [Finding(Level.OK, "there is no database yet; the first start makes it")]
    revision = await schema.revision_of(stored.database_url)
    if revision is None:
        return [Finding(Level.OK, "the database is empty yet; the first start fills it")]
    if revision != schema.head():
        told = f"the database has schema {revision}; the next start brings it to {schema.head()}, a file after a backup"
        return [Finding(Level.OK, told)]
    store = open_store(stored.database_url)
    try:
        with schema.clear_errors(url):
            return await check_store(store)
    finally:
        await store.close()
