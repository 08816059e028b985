"""Several faults one after the other on one running program, which is what CI has time for."""

import random
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.faults.catalogue import FAULTS
from benchmarks.faults.customers import Customers, rest
from benchmarks.faults.judging import Judged, judge
from benchmarks.faults.machine_faults import by_name
from benchmarks.faults.program import TOKEN, running
from benchmarks.faults.scene import Fault, Scene
from benchmarks.faults.store_faults import full_disk
from benchmarks.faults.trial import Seen, is_discreet, live, shortcomings
from benchmarks.shop import prepare
from tests.botapi.server import BotApiServer

SECONDS: Mapping[str, float] = {"locked": 3.5, "disk_full": 3, "names_lost": 2.5, "stopped": 3, "clock": 2.5}
BEFORE_S, AFTER_S = 0.5, 0.3


@dataclass(frozen=True)
class Row:
    """What came of all of them together."""

    seen: dict[str, Seen]
    judged: Judged
    failed: dict[str, list[str]]


async def try_in_a_row(names: Sequence[str] = tuple(SECONDS), seed: int = 1) -> Row:
    """The faults that the shim can make, and those that need nothing; raises Impossible without a C compiler."""
    with tempfile.TemporaryDirectory(prefix="faults-") as folder, by_name(Path(folder)) as around:
        await prepare(around.database_url)
        async with BotApiServer(token=TOKEN, checks=False, records=False) as api:
            customers = Customers(api, random.Random(seed))
            url = api.base_url.replace("127.0.0.1", "localhost")
            settings = {"database_url": around.database_url, "telegram_base_url": url}
            seen: dict[str, Seen] = {}
            async with running(around.folder, api, extra=around.environment, settings=settings) as program:
                for name in names:
                    scene = Scene(around, program, customers, SECONDS[name])
                    seen[name] = await live(_fault(name), scene, BEFORE_S, AFTER_S)
                await rest(api)
                await program.stop()
            judged = await judge(api, customers.written, around.database_url)
        tells_little = is_discreet(program)
    told = {name: shortcomings(FAULTS[name], seen[name], judged, tells_little) for name in names}
    return Row(seen, judged, {name: wrong for name, wrong in told.items() if wrong})


def _fault(name: str) -> Fault:
    fault = FAULTS[name]
    return replace(fault, breaks=full_disk) if name == "disk_full" else fault
