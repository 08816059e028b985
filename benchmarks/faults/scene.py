"""What a fault is tried on: the running program with its customers, and what the fault needs around it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.faults.customers import Customers
from benchmarks.faults.line import Line
from benchmarks.faults.program import Program
from benchmarks.faults.shim import Shim
from tests.postgres_server import PostgresServer


@dataclass
class Surroundings:
    """Where the program runs: its folder, its database, variables of its environment, settings."""

    folder: Path
    database_url: str
    environment: dict[str, str] = field(default_factory=dict)
    settings: dict[str, str] = field(default_factory=dict)
    shim: Shim | None = None
    postgres: PostgresServer | None = None
    way: str = "direct"
    """To the Bot API server: direct, by name, or over a line that can freeze."""


@dataclass
class Scene:
    """The running program. `counts` is what a fault wants told of itself."""

    around: Surroundings
    program: Program
    trial: Customers
    seconds: float
    line: Line | None = None
    counts: dict[str, float] = field(default_factory=dict)


@contextmanager
def plain(folder: Path) -> Iterator[Surroundings]:
    """An SQLite file in the folder."""
    yield Surroundings(folder, f"sqlite:///{folder / 'frontdesk.db'}")


@contextmanager
def over_a_line(folder: Path) -> Iterator[Surroundings]:
    """The Bot API server is reached over a line that can freeze."""
    yield Surroundings(folder, f"sqlite:///{folder / 'frontdesk.db'}", way="line")


@contextmanager
def shimmed(folder: Path) -> Iterator[Surroundings]:
    """The same, under the library that breaks things; raises Impossible where it cannot be compiled."""
    shim = Shim(folder)
    yield Surroundings(folder, f"sqlite:///{folder / 'frontdesk.db'}", shim.environment, shim=shim)


@dataclass(frozen=True)
class Fault:
    """One fault: `breaks` is on while it is entered, for `seconds` (`short_s` in CI).

    `is_seen`: readiness has to tell of it. `has_sign`: so has the web chat. `doubles`: what is slow or was not
    answered may come twice. `is_served`: web customers are answered while it lasts. `extra_lines`: of the log, for
    faults that are many.
    """

    what: str
    breaks: Callable[[Scene], AbstractAsyncContextManager[None]]
    seconds: float
    short_s: float
    around: Callable[[Path], AbstractContextManager[Surroundings]] = plain
    is_seen: bool = True
    has_sign: bool = False
    doubles: bool = False
    is_served: bool = False
    extra_lines: int = 0
    bound_s: float = 5.0
    """It is in order by itself within this after the fault."""
