"""A bot killed at random moments, over and over, while customers and staff are at work and the network misbehaves.

The Bot API server stands in this process; the bot is a process of its own, ended by SIGKILL and started again. Forty
customers ask 300 questions a second, others are handed over to an agent, rate, edit, and talk in the web chat;
429, 502, lost answers and time-outs after delivery are mixed in, and updates come twice. In the end everything is
let come to rest, and the store (by plain SQL) and what the server saw arrive are held against what was done.

    python -m benchmarks.kill9 --cycles 100 [--database-url URL | --postgres] [--seed N] [--json]

`lost`: words without a row, rows that never arrived, effects that are missing. `given_up`: what failed twice without
saying whether it arrived (a request for stars: once), and is not sent again. `duplicated`: rows and effects too many,
and what must not come twice and did. `out_of_order`: rows or deliveries of a chat in another order than it was
written in. `extra_deliveries`: what arrived again because a kill came between its arrival and the note of it; what
an ordered fault had left in doubt is counted apart, and anything else (`extra_without_cause`) is a break.
"""

import sys

from benchmarks.bars import Bar
from benchmarks.kills.command import SOUND, main

BARS = (
    *SOUND,
    Bar("extra_per_cycle", at_most=1),
    Bar("most_extras_of_a_chat_in_a_life", at_most=1),
)

if __name__ == "__main__":
    sys.exit(main(__doc__, "--cycles", "kill", BARS))
