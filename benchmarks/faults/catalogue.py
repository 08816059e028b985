"""All faults by name."""

from benchmarks.faults.machine_faults import by_name, clock_jumps, names_lost, stopped
from benchmarks.faults.network_faults import away, half_open, slow
from benchmarks.faults.scene import Fault, over_a_line, shimmed
from benchmarks.faults.store_faults import (
    full_disk,
    locked,
    on_postgres,
    restarting,
    small_disk,
    write_protected,
)

FAULTS: dict[str, Fault] = {
    "locked": Fault("another program holds the database's lock", locked, 30, 6, has_sign=True),
    "disk_full": Fault("no room on the disk", full_disk, 30, 4, small_disk, has_sign=True),
    "read_only": Fault("the disk turns read-only", write_protected, 30, 4, shimmed, has_sign=True),
    "postgres_restarts": Fault(
        "PostgreSQL is restarted over and over", restarting(100, 2.0), 200, 10, on_postgres, extra_lines=800
    ),
    "clock": Fault(
        "the clock is set a day ahead, a day behind, and back", clock_jumps, 30, 5, shimmed, is_seen=False,
        is_served=True,
    ),
    "stopped": Fault("the process stands still (SIGSTOP)", stopped, 30, 5),
    "names_lost": Fault("no name is resolved", names_lost, 30, 5, by_name, is_served=True),
    "telegram_away": Fault("nobody listens where Telegram was", away, 60, 5, is_served=True),
    "telegram_slow": Fault(
        "Telegram answers after 5 to 30 seconds", slow, 60, 4, is_seen=False, is_served=True, doubles=True,
        bound_s=40,
    ),
    "half_open": Fault(
        "lines are open and say nothing", half_open, 60, 4, over_a_line, is_seen=False, is_served=True,
        doubles=True, bound_s=70,
    ),
}  # fmt: skip
