"""This process among those that work on one PostgreSQL database: who lives, who leads, and what the others signal.

One connection says all of it. It holds an advisory lock on this process's number, so that the others see by the
server's own table of locks that the process lives; it holds the lock of each task that only one process may do at a
time; and it listens for NOTIFY. When the process dies the server frees the locks at once. When it only falls silent
(stopped, or cut off from the network) the server ends the session after `FORGOTTEN_S`, and before that, after
`TRUST_S` without an answer, the process itself knows that it must not go on. SQLite has one server process, which
owns the file: `ALONE`.
"""

import asyncio
import os
import random
import time
import zlib
from collections.abc import Callable, Coroutine, Iterable
from contextlib import suppress
from typing import Any

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection

from crm_store.signals import Signals, Topic

log = structlog.get_logger(__name__)
HEARTBEAT_S = 0.5
TRUST_S = 3.0
"""So long after the beginning of the last heartbeat that was answered a process is sure of its locks."""
FORGOTTEN_S = 4.0
"""After so long without a word the server ends the session, and with it its locks (idle_session_timeout)."""
ANSWER_WITHIN_S, CONNECT_AGAIN_S = 2.5, 0.25
SIGNALS_CHANNEL = "frontdesk"
NEWS_CHANNEL = "frontdesk_news"
NEWS_AT_ONCE = 500
"""Row numbers in one notification, of less than 8,000 bytes."""
_PROCESSES, _TASKS = 0x66646B01, 0x66646B02  # any numbers, the same in every Frontdesk process
_TRY = "SELECT k, pg_try_advisory_lock($1, k) FROM unnest($2::int[]) AS k"
_HERE = """locktype = 'advisory' AND objsubid = 2 AND granted
 AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
_LIVING = f"SELECT objid::int FROM pg_locks WHERE classid = {_PROCESSES} AND {_HERE}"  # noqa: S608
_END_MY_OLD_SESSION = f"""SELECT pg_terminate_backend(pid) FROM pg_locks
 WHERE classid = {_PROCESSES} AND objid = $1 AND pid <> pg_backend_pid() AND {_HERE}"""  # noqa: S608
_LEADER = f"""SELECT application_name FROM pg_stat_activity JOIN (SELECT pid FROM pg_locks
 WHERE classid = {_TASKS} AND objid = :key AND {_HERE}) AS holding USING (pid)"""  # noqa: S608
KEEPALIVE = {
    "tcp_keepalives_idle": "4",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "2",
    "tcp_user_timeout": "8000",
    "client_connection_check_interval": "2000",
}
"""How soon the server notices that the other end of a connection is gone; needs PostgreSQL 14."""

Hear = Callable[[list[int] | None], None]


class Alone:
    """The one server of a store: all of it is its own."""

    number: int | None = None
    """How the others know this process; None where there are no others."""
    departures = 0
    """Grows whenever a process has gone."""
    is_successor = False
    """Whether another process may have led what this one leads."""

    @property
    def is_here(self) -> bool:
        """Whether the others are sure to count on this process."""
        return True

    def seek(self, task: str) -> None:
        """Wish to lead a task."""

    async def until_here(self) -> None:
        """Returns once the others can see this process, or the database does not answer."""

    def leads(self, task: str) -> bool:
        """Whether this process may do the task now."""
        return True

    async def ask_now(self) -> None:
        """Returns once what is sought has been asked for."""

    async def until_leads(self, task: str) -> None:
        """Returns once this process leads the task."""

    async def until_lost(self, task: str) -> None:
        """Returns once it does so no more."""
        await asyncio.Event().wait()

    async def run(self) -> None:
        """Nobody need be told."""
        await asyncio.Event().wait()


ALONE = Alone()


class Presence(Alone):
    """A process among others."""

    def __init__(self, url: URL, signals: Signals, *, steady: Callable[[], float] = time.monotonic) -> None:
        self._dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._signals, self._steady = signals, steady
        self.number = random.SystemRandom().randrange(1, 2**31)
        self._sought: dict[int, str] = {}
        self._granted: set[str] = set()
        self._led: set[str] = set()
        self._heard_at: float | None = None
        self._living: frozenset[int] = frozenset()
        self._changed = asyncio.Event()
        self._connection: Any = None
        self._line = asyncio.Lock()
        self._hearers: list[Hear] = []

    @property
    def is_here(self) -> bool:
        return self._heard_at is not None and self._steady() - self._heard_at < TRUST_S

    def seek(self, task: str) -> None:
        """Lead this task as soon as nobody else does."""
        self._sought[_key(task)] = task

    def leads(self, task: str) -> bool:
        """Whether no other process can be doing the task now."""
        return task in self._led and self.is_here

    def hear(self, hear: Hear) -> None:
        """Let `hear` have the row numbers that any process tells; None when some may have been missed."""
        self._hearers.append(hear)

    async def tell(self, numbers: Iterable[int]) -> None:
        """Tell all processes, this one included; raises ConnectionError when that is not possible now."""
        some = list(numbers)
        try:
            for start in range(0, len(some), NEWS_AT_ONCE):
                told = ",".join(map(str, some[start : start + NEWS_AT_ONCE]))
                await self._ask("SELECT pg_notify($1, $2)", NEWS_CHANNEL, told)
        except _errors() as error:
            raise ConnectionError("the other processes cannot be told now") from error

    async def ask_now(self) -> None:
        with suppress(*_errors()):
            await self._beat()
            if self._granted - self._led:
                await asyncio.sleep(HEARTBEAT_S)
                await self._beat()

    async def until_here(self) -> None:
        until = self._steady() + ANSWER_WITHIN_S
        while not self.is_here and self._steady() < until:
            await self._until_changed()

    async def until_leads(self, task: str) -> None:
        while not self.leads(task):
            await self._until_changed()

    async def until_lost(self, task: str) -> None:
        while self.leads(task):
            await self._until_changed()

    async def _until_changed(self) -> None:
        changed = self._changed
        with suppress(TimeoutError):  # trust runs out without any event
            async with asyncio.timeout(HEARTBEAT_S):
                await changed.wait()

    async def run(self) -> None:
        """Be there, and come back after every loss, until cancelled."""
        while True:
            try:
                await self._live()
            except Exception as error:  # the driver knows more errors for a cut line than it tells
                if not isinstance(error, _errors()):
                    log.exception("the line to the database is cut; trying again")
                elif self._heard_at is not None:  # once, not at each try
                    log.warning("the line to the database is cut; trying again", error=type(error).__name__)
            finally:
                self._leave()
            await asyncio.sleep(CONNECT_AGAIN_S)

    async def _live(self) -> None:
        """One session, from its opening to its loss, which raises."""
        import asyncpg

        settings = {"application_name": f"frontdesk process {os.getpid()}", **KEEPALIVE}
        settings["idle_session_timeout"] = str(int(FORGOTTEN_S * 1000))
        self._connection = connection = await asyncpg.connect(
            self._dsn, timeout=ANSWER_WITHIN_S, command_timeout=ANSWER_WITHIN_S, server_settings=settings
        )
        if not await self._take([_PROCESSES, [self.number]]):
            # A session of ours that the network lost; the server would wait longer for it than we need to.
            await connection.execute(_END_MY_OLD_SESSION, self.number)
            raise ConnectionError("an old session of this process is being ended")
        await connection.add_listener(SIGNALS_CHANNEL, self._on_signal)
        await connection.add_listener(NEWS_CHANNEL, self._on_news)
        await self._beat()
        self._signals.wake(Topic)  # what was signalled while nobody listened
        self._spread(None)
        while True:
            await asyncio.sleep(HEARTBEAT_S)
            await self._beat()

    async def _take(self, arguments: list[Any]) -> set[int]:
        return {key for key, is_taken in await self._ask(_TRY, *arguments, many=True) if is_taken}

    async def _beat(self) -> None:
        began = self._steady()
        confirmed = frozenset(self._granted)
        missing = [key for key, task in self._sought.items() if task not in self._granted]
        taken = await self._take([_TASKS, missing]) if missing else set()
        living = frozenset(row[0] for row in await self._ask(_LIVING, many=True))
        self._granted |= {self._sought[key] for key in taken}
        # Who led before may learn of their loss only now: the lock is trusted a heartbeat later. They need not live
        # any more by the server's table, which forgets at once whose line is cut.
        self.is_successor |= bool(taken and (living | self._living) - {self.number})
        leads = confirmed if self.is_successor else frozenset(self._granted)
        begun, self._led, self._heard_at = leads - self._led, set(leads), began
        if self._living - living:
            self.departures += 1
            self._signals.wake([Topic.OUTBOX])
        self._living = living
        if begun:
            log.info("this process leads now", tasks=sorted(begun))
            self._signals.wake([Topic.OUTBOX, Topic.DESK])
        self._announce_change()

    async def _ask(self, query: str, *arguments: Any, many: bool = False) -> Any:
        # One question at a time: heartbeats and news share the connection.
        async with asyncio.timeout(ANSWER_WITHIN_S), self._line:
            if self._connection is None:
                raise ConnectionError("there is no line to the database")
            ask = self._connection.fetch if many else self._connection.execute
            return await ask(query, *arguments)

    def _leave(self) -> None:
        connection, self._connection = self._connection, None
        self._heard_at, self.is_successor = None, True
        self._granted.clear()
        self._led.clear()
        if connection is not None:
            connection.terminate()
        self._announce_change()

    def _announce_change(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _on_signal(self, _connection: Any, _pid: int, _channel: str, topic: Any) -> None:
        self._signals.take(str(topic))

    def _on_news(self, _connection: Any, _pid: int, _channel: str, told: Any) -> None:
        self._spread([int(number) for number in str(told).split(",") if number])

    def _spread(self, numbers: list[int] | None) -> None:
        for hear in self._hearers:
            hear(numbers)


def living(connection: Connection) -> frozenset[int]:
    """The numbers of the processes that hold their lock at this moment."""
    return frozenset(number for (number,) in connection.execute(text(_LIVING)))


async def leader(connection: AsyncConnection, task: str) -> str | None:
    """What the leader of the task calls itself in PostgreSQL's list of sessions, or None."""
    found: str | None = await connection.scalar(text(_LEADER), {"key": _key(task)})
    return found


async def while_leading(presence: Alone, task: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Do the work whenever, and only as long as, this process leads the task; until cancelled."""
    presence.seek(task)
    while True:
        await presence.until_leads(task)
        doing, losing = asyncio.create_task(work()), asyncio.create_task(presence.until_lost(task))
        try:
            await asyncio.wait((doing, losing), return_when=asyncio.FIRST_COMPLETED)
            if doing.done():
                doing.result()  # it ended by itself: its error, or the end of the whole
                return
            log.warning("another process may lead now; this one pauses", task=task)
        finally:
            for one in (doing, losing):
                one.cancel()
            await asyncio.wait((doing, losing))


def _key(task: str) -> int:
    return zlib.crc32(task.encode()) & 0x7FFFFFFF


def _errors() -> tuple[type[Exception], ...]:
    """What a lost connection raises; the driver is imported only where there is PostgreSQL."""
    import asyncpg

    return (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
