"""A morning of the whole program: 3 agents, 200 customers, two channels, two desks, two languages.

`frontdesk run --sample` is started as its user does. Customers come in Telegram (its Bot API server stands in this
process) and in the web chat, ask the sample shop's questions, choose, rate answers, ask for a person, talk with them
in words, photos and edits, cancel, block the bot, give stars. One agent works in the Telegram staff group, two at the
web desk in pages of a real Chromium. When everybody has gone, the store (by plain SQL) is held against what each side
did and what it saw arrive, and the report of the API against the same figures computed by SQL from the stored events.

    python -m benchmarks.morning [--customers 200] [--minutes M] [--seed N] [--screenshots DIR] [--json]

`lost`, `twice`, `out_of_order`: messages of either side, at the other side, in the store, or at a desk. `stranded`:
who was neither served nor told why not. `different_figures`: of the report. `complaints`: of the desk's pages
(errors, broken policies). `violations`: requests that the Bot API does not allow. `troubles`: what an agent's
program had to do again, for whoever looks for the cause.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from benchmarks.bars import command_line, none_of, tell
from benchmarks.morning.trial import run

BARS = none_of(
    "lost", "twice", "out_of_order", "stranded", "different_figures", "complaints", "violations", "unsettled"
)


def main() -> int:
    """The command."""
    parser = command_line(__doc__)
    parser.add_argument("--customers", type=int, default=200)
    parser.add_argument(
        "--minutes", type=float, help="over which they come; a minute for each 100 unless told"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--screenshots", type=Path, help="a folder for pictures of the desk's pages")
    asked = parser.parse_args()
    if asked.screenshots is not None:
        asked.screenshots.mkdir(parents=True, exist_ok=True)
    minutes = asked.minutes if asked.minutes is not None else asked.customers / 100
    with tempfile.TemporaryDirectory() as folder:
        morning = asyncio.run(
            run(Path(folder), asked.customers, minutes * 60, asked.seed, pictures=asked.screenshots)
        )
    for kind, what in morning.breaks:
        print(f"{kind}: {what}", file=sys.stderr)
    return tell(morning.figures, BARS, as_json=asked.json)


if __name__ == "__main__":
    sys.exit(main())
